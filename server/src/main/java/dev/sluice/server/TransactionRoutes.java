package dev.sluice.server;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.imports.Transactions;
import dev.sluice.wire.CategoryListDocument;
import dev.sluice.wire.CorrectionAnswer;
import dev.sluice.wire.CorrectionRequest;
import dev.sluice.wire.TransactionListDocument;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;

/// Transactions: found, and put right. As CSV see [CsvExport].
final class TransactionRoutes {
    static final String PATH = "/api/v1/transactions";

    private final Transactions transactions;
    private final ImportFilter filter;

    TransactionRoutes(Transactions transactions, ImportFilter filter) {
        this.transactions = transactions;
        this.filter = filter;
    }

    void add(RoutesConfig routes) {
        routes.get(PATH, this::list);
        routes.patch(PATH + "/{id}", this::correct);
        routes.get("/api/v1/categories", request -> Routes.json(request, CategoryListDocument.ALL));
    }

    private void list(Context request) {
        request.header("Vary", "Accept");
        Routes.json(
                request,
                TransactionListDocument.of(
                        transactions.list(filter.transactions(Routes.core(request), request::queryParam))));
    }

    private void correct(Context request) {
        String id = request.pathParam("id");
        if (!id.matches("\\d{1,18}")) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "there is no transaction " + id);
        }
        CorrectionRequest asked = CorrectionRequest.parse(request.bodyAsBytes());
        long number = Long.parseLong(id);
        long changed = transactions.correct(
                Access.meant(Routes.core(request), request.queryParam("owner")).name(), number, asked.category());
        Routes.json(request, new CorrectionAnswer(number, asked.category(), changed));
    }
}
