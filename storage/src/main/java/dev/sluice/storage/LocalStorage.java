package dev.sluice.storage;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Objects as plain files under their names in one folder. An unfinished one is a hidden file beside them,
/// `.<id>.sluice-part`, whose size is what has been received. Safe for use by many threads; the folder may be
/// shared with other programs, whose files are neither replaced nor deleted unless asked for.
public final class LocalStorage implements Storage {
    private static final Logger log = LoggerFactory.getLogger(LocalStorage.class);
    private static final int THREADS = 4;
    private static final Duration IDLE = Duration.ofSeconds(30);
    private static final Duration FAREWELL = Duration.ofSeconds(5);

    private final Folder folder;
    private final Placing placing;
    private final Room room;
    private final ThreadPoolExecutor disk;

    /// Makes `root` with its parents where it is missing.
    ///
    /// @param reserveBytes what is left free on the disk, however many write
    /// @throws ProblemException `internal`, where the folder cannot be used, with what to do about it
    public LocalStorage(Path root, Durability durability, long reserveBytes) {
        this(root, durability, reserveBytes, Files::createLink);
    }

    LocalStorage(Path root, Durability durability, long reserveBytes, Linker linker) {
        this.folder = Folder.open(root, durability);
        this.placing = new Placing(folder, linker);
        this.room = new Room(folder, reserveBytes);
        this.disk = pool("disk-" + folder.root().getFileName() + "-");
    }

    /// The queue has no bound of its own: every upload and every reader has at most one step in it, and their
    /// number and buffers are bounded where they are let in. A bound here could only refuse (a clean-up, too)
    /// or run the step on the caller's virtual thread, which is what this pool is there to prevent.
    private ThreadPoolExecutor pool(String name) {
        var pool = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                IDLE.toMillis(),
                TimeUnit.MILLISECONDS,
                new LinkedBlockingQueue<>(),
                new DiskThreads(this, name));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    @Override
    public Shape shape() {
        return new Shape("local", false, true, true, true, folder.survivesPowerCut());
    }

    @Override
    public Executor executor() {
        return disk;
    }

    @Override
    public boolean isHere() {
        return Thread.currentThread() instanceof DiskThreads.DiskThread here && here.isOf(this);
    }

    @Override
    public UploadState intend(ObjectSpec spec) {
        FileNames.requirePlain(spec.name());
        String token = FileNames.hidden(spec.id(), FileNames.PART);
        return new UploadState(spec.id(), spec.name(), spec.size(), spec.contentType(), token);
    }

    @Override
    public ObjectUpload begin(UploadState intent, UploadStateSink saved, StopToken stop) {
        UploadFiles files = UploadFiles.of(folder, intent);
        stop.check();
        try {
            FileChannel channel = FileChannel.open(files.part(), CREATE_NEW, READ, WRITE);
            return new LocalUpload(folder, room, placing, intent, files, channel, 0, stop);
        } catch (FileAlreadyExistsException e) {
            throw new ProblemException(
                    ErrorCode.INTERNAL, "upload " + intent.id() + " has been begun before: resume or discard it", e);
        } catch (IOException e) {
            throw folder.failed("make", files.part(), 1, intent.size(), e);
        }
    }

    @Override
    public Resumed resume(UploadState state, UploadStateSink saved, StopToken stop) {
        UploadFiles files = UploadFiles.of(folder, state);
        stop.check();
        folder.requirePresent();
        try {
            Optional<Path> placed = placing.placed(files, state.spec());
            if (placed.isPresent()) {
                folder.sync();
                String key = String.valueOf(placed.get().getFileName());
                BasicFileAttributes object = folder.require(placed.get());
                return new Resumed.AlreadyCommitted(new ObjectRef(key, object.size(), Stamp.of(object)));
            }
            BasicFileAttributes part = folder.look(files.part());
            if (part != null && part.isRegularFile() && (!state.sized() || part.size() <= state.size())) {
                FileChannel channel = FileChannel.open(files.part(), READ, WRITE, NOFOLLOW_LINKS);
                return new Resumed.Open(
                        new LocalUpload(folder, room, placing, state, files, channel, part.size(), stop));
            }
            if (part != null) {
                // More than was announced is never written here: none of it can be trusted.
                log.warn("{} is not what upload {} has written, it starts over", files.part(), state.id());
            }
            discard(state);
            return new Resumed.Gone();
        } catch (IOException e) {
            throw folder.failed("resume", files.part(), e);
        }
    }

    @Override
    public long kept(UploadState state) {
        UploadFiles files = UploadFiles.of(folder, state);
        try {
            Optional<Path> placed = placing.placed(files, state.spec());
            BasicFileAttributes there = folder.look(placed.orElse(files.part()));
            if (there == null || !there.isRegularFile() || (state.sized() && there.size() > state.size())) {
                return 0;
            }
            return there.size();
        } catch (IOException e) {
            throw folder.failed("look at", files.part(), e);
        }
    }

    @Override
    public void discard(UploadState state) {
        UploadFiles files = UploadFiles.of(folder, state);
        folder.requirePresent();
        try {
            files.delete();
            folder.sync();
        } catch (IOException e) {
            throw folder.failed("discard", files.part(), e);
        }
    }

    @Override
    public void takeBack(UploadState state, ObjectRef ref) {
        UploadFiles files = UploadFiles.of(folder, state);
        Path place = folder.object(ref.key());
        folder.requirePresent();
        try {
            placing.takeBack(files, place);
        } catch (IOException e) {
            throw folder.failed("take back", place, e);
        }
    }

    @Override
    public ObjectContent read(ObjectRef ref, ByteRange range, StopToken stop) {
        Path file = folder.object(ref.key());
        stop.check();
        try {
            // Looked at before it is opened: to open a pipe would wait for its writer.
            BasicFileAttributes there = folder.look(file);
            if (there == null || !there.isRegularFile()) {
                throw notFound(file, null);
            }
            if (!Stamp.fits(ref, there)) {
                throw new ProblemException(
                        ErrorCode.SOURCE_CHANGED,
                        "what is stored as " + ref.key() + " is another file now, or was written to: put back the one"
                                + " that was uploaded, or upload it again");
            }
            FileContent.requireWithin(ref.key(), range, there.size());
            return FileContent.of(folder, file, FileChannel.open(file, READ, NOFOLLOW_LINKS), range, stop);
        } catch (NoSuchFileException e) {
            throw notFound(file, e);
        } catch (IOException e) {
            throw folder.failed("read", file, e);
        }
    }

    @Override
    public void delete(ObjectRef ref) {
        Path file = folder.object(ref.key());
        folder.requirePresent();
        try {
            BasicFileAttributes there = folder.look(file);
            if (there != null && there.isDirectory()) {
                throw new ProblemException(ErrorCode.CONFLICT, file + " is a folder, not an object");
            }
            if (there != null && !Stamp.fits(ref, there)) {
                log.warn("{} is another file now than the one that was stored: it stays", file);
                return;
            }
            Files.deleteIfExists(file);
            folder.sync();
        } catch (IOException e) {
            throw folder.failed("delete", file, e);
        }
    }

    @Override
    public void requireSpace(long bytes) {
        try {
            long left = room.left();
            if (left < bytes) {
                throw folder.full(bytes - left, "there is no room for " + bytes + " bytes", null);
            }
        } catch (IOException e) {
            throw folder.failed("ask for the free space of", folder.root(), e);
        }
    }

    /// Lets what is running and queued come to its end, without interrupting: that would close files under
    /// others.
    @Override
    public void close() {
        disk.shutdown();
        try {
            if (!disk.awaitTermination(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("disk work in {} still goes on", folder.root());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static ProblemException notFound(Path file, @Nullable Throwable cause) {
        return new ProblemException(
                new Problem(ErrorCode.NOT_FOUND, "there is no object " + file.getFileName() + " any more"), cause);
    }
}
