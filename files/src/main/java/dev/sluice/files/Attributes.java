package dev.sluice.files;

import dev.sluice.core.FullDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a copy has from its source beside the bytes: permissions, times, extended attributes, access lists, and after a
/// move the owner.
final class Attributes {
    private static final Logger log = LoggerFactory.getLogger(Attributes.class);
    /// Access lists (acl(5)), that of a file and what a folder gives to what is made in it.
    private static final String ACCESS = "system.posix_acl_access";

    private static final String DEFAULT = "system.posix_acl_default";
    /// What a program may do (capabilities(7)): it is never given to another file than the one that has it.
    private static final String CAPABILITY = "security.capability";

    private static final int SET_UID = 04000;
    private static final int SET_GID = 02000;
    private static final int GROUP = 070;
    /// So much room there is where it is the attribute that is too large, and not the disk full.
    private static final long ROOM = 1 << 20;

    private static final List<String> OWNERS = List.of("unix:uid", "unix:gid");

    private Attributes() {}

    /// @param source as the plan or a later look found it
    /// @param made the permissions that the copy was made with
    /// @return whether all could be kept: not every disk has extended attributes
    static boolean copy(Path from, Path to, Stat source, int made) throws IOException {
        Extended extended = Linux.known() ? ofLinux(from, to) : ofUsers(from, to);
        boolean kept = extended.kept();
        int permissions = source.permissions();
        if (extended.group() >= 0) {
            // What stands there for the group is the most that anybody in the list may.
            permissions = (permissions & ~GROUP) | (extended.group() << 3);
        }
        int acting = source.isFile() ? acting(from, to, source) : 0;
        kept &= acting == 0;
        permissions &= ~acting;
        int given = permissions;
        if (extended.listed() || Permissions.given(made) != given) {
            kept &= isTaken(() -> Files.setAttribute(to, "unix:mode", given, LinkOption.NOFOLLOW_LINKS));
        }
        kept &= isTaken(() -> times(to, source));
        return kept;
    }

    /// What would have a program act as its owner or group where the copy has another one.
    private static int acting(Path from, Path to, Stat source) throws IOException {
        int acting = source.permissions() & (SET_UID | SET_GID);
        if (acting == 0) {
            return 0;
        }
        // In one look, so that it is the owner of the very file that was copied.
        Map<String, Object> whose = Files.readAttributes(from, "unix:uid,gid,dev,ino", LinkOption.NOFOLLOW_LINKS);
        Map<String, Object> now = Files.readAttributes(to, "unix:uid,gid", LinkOption.NOFOLLOW_LINKS);
        boolean same =
                Objects.equals(whose.get("dev"), source.device()) && Objects.equals(whose.get("ino"), source.inode());
        int ours = (same && Objects.equals(whose.get("uid"), now.get("uid")) ? SET_UID : 0)
                | (same && Objects.equals(whose.get("gid"), now.get("gid")) ? SET_GID : 0);
        return acting & ~ours;
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

    /// What became of extended attributes.
    ///
    /// @param listed whether the copy's permissions are those of an access list, or were
    /// @param group what the group may by a list that could not be kept; -1 where there is none
    private record Extended(boolean kept, boolean listed, int group) {}

    private static Extended ofLinux(Path from, Path to) throws IOException {
        List<String> names = Linux.attributes(from);
        boolean kept = !names.contains(CAPABILITY);
        for (String name : names) {
            if (name.startsWith("user.") || name.equals(DEFAULT)) {
                kept &= isKept(to, () -> Linux.attribute(to, name, Linux.attribute(from, name)));
            }
        }
        if (!names.contains(ACCESS)) {
            // The folder that it was made in may have given it one.
            return new Extended(kept, Linux.removeAttribute(to, ACCESS), -1);
        }
        byte[] list = Linux.attribute(from, ACCESS);
        boolean listed = isKept(to, () -> Linux.attribute(to, ACCESS, list));
        return new Extended(kept && listed, listed, listed ? -1 : group(list));
    }

    /// What an access list says of the file's group, as its entries lie in it: a version, then a tag, a permission and
    /// an id for each.
    private static int group(byte[] list) {
        ByteBuffer entries = ByteBuffer.wrap(list).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = Integer.BYTES; at + 8 <= list.length; at += 8) {
            if (entries.getShort(at) == 4) {
                return entries.getShort(at + 2) & 7;
            }
        }
        return 0;
    }

    private static Extended ofUsers(Path from, Path to) throws IOException {
        var source = Files.getFileAttributeView(from, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        var target = Files.getFileAttributeView(to, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        boolean kept = true;
        for (String name : source == null ? List.<String>of() : names(source)) {
            ByteBuffer value = ByteBuffer.allocate(source.size(name));
            source.read(name, value);
            kept &= isKept(to, () -> target.write(name, value.flip()));
        }
        return new Extended(kept, false, -1);
    }

    private static boolean isKept(Path to, Setting setting) throws IOException {
        try {
            setting.set();
            return true;
        } catch (FileSystemException e) {
            if (FullDisk.isMeantBy(e) && Files.getFileStore(to).getUsableSpace() < ROOM) {
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
