package dev.sluice.files;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Where a file has data and where holes, from its begin to its end; where nobody can tell, it is all data. Used by one
/// thread.
final class Extents implements AutoCloseable {
    private final Linux.@Nullable Descriptor file;
    private boolean hole;
    private long end;

    private Extents(Linux.@Nullable Descriptor file) {
        this.file = file;
    }

    static Extents of(Path file, long size) throws IOException {
        return Linux.known() && Linux.isSparse(file, size)
                ? new Extents(Linux.open(file, Linux.O_RDONLY | Linux.O_NOFOLLOW))
                : unknown();
    }

    /// Of a file that nobody asks.
    static Extents unknown() {
        return new Extents(null);
    }

    /// @return how many bytes from `at` on are alike, at most `most`
    long alike(long at, long most) throws IOException {
        if (file == null) {
            return most;
        }
        if (at >= end) {
            long data = Linux.data(file, at);
            hole = data != at;
            end = data < 0 ? Long.MAX_VALUE : hole ? data : Linux.hole(file, at);
        }
        return Math.min(most, end - at);
    }

    /// Whether those are a hole.
    boolean isHole() {
        return hole;
    }

    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
    }
}
