package dev.sluice.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

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

    /// What this process takes away from all that it makes; all of it where nobody can tell.
    private static final int MASK = mask();

    private Permissions() {}

    private static int mask() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("Umask:"))
                    .map(line ->
                            Integer.parseInt(line.substring("Umask:".length()).strip(), 8))
                    .findFirst()
                    .orElse(0777);
        } catch (IOException e) {
            return 0777;
        }
    }

    /// What a file has that was made with `mode`.
    static int given(int mode) {
        return mode & 0777 & ~MASK;
    }

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
