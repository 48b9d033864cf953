package dev.sluice.fakes;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What may go wrong with a call. [Faults] says with which.
public sealed interface Fault {
    /// Answers that it will not, before anything is done; the body is read and thrown away.
    ///
    /// @param retryAfter whole seconds, for the header of that name
    record Refuse(Reason reason, @Nullable Duration retryAfter) implements Fault {
        public Refuse(Reason reason) {
            this(reason, null);
        }
    }

    /// Cuts the connection once so many bytes of the request's body have come, or so many of a read's answer
    /// were sent; where there are fewer, when it would have answered.
    record DropAt(long bytes) implements Fault {}

    /// Does everything, and cuts the connection where the answer would have begun: after the last chunk the
    /// object is there and the client does not know.
    record LoseAnswer() implements Fault {}

    /// Keeps only the first so many bytes of a chunk and says so in the 308. "Never assume all bytes were
    /// received" (Drive's guide, GCS's 'Perform resumable uploads').
    record KeepOnly(long bytes) implements Fault {}

    /// A 308 without `Range` although bytes are there (googleapis/google-cloud-cpp PR 7877,
    /// googleapis/google-api-python-client issue 283).
    record HideRange() implements Fault {}

    /// A 308 with a new `Location`, which is the session's address from then on (google-api-java-client's
    /// MediaHttpUploader takes it over).
    ///
    /// @param forgetOld whether the old address is 404 (unverified). Google's client would fail then: its
    ///     transport follows the 308 as a redirect, and the uploader never hears of the new address
    record MoveSession(boolean forgetOld) implements Fault {}

    /// The session is gone from then on.
    ///
    /// @param status 404 (Drive's guide) or 410 (GCS's 'Perform resumable uploads')
    record ForgetSession(int status) implements Fault {}

    /// Reads the body, or sends what is read, no faster.
    record Pace(long bytesPerSecond) implements Fault {
        public Pace {
            if (bytesPerSecond < 1) {
                throw new IllegalArgumentException("a pace is at least one byte a second");
            }
        }
    }

    /// Reads so many bytes of the body and no more until [Faults#release]; where it has fewer, the answer
    /// waits.
    record Stall(long bytes) implements Fault {}

    /// Does everything at once, and answers later.
    record Late(Duration by) implements Fault {}

    /// Changes the first byte that comes, so that size is right and the checksum is not.
    record Corrupt() implements Fault {}

    /// The access token of this call has just expired: 401, now and later.
    record ExpireToken() implements Fault {}

    /// The account is revoked: its tokens are refused, and its refresh token is `invalid_grant`.
    record RevokeAccount() implements Fault {}
}
