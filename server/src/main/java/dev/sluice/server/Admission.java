package dev.sluice.server;

import dev.sluice.accounts.Caller;
import dev.sluice.accounts.Tickets;
import dev.sluice.core.ProblemException;
import dev.sluice.realtime.CloseCode;
import java.time.Instant;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who has asked for something, as [Identity] has found out.
///
/// @param hold of a ticket that was used; null where another word was shown
/// @param refused why nobody is let in here; null where the caller is
record Admission(
        Caller caller,
        Tickets.@Nullable Hold hold,
        @Nullable Refusal refused) {
    private static final Logger log = LoggerFactory.getLogger(Admission.class);
    private static final String ATTRIBUTE = "sluice.admission";
    private static final Admission NONE =
            new Admission(Caller.NOBODY, null, new Refusal(CloseCode.REFUSED, "token missing"));

    /// As a socket says it.
    record Refusal(CloseCode code, String reason) {}

    static Admission of(Caller caller) {
        return new Admission(caller, null, null);
    }

    static Admission refused(CloseCode code, String reason) {
        return new Admission(Caller.NOBODY, null, new Refusal(code, reason));
    }

    void note(Request request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    /// What was noted of a request; nobody where nothing was.
    static Admission noted(Request request) {
        return request.getAttribute(ATTRIBUTE) instanceof Admission known ? known : NONE;
    }

    /// Whether it cannot hold any more, whatever the tables say.
    boolean isExpired(Instant now) {
        Instant expires = caller.expires();
        return expires != null && !now.isBefore(expires);
    }

    /// Lets the ticket open its path again; returns at once.
    void release() {
        Tickets.Hold held = hold;
        if (held != null) {
            Thread.ofVirtual().name("ticket").start(() -> {
                try {
                    held.close();
                } catch (ProblemException e) {
                    log.debug("a ticket stays used until it expires", e);
                }
            });
        }
    }
}
