package dev.sluice.server;

import dev.sluice.accounts.Caller;
import dev.sluice.accounts.Right;
import dev.sluice.core.Batch;
import dev.sluice.core.CancelSource;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.upload.Uploads;
import java.util.Optional;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/// What a request reaches of what there is: the one place that checks. Somebody else's things look as those do that
/// there are not. That an admin has reached for them, or a stranger has tried, is noted for the audit log.
final class Access {
    private static final String FOREIGN = "sluice.foreign-owner";
    private static final String TRIED = "sluice.tried";

    private Access() {}

    /// Whether the caller reaches what belongs to that owner.
    static boolean reaches(Request request, Owner whose) {
        Caller caller = Identity.of(request);
        if (!caller.sees(whose)) {
            request.setAttribute(TRIED, whose.name());
            return false;
        }
        if (caller.via() != Caller.Via.LOCAL && !caller.owner().equals(whose)) {
            request.setAttribute(FOREIGN, whose.name());
        }
        return true;
    }

    static Optional<Job> job(Request request, Optional<Job> found) {
        return found.filter(job -> reaches(request, job.owner()));
    }

    /// The upload of that id, which a client has sent and which may be anything.
    ///
    /// @throws ProblemException `not_found`
    static Job existing(Request request, Uploads uploads, String id) {
        return job(request, uploads.find(id))
                .orElseThrow(() -> new ProblemException(ErrorCode.NOT_FOUND, "there is no file " + id));
    }

    static Optional<Batch> batch(Request request, Optional<Batch> found) {
        return found.filter(batch -> reaches(request, batch.owner()));
    }

    /// Whether all there is can be reached, so that nothing has to be looked up to check.
    static boolean reachesAll(Request request) {
        return Identity.of(request).via() == Caller.Via.LOCAL;
    }

    /// Whose things a list is to show: those that are asked for, else the caller's own, of an admin everybody's.
    ///
    /// @return null: everybody's
    static @Nullable Owner listed(Request request, @Nullable Owner asked) {
        Caller caller = Identity.of(request);
        if (!caller.may(Right.ADMIN)) {
            return asked == null || asked.equals(caller.owner()) ? caller.owner() : Caller.NOBODY.owner();
        }
        if (caller.via() != Caller.Via.LOCAL && !caller.owner().equals(asked)) {
            request.setAttribute(FOREIGN, asked == null ? "all" : asked.name());
        }
        return asked;
    }

    /// Whose things are meant where one owner's are: those that are asked for, where the caller reaches them, else the
    /// caller's own.
    ///
    /// @throws ProblemException `forbidden`
    static Owner meant(Request request, @Nullable String asked) {
        Owner own = Identity.of(request).owner();
        if (asked == null || asked.isEmpty() || asked.equals(own.name())) {
            return own;
        }
        require(request, Right.ADMIN);
        Owner owner = new Owner(asked);
        reaches(request, owner);
        return owner;
    }

    /// @throws ProblemException `forbidden`
    static void require(Request request, Right right) {
        if (!Identity.of(request).may(right)) {
            throw new ProblemException(
                    ErrorCode.FORBIDDEN,
                    switch (right) {
                        case ADMIN -> "this is for admins";
                        case METRICS -> "figures are for admins, and for keys with the scope metrics";
                        case READ, WRITE -> "you may not do this";
                    });
        }
    }

    /// Through which door a cancel has come.
    static CancelSource source(Request request, CancelSource door) {
        return request.getAttribute(FOREIGN) == null ? door : CancelSource.ADMIN;
    }

    /// Whose things an admin has reached; null where nobody else's were.
    static @Nullable String foreign(Request request) {
        return (String) request.getAttribute(FOREIGN);
    }

    /// Whether somebody else's things were tried for in vain.
    static boolean tried(Request request) {
        return request.getAttribute(TRIED) != null;
    }
}
