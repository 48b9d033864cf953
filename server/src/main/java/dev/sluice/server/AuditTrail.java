package dev.sluice.server;

import dev.sluice.accounts.Accounts;
import dev.sluice.accounts.Caller;
import dev.sluice.accounts.Right;
import dev.sluice.core.Owner;
import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;

/// Writes into the audit log what requests and sockets have come to. Where no accounts are in use there is none: the
/// file `audit.jsonl` has what was asked.
final class AuditTrail {
    private static final String DONE = "done";
    private static final String NAME = "sluice.audit-name";

    private record Rule(String action, Pattern route) {
        static Rule of(String action, String route) {
            return new Rule(action, Pattern.compile(route));
        }
    }

    /// The first that fits counts.
    private static final List<Rule> RULES = List.of(
            Rule.of("login", "POST /api/v1/auth/(login|setup)|GET /api/v1/auth/oidc/callback"),
            Rule.of("logout", "POST /api/v1/auth/logout"),
            Rule.of("ticket", "POST /api/v1/auth/websocket-token"),
            Rule.of("password", "POST /api/v1/auth/password"),
            Rule.of("session_ended", "DELETE /api/v1/auth/sessions/.*"),
            Rule.of("key_made", "POST /api/v1/auth/keys"),
            Rule.of("key_ended", "DELETE /api/v1/auth/keys/.*"),
            Rule.of("user_changed", "(POST|PATCH) /api/v1/users(/.*)?"),
            Rule.of("audit_read", "GET /api/v1/audit"),
            Rule.of("link_made", "POST /api/v1/links"),
            Rule.of("link_revoked", "DELETE /api/v1/(links/.*|jobs/[^/]+/links)"),
            Rule.of("link_opened", "GET " + DownloadLinks.PATH + ".*"),
            Rule.of("webhook_changed", "(POST|PATCH|DELETE) /api/v1/notifications/webhooks(/[^/]+(/secret)?)?"),
            Rule.of("push_changed", "(POST|DELETE) /api/v1/notifications/push(/[^/]+)?"),
            Rule.of("account_changed", "(POST|DELETE) /api/v1/storages/.*"),
            Rule.of("cancel", "POST .*/cancel(/[^/]+)?|DELETE (/api/v1/download|/files)/[^/]+"),
            Rule.of("undo", "POST .*/undo"),
            Rule.of("delete", "DELETE .*"));

    private final @Nullable Accounts accounts;

    AuditTrail(@Nullable Accounts accounts) {
        this.accounts = accounts;
    }

    /// Notes who a login was for.
    static void named(Request request, String name) {
        request.setAttribute(NAME, name);
    }

    /// Where a request comes from.
    static String address(Request request) {
        return Guard.isOurUser(request) ? "command line" : Request.getRemoteAddr(request);
    }

    /// A request has been answered.
    ///
    /// @param code of the problem that it was answered with
    void answered(Request request, Response response, @Nullable String code) {
        if (accounts == null) {
            return;
        }
        int status = response.getStatus();
        String path = request.getHttpURI().getPath();
        String route = request.getMethod() + " " + path;
        String action = action(request, route, status);
        if (action != null) {
            Caller caller = Identity.of(request);
            String foreign = Access.foreign(request);
            String outcome = code != null
                    ? code
                    : action.equals("refused") ? "unauthorized" : status < 400 ? DONE : Integer.toString(status);
            String target = action.equals("refused") || action.equals("admin_access") ? route : path;
            accounts.audit()
                    .add(who(request, caller), caller.via(), address(request), action, target, outcome, foreign);
        }
    }

    private static Owner who(Request request, Caller caller) {
        String name = (String) request.getAttribute(NAME);
        return name == null || name.isBlank()
                ? caller.owner()
                : new Owner(name.length() > 63 ? name.substring(0, 63) : name);
    }

    private static @Nullable String action(Request request, String route, int status) {
        if (status == 101) {
            return Admission.noted(request).refused() == null ? "socket_opened" : "refused";
        }
        for (Rule rule : RULES) {
            if (rule.route().matcher(route).matches()) {
                return status == 401 && !rule.action().equals("login") ? "refused" : rule.action();
            }
        }
        if (status == 401 || status == 403 || Access.tried(request)) {
            return "refused";
        }
        return Access.foreign(request) != null && Identity.of(request).may(Right.ADMIN) ? "admin_access" : null;
    }

    /// A socket has ended.
    void closed(Socket socket, int code) {
        Admission admission = socket.admission();
        if (accounts != null && admission.refused() == null) {
            accounts.audit()
                    .add(
                            admission.caller().owner(),
                            admission.caller().via(),
                            socket.address(),
                            "socket_closed",
                            socket.path(),
                            DONE,
                            Integer.toString(code));
        }
    }
}
