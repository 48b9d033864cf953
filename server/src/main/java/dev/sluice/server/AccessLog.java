package dev.sluice.server;

import dev.sluice.app.Metrics;
import dev.sluice.core.Owner;
import java.util.Set;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes one line per answered request and counts it. Query strings are left out: they carry handles and
/// tokens.
final class AccessLog implements RequestLog {
    private static final Logger access = LoggerFactory.getLogger("access");
    private static final Logger audit = LoggerFactory.getLogger("audit");
    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

    private final Metrics metrics;
    private final boolean all;

    /// @param all whether requests that only read are written down too
    AccessLog(Metrics metrics, boolean all) {
        this.metrics = metrics;
        this.all = all;
    }

    @Override
    public void log(Request request, Response response) {
        long nanos = System.nanoTime() - request.getBeginNanoTime();
        int status = response.getStatus();
        metrics.request(request.getMethod(), status, nanos);
        if (all) {
            write(access, request, response, nanos);
        }
        if (!READING.contains(request.getMethod()) || status == 401 || status == 403 || status == 101) {
            write(audit, request, response, nanos);
        }
    }

    private static void write(Logger log, Request request, Response response, long nanos) {
        log.atInfo()
                .addKeyValue("user", Owner.LOCAL)
                .addKeyValue("from", Guard.isOurUser(request) ? "command line" : Request.getRemoteAddr(request))
                .addKeyValue("method", request.getMethod())
                .addKeyValue("path", request.getHttpURI().getPath())
                .addKeyValue("status", response.getStatus())
                .addKeyValue("received", Request.getContentBytesRead(request))
                .addKeyValue("sent", Response.getContentBytesWritten(response))
                .addKeyValue("millis", nanos / 1_000_000.0)
                .log("request");
    }
}
