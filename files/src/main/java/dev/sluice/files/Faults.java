package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.FullDisk;
import dev.sluice.core.Problem;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;

/// What failures of a file system mean.
final class Faults {
    private Faults() {}

    static Problem problem(String what, IOException e) {
        return new Problem(code(e), what + ": " + reason(e));
    }

    static ErrorCode code(IOException e) {
        if (e instanceof NoSuchFileException) {
            return ErrorCode.NOT_FOUND;
        }
        if (e instanceof FileAlreadyExistsException || e instanceof NotDirectoryException) {
            return ErrorCode.CONFLICT;
        }
        if (e instanceof AccessDeniedException || isReadOnly(e)) {
            return ErrorCode.FORBIDDEN;
        }
        return FullDisk.isMeantBy(e) ? ErrorCode.DISK_FULL : ErrorCode.UPSTREAM_UNAVAILABLE;
    }

    /// What the system says, without the path that stands beside it anyway.
    static String reason(IOException e) {
        String said = e instanceof FileSystemException known ? known.getReason() : e.getMessage();
        if (said != null) {
            return said;
        }
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        }
        if (e instanceof FileAlreadyExistsException || e instanceof NotDirectoryException) {
            return "there is a file of that name";
        }
        return e instanceof AccessDeniedException ? "permission denied" : e.toString();
    }

    private static boolean isReadOnly(IOException e) {
        return says(e, "read-only file system") || says(e, "operation not permitted");
    }

    /// Whether the device or the network behind it failed, so that the same may go through a moment later.
    static boolean mayPass(IOException e) {
        return says(e, "input/output error")
                || says(e, "stale file handle")
                || says(e, "stale nfs")
                || says(e, "transport endpoint is not connected")
                || says(e, "timed out")
                || says(e, "host is down")
                || says(e, "resource temporarily unavailable");
    }

    /// Whether the file system has no such thing, or not for this user.
    static boolean isUnsupported(IOException e) {
        return says(e, "operation not permitted")
                || says(e, "not supported")
                || says(e, "not implemented")
                || says(e, "permission denied");
    }

    /// The JDK keeps no error numbers, only the texts of the system.
    private static boolean says(IOException e, String text) {
        return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains(text);
    }
}
