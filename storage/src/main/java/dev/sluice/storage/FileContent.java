package dev.sluice.storage;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/// A range of a file's bytes; reads the stop token every [#STEP].
final class FileContent implements ObjectContent {
    static final int STEP = 1 << 20;

    private final Folder folder;
    private final Path file;
    private final FileChannel channel;
    private final boolean closesChannel;
    private final StopToken stop;
    private final long end;
    private long position;

    private FileContent(
            Folder folder, Path file, FileChannel channel, boolean closesChannel, ByteRange range, StopToken stop) {
        this.folder = folder;
        this.file = file;
        this.channel = channel;
        this.closesChannel = closesChannel;
        this.stop = stop;
        this.position = range.first();
        this.end = range.end();
    }

    /// Owns the channel.
    static FileContent of(Folder folder, Path file, FileChannel channel, ByteRange range, StopToken stop) {
        return new FileContent(folder, file, channel, true, range, stop);
    }

    /// Leaves the channel to the one who goes on writing to it.
    static FileContent within(Folder folder, Path file, FileChannel channel, ByteRange range, StopToken stop) {
        return new FileContent(folder, file, channel, false, range, stop);
    }

    static void requireWithin(String name, ByteRange range, long size) {
        if (range.end() > size) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST, name + " has " + size + " bytes: none can be read up to " + range.end());
        }
    }

    @Override
    public long remaining() {
        return end - position;
    }

    @Override
    public int read(ByteBuffer target) {
        if (position == end) {
            return -1;
        }
        stop.check();
        int limit = target.limit();
        target.limit(target.position() + (int) Math.min(Math.min(target.remaining(), STEP), end - position));
        try {
            int count = channel.read(target, position);
            if (count < 0) {
                throw new ProblemException(
                        ErrorCode.SOURCE_CHANGED,
                        file.getFileName() + " was cut short at " + position + " bytes while it was read");
            }
            position += count;
            return count;
        } catch (IOException e) {
            throw folder.failed("read", file, e);
        } finally {
            target.limit(limit);
        }
    }

    @Override
    public void close() {
        if (!closesChannel) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw folder.failed("close", file, e);
        }
    }
}
