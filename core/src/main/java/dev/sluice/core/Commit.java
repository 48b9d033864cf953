package dev.sluice.core;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The last step of a job, in which its result becomes visible. Between [#publish] and the recorded completion
/// a debt says what to take back, so that a crash or a cancel in between leaves nothing.
///
/// @param <R> what is published
public interface Commit<R> {
    /// The type of the debt that takes the result back.
    String debtType();

    /// What the payer must know to take back what [#publish] is about to make visible; asked again after
    /// [TargetTaken].
    Record intent();

    /// Makes the result visible, exactly as the last [#intent] said.
    ///
    /// @throws TargetTaken where the place has been taken meanwhile
    R publish() throws TargetTaken;

    /// What the job knows once the result is there.
    Record facts(R result);

    /// Jobs whose work has gone into the result: what has not ended of them completes with it.
    default List<JobId> uses() {
        return List.of();
    }

    /// Whether the debt must be on disk before publishing, and the completion before the answer.
    boolean survivesPowerCut();

    /// The place where a result was to appear is taken by something else; the next [#intent] names another one.
    final class TargetTaken extends Exception {
        private static final long serialVersionUID = 1L;

        public TargetTaken(String place, @Nullable Throwable cause) {
            super("taken: " + place, cause);
        }
    }
}
