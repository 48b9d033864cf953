package dev.sluice.files;

import dev.sluice.core.FullDisk;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a copy has from its source beside the bytes: permissions, times, extended attributes, access lists, and after a
/// move the owner.
final class Attributes {
    private static final Logger log = LoggerFactory.getLogger(Attributes.class);
    private static final String CAPABILITY = "security.capability";
    /// Those that say something of the file, and not of where it lies: users' own, access lists (acl(5)), what a
    /// program may do (capabilities(7)).
    private static final List<String> KEPT = List.of("user.", "system.posix_acl_", CAPABILITY);

    /// `S_ISUID` and `S_ISGID`.
    private static final int ACTS_AS_OWNER = 06000;

    private static final List<String> OWNERS = List.of("unix:uid", "unix:gid");

    private Attributes() {}

    /// @param source as the plan or a later look found it
    /// @param made the permissions that the copy was made with
    /// @return whether all could be kept: not every disk has extended attributes
    static boolean copy(Path from, Path to, Stat source, int made) throws IOException {
        boolean kept = extended(from, to);
        int permissions = source.permissions();
        if ((permissions & ACTS_AS_OWNER) != 0 && !hasOwnerOf(from, to)) {
            permissions &= ~ACTS_AS_OWNER;
            kept = false;
        }
        int given = permissions;
        if (Permissions.given(made) != given) {
            kept &= isTaken(() -> Files.setAttribute(to, "unix:mode", given, LinkOption.NOFOLLOW_LINKS));
        }
        kept &= isTaken(() -> times(to, source));
        return kept;
    }

    /// Whether a copy belongs to whom its source does: else what a program may do as its owner would be given to
    /// somebody else's.
    private static boolean hasOwnerOf(Path from, Path to) throws IOException {
        for (String attribute : OWNERS) {
            Object whose = Files.getAttribute(from, attribute, LinkOption.NOFOLLOW_LINKS);
            if (!whose.equals(Files.getAttribute(to, attribute, LinkOption.NOFOLLOW_LINKS))) {
                return false;
            }
        }
        return true;
    }

    private interface Setting {
        void set() throws IOException;
    }

    /// Some disks keep no permissions or times, or not for us: the bytes are what matters.
    private static boolean isTaken(Setting setting) throws IOException {
        try {
            setting.set();
            return true;
        } catch (FileSystemException e) {
            if (!Faults.isUnsupported(e)) {
                throw e;
            }
            log.debug("{}", e.toString());
            return false;
        }
    }

    /// Whose file it is, where we may say so. To be called before [#copy]: another owner takes some permissions away.
    static void owner(Path from, Path to) throws IOException {
        for (String attribute : OWNERS) {
            Object whose = Files.getAttribute(from, attribute, LinkOption.NOFOLLOW_LINKS);
            if (!whose.equals(Files.getAttribute(to, attribute, LinkOption.NOFOLLOW_LINKS))) {
                try {
                    Files.setAttribute(to, attribute, whose, LinkOption.NOFOLLOW_LINKS);
                } catch (FileSystemException e) {
                    log.debug("{} stays as it is: {}", attribute, e.toString());
                }
            }
        }
    }

    static void times(Path to, Stat source) throws IOException {
        if (Linux.known()) {
            Linux.times(to, source.modifiedNanos());
            return;
        }
        FileTime modified = source.modified();
        Files.getFileAttributeView(to, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setTimes(modified, modified, null);
    }

    private static boolean extended(Path from, Path to) throws IOException {
        return Linux.known() ? extendedOfLinux(from, to) : extendedOfUsers(from, to);
    }

    private static boolean extendedOfLinux(Path from, Path to) throws IOException {
        boolean kept = true;
        for (String name : Linux.attributes(from)) {
            if (name.equals(CAPABILITY) && !hasOwnerOf(from, to)) {
                kept = false;
            } else if (KEPT.stream().anyMatch(name::startsWith)) {
                byte[] value = Linux.attribute(from, name);
                kept &= isKept(() -> Linux.attribute(to, name, value));
            }
        }
        return kept;
    }

    private static boolean extendedOfUsers(Path from, Path to) throws IOException {
        var source = Files.getFileAttributeView(from, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        var target = Files.getFileAttributeView(to, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        boolean kept = true;
        for (String name : source == null ? List.<String>of() : names(source)) {
            ByteBuffer value = ByteBuffer.allocate(source.size(name));
            source.read(name, value);
            kept &= isKept(() -> target.write(name, value.flip()));
        }
        return kept;
    }

    private static boolean isKept(Setting setting) throws IOException {
        try {
            setting.set();
            return true;
        } catch (FileSystemException e) {
            if (FullDisk.isMeantBy(e)) {
                throw e;
            }
            log.debug("{}", e.toString());
            return false;
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
