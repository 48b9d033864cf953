package dev.sluice.server;

import java.util.Locale;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;

/// What every answer tells browsers: to guess no types, to show it in nobody's frame, to tell no other site where a
/// link was followed, and to run nothing in it. Those that are pages say themselves what they may load.
final class SecurityHeaders implements HttpConfiguration.Customizer {
    static final String POLICY = "Content-Security-Policy";

    /// Of pages of ours: only what comes from here. What shows the API's document sets styles of its own.
    static final String PAGE = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
            + " img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
            + " frame-ancestors 'none'";

    private static final String NOTHING =
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private static final String YEAR = "max-age=31536000";

    @Override
    public Request customize(Request request, HttpFields.Mutable headers) {
        put(headers);
        String host = Request.getServerName(request);
        // A browser that is told so of localhost keeps to it at everything else that listens there.
        if (request.isSecure() && host != null && !Guard.isLoopback(host.toLowerCase(Locale.ROOT))) {
            headers.put("Strict-Transport-Security", YEAR);
        }
        return request;
    }

    static void put(HttpFields.Mutable headers) {
        headers.put("X-Content-Type-Options", "nosniff");
        headers.put("X-Frame-Options", "DENY");
        headers.put("Referrer-Policy", "no-referrer");
        headers.put("Cross-Origin-Opener-Policy", "same-origin");
        headers.put(POLICY, NOTHING);
    }
}
