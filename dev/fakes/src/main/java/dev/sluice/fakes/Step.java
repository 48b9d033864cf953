package dev.sluice.fakes;

import java.util.Arrays;
import java.util.Locale;

/// What sort of call it is. Faults are aimed with it, and calls are counted by it.
public enum Step {
    ANY,
    /// Of the token endpoint.
    TOKEN,
    /// The page where a user consents.
    CONSENT,
    /// The request that makes a session.
    START,
    /// A PUT of bytes to a session; the last one is one, too.
    CHUNK,
    /// A PUT that brings the last byte, or everything.
    LAST_CHUNK,
    /// A PUT that asks how far the session is.
    QUERY,
    /// The DELETE of a session.
    CANCEL,
    /// An upload in one request, without a session.
    WHOLE,
    /// Reading metadata of one object, file, bucket or drive.
    METADATA,
    /// Reading bytes.
    MEDIA,
    LIST,
    DELETE,
    /// Making a folder, changing metadata.
    CHANGE,
    /// Drive's `about.get`.
    ABOUT,
    /// Drive's `files.generateIds`.
    IDS,
    /// What there is no route for.
    OTHER;

    boolean covers(Step other) {
        return this == ANY || this == other || (this == CHUNK && other == LAST_CHUNK);
    }

    /// As it is written in a command: `last-chunk`.
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Step of(String word) {
        return Arrays.stream(values())
                .filter(step -> step.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("\"" + word + "\" is no step; there are "
                        + Arrays.stream(values()).map(Step::word).toList()));
    }
}
