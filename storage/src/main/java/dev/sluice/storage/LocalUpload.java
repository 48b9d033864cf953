package dev.sluice.storage;

import dev.sluice.core.Commit;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/// An object on its way into a folder. What has been written belongs to the kernel and outlives this process.
final class LocalUpload implements ObjectUpload {
    private final Folder folder;
    private final Room room;
    private final Placing placing;
    private final UploadState state;
    private final UploadFiles files;
    private final FileChannel channel;
    private final StopToken stop;
    private volatile long durable;

    LocalUpload(
            Folder folder,
            Room room,
            Placing placing,
            UploadState state,
            UploadFiles files,
            FileChannel channel,
            long durable,
            StopToken stop) {
        this.folder = folder;
        this.room = room;
        this.placing = placing;
        this.state = state;
        this.files = files;
        this.channel = channel;
        this.durable = durable;
        this.stop = stop;
    }

    @Override
    public UploadState state() {
        return state;
    }

    @Override
    public void write(ByteBuffer bytes) {
        write(durable, bytes);
    }

    @Override
    public void write(long offset, ByteBuffer bytes) {
        long position = offset;
        if (state.sized() && bytes.remaining() > state.size() - position) {
            throw new ProblemException(
                    ErrorCode.SIZE_MISMATCH,
                    state.name() + " was announced with " + state.size() + " bytes: " + bytes.remaining() + " more at "
                            + position + " are too many");
        }
        int limit = bytes.limit();
        try {
            while (bytes.position() < limit) {
                bytes.limit(Math.min(limit, bytes.position() + FileContent.STEP));
                stop.handing();
                try {
                    room.take(
                            bytes.remaining(),
                            state.size() - position,
                            "cannot write " + files.part().getFileName());
                    position += channel.write(bytes, position);
                } finally {
                    stop.handed();
                }
                landed(position);
            }
        } catch (IOException e) {
            throw folder.failed(
                    "write", files.part(), bytes.remaining(), Math.max(state.size() - position, bytes.remaining()), e);
        } finally {
            bytes.limit(limit);
        }
    }

    private synchronized void landed(long end) {
        durable = Math.max(durable, end);
    }

    @Override
    public long durable() {
        return durable;
    }

    @Override
    public ObjectContent written(ByteRange range) {
        FileContent.requireWithin(state.name(), range, durable);
        return FileContent.within(folder, files.part(), channel, range, stop);
    }

    @Override
    public ObjectRef target() {
        try {
            for (int n = 1; n <= Placing.CANDIDATES; n++) {
                String name = FileNames.candidate(state.spec(), n);
                switch (placing.standing(files, folder.object(name))) {
                    case NOTHING, OBJECT, PLACEHOLDER -> {
                        return new ObjectRef(name, size());
                    }
                    case FOREIGN -> {}
                }
            }
        } catch (IOException e) {
            throw folder.failed("look for a free name for", files.part(), e);
        }
        throw new ProblemException(
                ErrorCode.INTERNAL, "no name is free for " + state.name() + " in " + folder.root() + ": rename it");
    }

    @Override
    public ObjectRef commit(ObjectRef target, Precondition when) throws Commit.TargetTaken {
        Path place = folder.object(target.key());
        try {
            requireWhole();
            if (placing.standing(files, place) != Placing.Standing.OBJECT) {
                requireNoFolder(place, when);
                persist();
            }
            BasicFileAttributes part = folder.look(files.part());
            String stamp = Stamp.of(part != null ? part : folder.require(place));
            placing.place(files, place, when);
            return new ObjectRef(target.key(), size(), stamp);
        } catch (IOException e) {
            throw folder.failed("make visible", place, e);
        }
    }

    /// The object's size; where it was not announced, what has come.
    private long size() {
        return state.sized() ? state.size() : durable;
    }

    private void requireWhole() throws IOException {
        long there = channel.size();
        if (durable != size() || there != size()) {
            throw new ProblemException(
                    ErrorCode.SIZE_MISMATCH,
                    state.name() + " was announced with " + state.size() + " bytes and has " + Math.min(durable, there)
                            + ": send the rest first");
        }
    }

    private void requireNoFolder(Path place, Precondition when) throws IOException {
        BasicFileAttributes there = folder.look(place);
        if (when == Precondition.ANY && there != null && there.isDirectory()) {
            throw new ProblemException(
                    ErrorCode.CONFLICT,
                    "a folder stands at " + place + ": a file cannot replace it, rename one of them");
        }
    }

    private void persist() throws IOException {
        if (!folder.survivesPowerCut()) {
            return;
        }
        try {
            channel.force(true);
        } catch (IOException e) {
            // The kernel drops pages that it could not write and reports it once: a second sync would lie.
            durable = 0;
            try {
                channel.truncate(0);
            } catch (IOException truncating) {
                e.addSuppressed(truncating);
            }
            throw e;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw folder.failed("close", files.part(), e);
        }
    }
}
