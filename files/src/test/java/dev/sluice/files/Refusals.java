package dev.sluice.files;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// What is said to a request that is refused.
final class Refusals {
    private Refusals() {}

    static AbstractStringAssert<?> assertRefused(ThrowingCallable request) {
        ProblemException refusal = catchThrowableOfType(ProblemException.class, request);
        Assertions.assertThat(refusal).as("it is refused").isNotNull();
        Assertions.assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        return Assertions.assertThat(refusal.problem().message());
    }
}
