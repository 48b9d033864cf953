package dev.sluice.server;

import dev.sluice.app.Metrics;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes one line per answered request and counts it. Query strings are left out: they carry handles and
/// tokens.
final class AccessLog implements RequestLog {
    private static final Logger log = LoggerFactory.getLogger("access");

    private final Metrics metrics;

    AccessLog(Metrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void log(Request request, Response response) {
        long nanos = System.nanoTime() - request.getBeginNanoTime();
        int status = response.getStatus();
        metrics.request(request.getMethod(), status, nanos);
        log.atInfo()
                .addKeyValue("method", request.getMethod())
                .addKeyValue("path", request.getHttpURI().getPath())
                .addKeyValue("status", status)
                .addKeyValue("received", Request.getContentBytesRead(request))
                .addKeyValue("sent", Response.getContentBytesWritten(response))
                .addKeyValue("millis", nanos / 1_000_000.0)
                .addKeyValue("from", Guard.isOurUser(request) ? "command line" : Request.getRemoteAddr(request))
                .log("request");
    }
}
