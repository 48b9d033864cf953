package dev.sluice.cloud;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.ByteRange;

/// Why an object in a cloud cannot be read: the same words whatever the provider says.
public final class Unreadable {
    private Unreadable() {}

    public static ProblemException notFound(String name) {
        return new ProblemException(ErrorCode.NOT_FOUND, "there is no object " + name + " any more");
    }

    /// Another object has come under its name.
    public static ProblemException changed(String name) {
        return new ProblemException(
                ErrorCode.SOURCE_CHANGED,
                "what is stored as " + name + " is another object now: put back the one that was uploaded, or upload it"
                        + " again");
    }

    /// It is shorter than what was asked for.
    public static ProblemException beyond(String name, ByteRange range) {
        return new ProblemException(
                ErrorCode.INVALID_REQUEST, name + " ends before byte " + range.end() + ": none can be read up to it");
    }
}
