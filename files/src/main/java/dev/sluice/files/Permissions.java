package dev.sluice.files;

import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Permissions as the JDK wants them when a file is made; looked up once for each.
final class Permissions {
    private static final PosixFilePermission[] BITS = {
        PosixFilePermission.OTHERS_EXECUTE,
        PosixFilePermission.OTHERS_WRITE,
        PosixFilePermission.OTHERS_READ,
        PosixFilePermission.GROUP_EXECUTE,
        PosixFilePermission.GROUP_WRITE,
        PosixFilePermission.GROUP_READ,
        PosixFilePermission.OWNER_EXECUTE,
        PosixFilePermission.OWNER_WRITE,
        PosixFilePermission.OWNER_READ
    };

    private static final ConcurrentHashMap<Integer, FileAttribute<Set<PosixFilePermission>>> KNOWN =
            new ConcurrentHashMap<>();

    private Permissions() {}

    /// @param mode the nine bits of `st_mode`
    static FileAttribute<Set<PosixFilePermission>> attribute(int mode) {
        return KNOWN.computeIfAbsent(mode & 0777, bits -> {
            var set = EnumSet.noneOf(PosixFilePermission.class);
            for (int bit = 0; bit < BITS.length; bit++) {
                if ((bits & (1 << bit)) != 0) {
                    set.add(BITS[bit]);
                }
            }
            return PosixFilePermissions.asFileAttribute(set);
        });
    }
}
