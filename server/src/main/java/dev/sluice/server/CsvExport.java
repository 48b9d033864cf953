package dev.sluice.server;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.imports.BookedQuery;
import dev.sluice.imports.Imports;
import dev.sluice.imports.OwnTable;
import dev.sluice.wire.ContentDisposition;
import dev.sluice.wire.TableRowsCsv;
import dev.sluice.wire.TransactionsCsv;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All transactions that a query asks for, or all rows of a table, as one CSV: read a page at a time and written in
/// between, so that a client that takes its time keeps no reader of the database.
final class CsvExport {
    private static final Logger log = LoggerFactory.getLogger(CsvExport.class);
    private static final int AT_A_TIME = 16;
    private static final int BUFFER = 64 << 10;

    private final Imports imports;
    private final ImportFilter filter;
    private final Semaphore places = new Semaphore(AT_A_TIME);

    CsvExport(Imports imports, ImportFilter filter) {
        this.imports = imports;
        this.filter = filter;
    }

    /// One export: its name, and its lines.
    private interface Lines {
        String filename();

        void write(Writer out) throws IOException;
    }

    /// Whether transactions or rows are asked for as CSV.
    static boolean isAsked(Request request, String path) {
        boolean known = path.equals(TransactionRoutes.PATH) || TableRoutes.nameOfRows(path) != null;
        if (!known || !HttpMethod.GET.is(request.getMethod())) {
            return false;
        }
        return ImportFilter.wantsCsv(
                Request.extractQueryParameters(request).getValue("format"),
                request.getHeaders().get(HttpHeader.ACCEPT));
    }

    void handle(Request request, String path, Response response, Callback callback) {
        Lines lines = lines(request, path, Request.extractQueryParameters(request));
        if (!places.tryAcquire()) {
            throw new ProblemException(
                    ErrorCode.OUT_OF_SLOTS, AT_A_TIME + " exports are on their way already; try again in a moment");
        }
        try {
            write(lines, response);
            callback.succeeded();
        } catch (IOException | UncheckedIOException e) {
            log.debug("the client has not taken all of an export", e);
            callback.failed(e);
        } catch (RuntimeException e) {
            if (!response.isCommitted()) {
                throw e;
            }
            log.error("an export broke off", e);
            callback.failed(e);
        } finally {
            places.release();
        }
    }

    private Lines lines(Request request, String path, Fields query) {
        String name = TableRoutes.nameOfRows(path);
        return name == null
                ? transactions(filter.transactions(request, query::getValue))
                : rows(request, Access.meant(request, query.getValue("owner")), name, query.getValue("import"));
    }

    private Lines transactions(BookedQuery asked) {
        return new Lines() {
            @Override
            public String filename() {
                return "transactions.csv";
            }

            @Override
            public void write(Writer out) throws IOException {
                var csv = new TransactionsCsv();
                out.write(TransactionsCsv.HEAD);
                imports.transactions().each(asked, row -> append(out, csv.line(row)));
            }
        };
    }

    private Lines rows(Request request, Owner owner, String name, @Nullable String id) {
        return rows(imports.tables().existing(owner.name(), name), filter.imports(request, owner, id));
    }

    private Lines rows(OwnTable table, @Nullable List<Long> of) {
        return new Lines() {
            @Override
            public String filename() {
                return table.name() + ".csv";
            }

            @Override
            public void write(Writer out) throws IOException {
                var csv = new TableRowsCsv();
                out.write(csv.head(table));
                imports.tables().each(table, of, row -> append(out, csv.line(row)));
            }
        };
    }

    private static void write(Lines lines, Response response) throws IOException {
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, TransactionsCsv.MEDIA_TYPE);
        response.getHeaders().put("Content-Disposition", ContentDisposition.attachment(lines.filename()));
        response.getHeaders().put(HttpHeader.VARY, "Accept");
        try (var out = new BufferedWriter(
                new OutputStreamWriter(Content.Sink.asOutputStream(response), StandardCharsets.UTF_8), BUFFER)) {
            lines.write(out);
        }
    }

    private static void append(Writer out, String line) {
        try {
            out.write(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
