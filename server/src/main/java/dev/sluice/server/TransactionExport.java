package dev.sluice.server;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.imports.BookedQuery;
import dev.sluice.imports.Transactions;
import dev.sluice.wire.ContentDisposition;
import dev.sluice.wire.TransactionsCsv;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All transactions that a query asks for as one CSV, written while they are read. Each export keeps a reader of the
/// database until its client has taken all of it; so there are few at a time.
final class TransactionExport {
    private static final Logger log = LoggerFactory.getLogger(TransactionExport.class);
    private static final int AT_A_TIME = 2;
    private static final int BUFFER = 64 << 10;

    private final Transactions transactions;
    private final TransactionFilter filter;
    private final Semaphore places = new Semaphore(AT_A_TIME);

    TransactionExport(Transactions transactions, TransactionFilter filter) {
        this.transactions = transactions;
        this.filter = filter;
    }

    /// Whether transactions are asked for as CSV.
    static boolean isAsked(Request request, String path) {
        if (!path.equals(TransactionRoutes.PATH) || !HttpMethod.GET.is(request.getMethod())) {
            return false;
        }
        return TransactionRoutes.wantsCsv(
                Request.extractQueryParameters(request).getValue("format"),
                request.getHeaders().get(HttpHeader.ACCEPT));
    }

    void handle(Request request, Response response, Callback callback) {
        Fields query = Request.extractQueryParameters(request);
        BookedQuery asked = filter.of(query::getValue);
        if (!places.tryAcquire()) {
            throw new ProblemException(
                    ErrorCode.OUT_OF_SLOTS, AT_A_TIME + " exports are on their way already; try again in a moment");
        }
        try {
            write(asked, response);
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

    private void write(BookedQuery asked, Response response) throws IOException {
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, TransactionsCsv.MEDIA_TYPE);
        response.getHeaders().put("Content-Disposition", ContentDisposition.attachment("transactions.csv"));
        response.getHeaders().put(HttpHeader.VARY, "Accept");
        try (var out = new BufferedWriter(
                new OutputStreamWriter(Content.Sink.asOutputStream(response), StandardCharsets.UTF_8), BUFFER)) {
            var csv = new TransactionsCsv();
            out.write(TransactionsCsv.HEAD);
            transactions.each(asked, row -> append(out, csv.line(row)));
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
