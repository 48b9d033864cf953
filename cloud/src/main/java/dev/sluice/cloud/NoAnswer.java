package dev.sluice.cloud;

import java.security.cert.CertPathBuilderException;
import javax.net.ssl.SSLException;

/// A call to a provider that brought no answer: what there is to say of it.
public final class NoAnswer {
    private NoAnswer() {}

    /// What it was, for people.
    public static String said(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String said = cause.getMessage();
        if (said != null && said.contains("HttpConnection")) {
            // Jetty describes its connection, which says nothing to people.
            said = "the connection was closed";
        }
        return cause.getClass().getSimpleName() + (said == null ? "" : ": " + said);
    }

    /// What to do about it.
    public static String hint(Throwable e) {
        boolean secured = false;
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertPathBuilderException) {
                return "; nobody whom Java knows has signed its certificate: set SLUICE_JAVA_OPTS to a trust store that"
                        + " knows it (docs/operations.md, Changing and removing)";
            }
            secured |= cause instanceof SSLException;
        }
        return secured
                ? "; see whether the endpoint speaks TLS, and has a certificate of that name"
                : "; see whether the endpoint is right and can be reached";
    }
}
