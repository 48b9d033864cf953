package dev.sluice.download;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How far a download is: its checkpoint.
///
/// @param found what was found at its source
/// @param left what is missing, where bytes go anywhere; null where they go in order
/// @param boot when the machine was started that has them: where they go anywhere they do not outlive it
/// @param digest the state of a digest of the first bytes, in Base64
/// @param digested how many those are
record Progressed(
        Found found,
        @Nullable List<Gap> left,
        String boot,
        @Nullable String digest,
        long digested) {

    /// What is still to be fetched.
    ///
    /// @param gaps in order
    /// @param digest of the bytes before the first gap, where one is taken as they come
    record Missing(List<Gap> gaps, RunningDigest.State digest) {
        static Missing all(Found found) {
            return new Missing(between(0, found.end()), RunningDigest.State.NONE);
        }

        long bytes() {
            return gaps.stream().mapToLong(gap -> gap.to() - gap.from()).sum();
        }
    }

    private static List<Gap> between(long from, long end) {
        return from < end ? List.of(new Gap(from, end)) : List.of();
    }

    /// What a session has to fetch that takes it up.
    ///
    /// @param durable how many bytes the storage has, or where they go anywhere the end of what lies furthest back
    /// @param now when this machine was started
    /// @param anywhere whether bytes go anywhere
    /// @param sums whether a digest is taken of the bytes as they come: of those that it lacks it has to see each once
    ///     more
    /// @return nothing where the file cannot be gone on with: nobody can say that it is still the same, or its server
    ///     sends no parts
    Optional<Missing> missing(long durable, String now, boolean anywhere, boolean sums) {
        List<Gap> known = left;
        if (anywhere) {
            boolean stands = known != null && durable > 0 && boot.equals(now);
            if (!stands || known == null) {
                return Optional.of(Missing.all(found));
            }
            return known.isEmpty() || found.isKnownAgain()
                    ? Optional.of(new Missing(known, RunningDigest.State.NONE))
                    : Optional.empty();
        }
        RunningDigest.State state =
                sums && digested <= durable ? new RunningDigest.State(digest, digested) : RunningDigest.State.NONE;
        List<Gap> gaps = between(sums ? state.digested() : durable, found.end());
        boolean goesOn = found.ranges() && (durable == 0 || found.isKnownAgain());
        return gaps.isEmpty() || goesOn ? Optional.of(new Missing(gaps, state)) : Optional.empty();
    }
}
