package dev.sluice.server;

import dev.sluice.app.Metrics;
import dev.sluice.core.Problem;
import dev.sluice.wire.Json;
import dev.sluice.wire.RequestLine;
import java.time.Instant;
import java.util.Set;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes one line per answered request and counts it.
final class AccessLog implements RequestLog {
    private static final Logger access = LoggerFactory.getLogger("access");
    private static final Logger audit = LoggerFactory.getLogger("audit");
    private static final String PROBLEM = "sluice.problem";
    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

    private final Metrics metrics;
    private final boolean all;
    private final AuditTrail trail;

    /// @param all whether requests that only read are written down too
    AccessLog(Metrics metrics, boolean all, AuditTrail trail) {
        this.trail = trail;
        this.metrics = metrics;
        this.all = all;
    }

    /// Remembers, for the log and the figures, with which problem a request was answered.
    static void answeredWith(Request request, Problem problem) {
        request.setAttribute(PROBLEM, problem.code().code());
    }

    @Override
    public void log(Request request, Response response) {
        long nanos = System.nanoTime() - request.getBeginNanoTime();
        int status = response.getStatus();
        var code = (String) request.getAttribute(PROBLEM);
        metrics.request(request.getMethod(), status, code, nanos);
        trail.answered(request, response, code);
        boolean audited = !READING.contains(request.getMethod()) || status == 401 || status == 403 || status == 101;
        if (!all && !audited) {
            return;
        }
        String line = Json.text(new RequestLine(
                Instant.now(),
                Identity.of(request).owner().name(),
                AuditTrail.address(request),
                request.getMethod(),
                request.getHttpURI().getPath(),
                status,
                code,
                Request.getContentBytesRead(request),
                Response.getContentBytesWritten(response),
                nanos / 1_000_000.0));
        if (all) {
            access.info(line);
        }
        if (audited) {
            audit.info(line);
        }
    }
}
