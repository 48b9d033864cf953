package dev.sluice.server;

import dev.sluice.app.Sluice;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.wire.InsightDocument;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the jobs that ended in the last days tell together.
final class InsightRoutes {
    private static final int DAYS = 30;
    private static final int MOST_DAYS = 400;

    private final Sluice sluice;

    InsightRoutes(Sluice sluice) {
        this.sluice = sluice;
    }

    void add(RoutesConfig routes) {
        routes.get("/api/v1/insight", this::tell);
    }

    private void tell(Context request) {
        Instant since = Clock.systemUTC().instant().minus(Duration.ofDays(days(request.queryParam("days"))));
        Routes.json(
                request, InsightDocument.of(since, sluice.insight(since, Access.listed(Routes.core(request), null))));
    }

    private static int days(@Nullable String word) {
        if (word == null) {
            return DAYS;
        }
        if (word.matches("[0-9]{1,3}")) {
            int days = Integer.parseInt(word);
            if (days >= 1 && days <= MOST_DAYS) {
                return days;
            }
        }
        throw new ProblemException(
                ErrorCode.INVALID_REQUEST,
                "days is a number from 1 to " + MOST_DAYS + ", not " + word,
                Map.of("field", "days"));
    }
}
