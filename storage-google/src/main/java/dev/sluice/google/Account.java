package dev.sluice.google;

import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Who asks. Safe for use by many threads.
public interface Account {
    /// What it is called in messages and in the state of uploads: no secret, without spaces.
    String id();

    /// An access token that is good for a while.
    ///
    /// @throws ProblemException where none is to be had: `upstream_refused` where asking again does not help
    /// @throws dev.sluice.core.Stopped where the token has fired
    String token(StopToken stop);

    /// This token got a 401: it is never given again.
    void refused(String token);

    /// So many bytes are about to be sent: they count against the daily limit, whatever becomes of them.
    ///
    /// @throws ProblemException `state_unavailable` where they cannot be counted
    void sending(long bytes);

    /// It is over a limit, or refused: uploads that have not begun go to another one.
    ///
    /// @param why in the provider's words
    /// @param until when it may be tried again; null where that is not known
    void setAside(ProblemException why, @Nullable Instant until);
}
