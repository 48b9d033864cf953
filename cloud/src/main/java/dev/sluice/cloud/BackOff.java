package dev.sluice.cloud;

import dev.sluice.core.StopToken;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Truncated exponential back-off with equal jitter (M. Brooker, AWS Architecture Blog, 2015): from half of a wait to
/// all of it; or longer, where the provider asks for that in `Retry-After`. A wait ends at once when the token fires.
///
/// @param first the longest first wait, which doubles with each try
/// @param longest no wait is longer unless the provider asked for it
/// @param tries how often a thing is tried in all
public record BackOff(Duration first, Duration longest, int tries) {
    /// No wait is longer, whatever was asked for.
    private static final Duration MOST_ASKED = Duration.ofMinutes(5);

    public static final BackOff STANDARD = new BackOff(Duration.ofMillis(200), Duration.ofSeconds(20), 8);

    /// Waits after a try that failed.
    ///
    /// @param attempt the try's number, from 1
    /// @param asked what the provider asked for, or null
    /// @throws dev.sluice.core.Stopped where the token has fired
    public void await(int attempt, @Nullable Duration asked, StopToken stop) {
        long most = Math.min(longest.toMillis(), first.toMillis() << Math.min(attempt - 1, 20));
        long millis = ThreadLocalRandom.current().nextLong(most / 2, most + 1);
        if (asked != null) {
            millis = Math.max(millis, Math.min(asked.toMillis(), MOST_ASKED.toMillis()));
        }
        stop.sleep(Duration.ofMillis(millis));
        stop.check();
    }
}
