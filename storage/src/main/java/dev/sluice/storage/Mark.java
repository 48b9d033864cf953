package dev.sluice.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where an upload's object is about to go on a file system without hard links, and how to know it again there:
/// such systems (FAT, exFAT) make up new inode numbers with every mount, but size and time of the last write
/// stay through a rename. Lies in a hidden file of its own from before the target is touched until the upload
/// is discarded.
///
/// @param modified when the object's last byte was written
record Mark(String key, long size, Instant modified) {
    boolean describes(BasicFileAttributes there) {
        return there.isRegularFile()
                && there.size() == size
                && there.lastModifiedTime().toInstant().equals(modified);
    }

    void write(Path file, boolean lasting) throws IOException {
        Files.deleteIfExists(file);
        try (FileChannel channel = FileChannel.open(file, CREATE_NEW, WRITE)) {
            ByteBuffer text = UTF_8.encode(size + "\n" + modified + "\n" + key + "\n");
            while (text.hasRemaining()) {
                channel.write(text);
            }
            if (lasting) {
                channel.force(true);
            }
        }
    }

    /// @return null where there is none, or one that a crash cut short: then nothing had been put anywhere yet
    static @Nullable Mark read(Path file) throws IOException {
        String text;
        try {
            text = new String(Files.readAllBytes(file), UTF_8);
        } catch (NoSuchFileException e) {
            return null;
        }
        List<String> lines = text.lines().toList();
        if (lines.size() != 3 || !text.endsWith("\n")) {
            return null;
        }
        try {
            return new Mark(lines.get(2), Long.parseLong(lines.get(0)), Instant.parse(lines.get(1)));
        } catch (NumberFormatException | DateTimeException e) {
            return null;
        }
    }
}
