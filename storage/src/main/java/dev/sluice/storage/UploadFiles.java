package dev.sluice.storage;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The hidden files of one upload.
///
/// @param part its bytes
/// @param second a second name of the part, on its way over an object that is replaced
/// @param mark of an object that went where there are no hard links
record UploadFiles(Path part, Path second, Path mark) {
    /// @throws ProblemException `internal` where the state is not one that this storage has given out
    static UploadFiles of(Folder folder, UploadState state) {
        if (!state.token().equals(FileNames.hidden(state.id(), FileNames.PART))) {
            throw new ProblemException(
                    ErrorCode.INTERNAL, "the state of upload " + state.id() + " is not one of this storage");
        }
        return new UploadFiles(
                folder.hidden(state.id(), FileNames.PART),
                folder.hidden(state.id(), FileNames.NEW),
                folder.hidden(state.id(), FileNames.DONE));
    }

    void delete() throws IOException {
        Files.deleteIfExists(second);
        Files.deleteIfExists(part);
        Files.deleteIfExists(mark);
    }
}
