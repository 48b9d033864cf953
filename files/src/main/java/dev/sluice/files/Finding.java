package dev.sluice.files;

import java.io.IOException;
import java.nio.file.FileSystemException;
import org.jspecify.annotations.Nullable;

/// What a verification found about one file.
///
/// @param path below the verified folder, with `/`
/// @param expected the hash that the manifests tell, where they tell one
/// @param found the hash that the file has, where it could be read
/// @param message what is wrong and what to do; empty where all is well
public record Finding(
        String path,
        State state,
        @Nullable String expected,
        @Nullable String found,
        String message) {
    public enum State {
        /// As the manifests tell it.
        VERIFIED,
        CHANGED,
        MISSING,
        /// There, but told by no manifest.
        UNREGISTERED,
        /// There, and nobody can say what it holds.
        UNREADABLE
    }

    /// Why a file cannot be read.
    static String reason(IOException e) {
        String why = e instanceof FileSystemException failed ? failed.getReason() : e.getMessage();
        return "it cannot be read: " + (why == null ? e.getClass().getSimpleName() : why);
    }

    Finding under(String folder) {
        return new Finding(folder + "/" + path, state, expected, found, message);
    }
}
