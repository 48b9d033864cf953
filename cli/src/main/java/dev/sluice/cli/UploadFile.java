package dev.sluice.cli;

import dev.sluice.core.ErrorCode;
import dev.sluice.wire.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/// A file that is being sent, as it was when we began.
///
/// @param id the server's id of it
/// @param name what the server is told it is called
record UploadFile(Path path, String name, String id, long size, FileTime modified) {
    /// What the JVM makes of bytes that are no character; such a name cannot be opened.
    private static final char UNREADABLE = '\ufffd';

    /// @throws Failure where there is nothing to send
    static UploadFile of(Path path, String name) {
        try {
            var attributes = Files.readAttributes(path, BasicFileAttributes.class);
            if (attributes.isDirectory()) {
                throw Failure.usage(path + " is a folder; name the files, for example " + path + "/*");
            }
            if (!attributes.isRegularFile()) {
                throw Failure.usage(path + " is no regular file");
            }
            if (!Files.isReadable(path)) {
                throw Failure.usage(path + " cannot be read");
            }
            return new UploadFile(path, name, "", attributes.size(), attributes.lastModifiedTime());
        } catch (NoSuchFileException e) {
            var wrong = path.toString().indexOf(UNREADABLE) < 0
                    ? " does not exist"
                    : " has a name that is not UTF-8, or is not there; rename it first";
            throw new Failure(Exit.USAGE, ErrorCode.INVALID_REQUEST, path + wrong, e);
        } catch (IOException e) {
            throw new Failure(Exit.USAGE, ErrorCode.INVALID_REQUEST, path + " cannot be read: " + e.getMessage(), e);
        }
    }

    /// The name for a person to read: on one line, and without what moves a cursor.
    String shown() {
        return Texts.printable(name);
    }

    UploadFile withId(String id) {
        return new UploadFile(path, name, id, size, modified);
    }

    /// @throws Failure where it is no longer the file that we began with
    void requireUnchanged() {
        try {
            var now = Files.readAttributes(path, BasicFileAttributes.class);
            if (now.size() == size && now.lastModifiedTime().equals(modified)) {
                return;
            }
        } catch (IOException e) {
            throw changed(e);
        }
        throw changed(new IOException("its size or its time is another"));
    }

    Failure changed(IOException cause) {
        return new Failure(
                Exit.FAILED,
                ErrorCode.SOURCE_CHANGED,
                path + " changed while it was sent (" + cause.getMessage() + "); send it again when it is finished",
                cause);
    }
}
