package dev.sluice.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.List;

/// What a copy has from its source beside the bytes: permissions, times, extended attributes of users.
final class Attributes {
    private Attributes() {}

    /// @param source as the plan or a later look found it
    static void copy(Path from, Path to, Stat source) throws IOException {
        extended(from, to);
        // The file was made with these, but for what the process's mask took away and what cannot be asked for then.
        if (Stat.of(to).permissions() != source.permissions()) {
            Files.setAttribute(to, "unix:mode", source.permissions(), LinkOption.NOFOLLOW_LINKS);
        }
        times(to, source);
    }

    static void times(Path to, Stat source) throws IOException {
        FileTime modified = source.modified();
        Files.getFileAttributeView(to, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setTimes(modified, modified, null);
    }

    private static void extended(Path from, Path to) throws IOException {
        var source = Files.getFileAttributeView(from, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (source == null) {
            return;
        }
        List<String> names = names(source);
        if (names.isEmpty()) {
            return;
        }
        var target = Files.getFileAttributeView(to, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        for (String name : names) {
            ByteBuffer value = ByteBuffer.allocate(source.size(name));
            source.read(name, value);
            target.write(name, value.flip());
        }
    }

    private static List<String> names(UserDefinedFileAttributeView view) throws IOException {
        try {
            return view.list();
        } catch (FileSystemException e) {
            // This file system has none.
            return List.of();
        }
    }
}
