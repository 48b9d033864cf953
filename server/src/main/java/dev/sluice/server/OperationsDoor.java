package dev.sluice.server;

import dev.sluice.accounts.Caller;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The port that desktop programs know: there is their WebSocket at `/` and nothing else. What came by another
/// connector is not handled here.
final class OperationsDoor extends Handler.Wrapper {
    /// The connector's name.
    static final String NAME = "operations";

    private static final Logger log = LoggerFactory.getLogger(OperationsDoor.class);
    /// What a page says that was opened from the disk, as that of a desktop program is.
    private static final String FROM_DISK = "file://";

    private final Origins origins;

    OperationsDoor(Handler socket, List<String> origins) {
        super(socket);
        this.origins = new Origins(origins);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (!NAME.equals(request.getConnectionMetaData().getConnector().getName())) {
            return false;
        }
        Admission.of(Caller.SHELL).note(request);
        String host = Request.getServerName(request);
        String origin = request.getHeaders().get(HttpHeader.ORIGIN);
        if (!Guard.isLoopback(host)) {
            refuse(response, callback, ErrorCode.FORBIDDEN, "nothing here answers to the name " + host);
        } else if (!lets(origin)) {
            log.warn("refused the origin {}; to allow it, add it to operations.origins", origin);
            refuse(response, callback, ErrorCode.FORBIDDEN, "pages of " + origin + " may not watch file operations");
        } else if (!Request.getPathInContext(request).equals("/") || !super.handle(request, response, callback)) {
            refuse(response, callback, ErrorCode.NOT_FOUND, "there is a WebSocket at / here, and nothing else");
        }
        return true;
    }

    /// Whether a page of this origin may watch file operations; null: it is no page.
    boolean lets(@Nullable String origin) {
        return origin == null || origin.equals(FROM_DISK) || origins.allow(origin);
    }

    private static void refuse(Response response, Callback callback, ErrorCode code, String message) {
        Answers.problem(response, callback, new Problem(code, message));
    }
}
