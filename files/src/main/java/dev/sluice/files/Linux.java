package dev.sluice.files;

import static java.lang.foreign.MemorySegment.NULL;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What Linux can do with files and the JDK does not offer: clone, find holes, rename without replacing, sync a whole
/// file system, open beneath a folder. Each call is one system call (their manual pages have the details); where it
/// fails it throws an [IOException] with [#errno].
///
/// Looked up on first use. Elsewhere than on Linux [#known] is false and nothing else here may be called.
final class Linux {
    static final int ENOENT = 2;
    static final int EIO = 5;
    static final int EEXIST = 17;
    static final int EXDEV = 18;
    static final int EINVAL = 22;
    static final int ERANGE = 34;
    static final int ENOSYS = 38;
    static final int ELOOP = 40;
    static final int ENODATA = 61;
    static final int EOPNOTSUPP = 95;
    static final int ENXIO = 6;

    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_NOFOLLOW = 0x20000;
    static final int O_CLOEXEC = 0x80000;
    static final int O_DIRECTORY = 0x10000;
    static final int O_PATH = 0x200000;

    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int STATX_BLOCKS = 0x400;
    private static final long STATX_SIZE = 256;
    private static final long STX_BLOCKS = 48;
    private static final long BLOCK = 512;
    private static final int RENAME_NOREPLACE = 1;
    private static final long SYS_OPENAT2 = 437;
    private static final long RESOLVE_NO_MAGICLINKS = 0x02;
    private static final long RESOLVE_BENEATH = 0x08;
    private static final int PRIO_PROCESS = 0;
    private static final int THIS_THREAD = 0;
    /// Of 19: beside one that asks for a processor, a third of what an equal would get.
    private static final int ASIDE = 5;
    private static final long NANOS = 1_000_000_000L;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final long FICLONE = 0x40049409L;
    private static final int POSIX_FADV_WILLNEED = 3;
    private static final int POSIX_FADV_DONTNEED = 4;
    private static final int SYNC_FILE_RANGE_WAIT_BEFORE = 1;
    private static final int SYNC_FILE_RANGE_WRITE = 2;

    private Linux() {}

    static boolean known() {
        return System.getProperty("os.name").equals("Linux");
    }

    /// Why a call failed, where that was an error number of the system.
    static int errno(IOException e) {
        return e instanceof Refused refused ? refused.errno : 0;
    }

    private static final class Refused extends FileSystemException {
        private static final long serialVersionUID = 1L;
        private final int errno;

        Refused(String file, @Nullable String other, String call, int errno) {
            super(file, other, call + ": " + Calls.text(errno));
            this.errno = errno;
        }
    }

    /// The functions, linked once. The command that starts us permits it: `--enable-native-access`.
    @SuppressWarnings("restricted")
    private static final class Calls {
        private static final Linker LINKER = Linker.nativeLinker();
        private static final StructLayout STATE = Linker.Option.captureStateLayout();
        private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

        static final MethodHandle OPEN =
                function("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), 2);
        static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT), -1);
        static final MethodHandle RENAMEAT2 = function(
                "renameat2", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT), -1);
        static final MethodHandle SYSCALL = function(
                "syscall", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG), 1);
        static final MethodHandle LSEEK =
                function("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT), -1);
        static final MethodHandle STATX =
                function("statx", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS), -1);
        static final MethodHandle IOCTL =
                function("ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT), 2);
        static final MethodHandle FADVISE = function(
                "posix_fadvise", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT), -1);
        static final MethodHandle SYNCFS = function("syncfs", FunctionDescriptor.of(JAVA_INT, JAVA_INT), -1);
        static final MethodHandle SYNC_FILE_RANGE = function(
                "sync_file_range", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT), -1);
        static final MethodHandle LLISTXATTR =
                function("llistxattr", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG), -1);
        static final MethodHandle LGETXATTR =
                function("lgetxattr", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG), -1);
        static final MethodHandle LSETXATTR = function(
                "lsetxattr", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT), -1);
        static final MethodHandle LREMOVEXATTR =
                function("lremovexattr", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS), -1);
        static final MethodHandle SETPRIORITY =
                function("setpriority", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), -1);
        static final MethodHandle UTIMENSAT =
                function("utimensat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT), -1);
        static final MethodHandle STRERROR = LINKER.downcallHandle(
                LINKER.defaultLookup().find("strerror").orElseThrow(), FunctionDescriptor.of(ADDRESS, JAVA_INT));

        private static MethodHandle function(String name, FunctionDescriptor shape, int firstVariadic) {
            Linker.Option state = Linker.Option.captureCallState("errno");
            Linker.Option[] options = firstVariadic < 0
                    ? new Linker.Option[] {state}
                    : new Linker.Option[] {state, Linker.Option.firstVariadicArg(firstVariadic)};
            return LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(), shape, options);
        }

        static MemorySegment state(Arena arena) {
            return arena.allocate(STATE);
        }

        static int errno(MemorySegment state) {
            return (int) ERRNO.get(state, 0L);
        }

        static String text(int errno) {
            try {
                return ((MemorySegment) STRERROR.invokeExact(errno))
                        .reinterpret(256)
                        .getString(0);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @FunctionalInterface
    private interface Call {
        long with(MemorySegment state, Arena arena) throws Throwable;
    }

    private static long call(String name, String file, @Nullable String other, Call call) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Calls.state(arena);
            long result = call.with(state, arena);
            if (result >= 0) {
                return result;
            }
            throw refused(name, file, other, Calls.errno(state));
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static IOException refused(String name, String file, @Nullable String other, int errno) {
        return switch (errno) {
            case ENOENT -> new NoSuchFileException(file, other, null);
            case EEXIST -> new FileAlreadyExistsException(file, other, null);
            default -> new Refused(file, other, name, errno);
        };
    }

    /// The bytes of a path as the kernel knows them, with a zero at the end.
    private static MemorySegment bytes(Arena arena, Path path) {
        String text = path.toString();
        if (!isExact(path, text)) {
            return raw(arena, path);
        }
        return arena.allocateFrom(text);
    }

    private static boolean isExact(Path path, String text) {
        return text.indexOf('\uFFFD') < 0 || Path.of(text).equals(path);
    }

    /// A name that is no UTF-8: its bytes stand in its URI only.
    private static MemorySegment raw(Arena arena, Path path) {
        String coded = path.toUri().getRawPath();
        byte[] decoded = decode(coded);
        MemorySegment segment = arena.allocate(decoded.length + 1L);
        MemorySegment.copy(decoded, 0, segment, JAVA_BYTE, 0, decoded.length);
        return segment;
    }

    private static byte[] decode(String coded) {
        var bytes = new java.io.ByteArrayOutputStream(coded.length());
        for (int at = 0; at < coded.length(); at++) {
            char c = coded.charAt(at);
            if (c == '%') {
                bytes.write(Integer.parseInt(coded, at + 1, at + 3, 16));
                at += 2;
            } else {
                bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    /// An open file that only the calls of this class know.
    static final class Descriptor implements AutoCloseable {
        private final int number;
        private final Path path;
        private boolean closed;

        private Descriptor(int number, Path path) {
            this.number = number;
            this.path = path;
        }

        /// The path by which this process, and only it, reaches what is open, wherever that is moved.
        Path magic() {
            return Path.of("/proc/self/fd/" + number);
        }

        @Override
        public void close() {
            if (closed) {
                return;
            }
            closed = true;
            try {
                call("close", path.toString(), null, (state, arena) -> (int) Calls.CLOSE.invokeExact(state, number));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    static Descriptor open(Path path, int flags) throws IOException {
        long fd = call("open", path.toString(), null, (state, arena) ->
                (int) Calls.OPEN.invokeExact(state, bytes(arena, path), flags | O_CLOEXEC, 0));
        return new Descriptor((int) fd, path);
    }

    /// Opens what lies at `relative` below an open folder; no link on the way leads out of that.
    static Descriptor openBeneath(Descriptor folder, Path relative, int flags) throws IOException {
        long fd = call("openat2", folder.path.resolve(relative).toString(), null, (state, arena) -> {
            MemorySegment how = arena.allocate(24, 8);
            how.set(JAVA_LONG, 0, flags | O_CLOEXEC);
            how.set(JAVA_LONG, 16, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
            return (long)
                    Calls.SYSCALL.invokeExact(state, SYS_OPENAT2, folder.number, bytes(arena, relative), how, 24L);
        });
        return new Descriptor((int) fd, folder.path.resolve(relative));
    }

    /// Renames without ever replacing.
    ///
    /// @throws FileAlreadyExistsException where there is something under the new name
    static void rename(Path from, Path to) throws IOException {
        call("rename", from.toString(), to.toString(), (state, arena) -> (int) Calls.RENAMEAT2.invokeExact(
                state, AT_FDCWD, bytes(arena, from), AT_FDCWD, bytes(arena, to), RENAME_NOREPLACE));
    }

    /// The names of a file's extended attributes, of all kinds: none on a file system that has no such thing.
    static List<String> attributes(Path file) throws IOException {
        try {
            byte[] names = filled("llistxattr", file, (state, arena, room) ->
                    (long) Calls.LLISTXATTR.invokeExact(state, bytes(arena, file), room, room.byteSize()));
            return names.length == 0 ? List.of() : List.of(new String(names, StandardCharsets.UTF_8).split("\0"));
        } catch (FileSystemException e) {
            if (errno(e) == EOPNOTSUPP) {
                return List.of();
            }
            throw e;
        }
    }

    /// The value of an extended attribute.
    static byte[] attribute(Path file, String name) throws IOException {
        return filled("lgetxattr", file, (state, arena, room) -> (long) Calls.LGETXATTR.invokeExact(
                state, bytes(arena, file), arena.allocateFrom(name), room, room.byteSize()));
    }

    static void attribute(Path file, String name, byte[] value) throws IOException {
        call("lsetxattr", file.toString(), null, (state, arena) -> (int) Calls.LSETXATTR.invokeExact(
                state,
                bytes(arena, file),
                arena.allocateFrom(name),
                arena.allocateFrom(JAVA_BYTE, value),
                (long) value.length,
                0));
    }

    /// @return whether there was one
    static boolean removeAttribute(Path file, String name) throws IOException {
        try {
            call("lremovexattr", file.toString(), null, (state, arena) ->
                    (int) Calls.LREMOVEXATTR.invokeExact(state, bytes(arena, file), arena.allocateFrom(name)));
            return true;
        } catch (FileSystemException e) {
            if (errno(e) == ENODATA || errno(e) == EOPNOTSUPP) {
                return false;
            }
            throw e;
        }
    }

    @FunctionalInterface
    private interface Filling {
        long into(MemorySegment state, Arena arena, MemorySegment room) throws Throwable;
    }

    /// What a call fills: asked with no room it says how much it needs.
    private static byte[] filled(String name, Path file, Filling filling) throws IOException {
        while (true) {
            long length = call(name, file.toString(), null, (state, arena) -> filling.into(state, arena, NULL));
            if (length == 0) {
                return new byte[0];
            }
            var filled = new byte[(int) length];
            try {
                long now = call(name, file.toString(), null, (state, arena) -> {
                    MemorySegment room = arena.allocate(length);
                    long count = filling.into(state, arena, room);
                    MemorySegment.copy(room, JAVA_BYTE, 0, filled, 0, (int) Math.max(0, count));
                    return count;
                });
                return Arrays.copyOf(filled, (int) now);
            } catch (FileSystemException e) {
                // It has grown in between.
                if (errno(e) != ERANGE) {
                    throw e;
                }
            }
        }
    }

    /// Says when a file, or a link itself, was last read and changed.
    ///
    /// @param nanos since 1970
    static void times(Path file, long nanos) throws IOException {
        call("utimensat", file.toString(), null, (state, arena) -> {
            MemorySegment times = arena.allocate(32, 8);
            for (long at = 0; at < 32; at += 16) {
                times.set(JAVA_LONG, at, Math.floorDiv(nanos, NANOS));
                times.set(JAVA_LONG, at + 8, Math.floorMod(nanos, NANOS));
            }
            return (int) Calls.UTIMENSAT.invokeExact(state, AT_FDCWD, bytes(arena, file), times, AT_SYMLINK_NOFOLLOW);
        });
    }

    /// Makes `to` share all blocks of `from`.
    static void cloneInto(Descriptor from, Descriptor to) throws IOException {
        call("clone", from.path.toString(), to.path.toString(), (state, arena) ->
                (int) Calls.IOCTL.invokeExact(state, to.number, FICLONE, from.number));
    }

    /// Whether a file takes less room than its size, as one with holes does. In one without them nobody should search:
    /// on a file system in memory that walks over all pages in one call, 10 ms a GiB, and leaves the processor to
    /// nobody.
    static boolean isSparse(Path file, long size) throws IOException {
        return room(file) < size;
    }

    /// How many bytes of its disk a file takes.
    static long room(Path file) throws IOException {
        var blocks = new long[1];
        call("statx", file.toString(), null, (state, arena) -> {
            MemorySegment found = arena.allocate(STATX_SIZE, 8);
            int failed = (int) Calls.STATX.invokeExact(
                    state, AT_FDCWD, bytes(arena, file), AT_SYMLINK_NOFOLLOW, STATX_BLOCKS, found);
            blocks[0] = found.get(JAVA_LONG, STX_BLOCKS);
            return failed;
        });
        return blocks[0] * BLOCK;
    }

    /// Where data begins at or after `offset`; -1 where only a hole is left.
    static long data(Descriptor file, long offset) throws IOException {
        try {
            return seek(file, offset, SEEK_DATA);
        } catch (IOException e) {
            if (errno(e) == ENXIO) {
                return -1;
            }
            throw e;
        }
    }

    /// Where a hole begins at or after `offset`: the file's end at the latest.
    static long hole(Descriptor file, long offset) throws IOException {
        return seek(file, offset, SEEK_HOLE);
    }

    private static long seek(Descriptor file, long offset, int whence) throws IOException {
        return call("lseek", file.path.toString(), null, (state, arena) ->
                (long) Calls.LSEEK.invokeExact(state, file.number, offset, whence));
    }

    /// Drops what the page cache holds of a file and need not hold.
    static void dropCache(Descriptor file) throws IOException {
        advise(file, 0, POSIX_FADV_DONTNEED);
    }

    /// Begins to read the first `length` bytes of a file into the page cache, all at once.
    static void readAhead(Descriptor file, long length) throws IOException {
        advise(file, length, POSIX_FADV_WILLNEED);
    }

    private static void advise(Descriptor file, long length, int advice) throws IOException {
        int error = (int) call("posix_fadvise", file.path.toString(), null, (state, arena) ->
                (int) Calls.FADVISE.invokeExact(state, file.number, 0L, length, advice));
        if (error != 0) {
            throw refused("posix_fadvise", file.path.toString(), null, error);
        }
    }

    /// Lets whoever else wants a processor have it before the thread that calls this, from now on.
    static void stepAside() throws IOException {
        call("setpriority", "this thread", null, (state, arena) ->
                (int) Calls.SETPRIORITY.invokeExact(state, PRIO_PROCESS, THIS_THREAD, ASIDE));
    }

    /// Writes everything of the file system that a folder lies on to its device.
    static void syncFileSystem(Descriptor folder) throws IOException {
        call("syncfs", folder.path.toString(), null, (state, arena) ->
                (int) Calls.SYNCFS.invokeExact(state, folder.number));
    }

    /// Begins to write a range to the device, once what was begun before is there.
    static void writeBack(Descriptor file, long offset, long length) throws IOException {
        call("sync_file_range", file.path.toString(), null, (state, arena) -> (int) Calls.SYNC_FILE_RANGE.invokeExact(
                state, file.number, offset, length, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE));
    }
}
