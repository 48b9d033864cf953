package dev.sluice.notify;

import dev.sluice.core.EventType;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How a job can end.
public enum JobEnd {
    COMPLETED,
    FAILED,
    CANCELLED;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @throws IllegalArgumentException where it is none
    public static JobEnd of(String word) {
        return Arrays.stream(values())
                .filter(end -> end.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "\"" + word + "\" is no end of a job: completed, failed and cancelled are"));
    }

    /// The end that an event tells of; null where it tells of something else.
    static @Nullable JobEnd of(EventType type) {
        return switch (type) {
            case COMPLETED -> COMPLETED;
            case FAILED -> FAILED;
            case CANCELLED -> CANCELLED;
            case CREATED, STARTED, STAGE, FACTS, NOTE, PAUSED, RESUMED, RETRYING, CLEANED, REMOVED -> null;
        };
    }

    static String words(Collection<JobEnd> ends) {
        return ends.stream().sorted().map(JobEnd::word).collect(Collectors.joining(","));
    }

    static Set<JobEnd> parse(String words) {
        Set<JobEnd> ends = EnumSet.noneOf(JobEnd.class);
        for (String word : words.split(",", -1)) {
            if (!word.isEmpty()) {
                ends.add(of(word));
            }
        }
        return ends;
    }
}
