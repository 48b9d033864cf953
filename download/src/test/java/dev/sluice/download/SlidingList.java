package dev.sluice.download;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// The list of a live stream (RFC 8216) as its server writes it anew each time it has a piece more.
final class SlidingList implements AutoCloseable {
    private static final int FIRST = 3;
    private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final Path file;
    private final String tags;
    private final int first;
    private final List<String> pieces;
    private final Thread writer;
    private final CountDownLatch going = new CountDownLatch(1);
    private volatile boolean closed;

    /// @param file that is written
    /// @param tags lines before the pieces
    /// @param first the number of the first piece
    /// @param pieces of one second each, one after the other
    /// @param end what is written once all are there: the mark of the end, or nothing
    SlidingList(Path file, String tags, int first, List<String> pieces, String end) {
        this.file = file;
        this.tags = tags;
        this.first = first;
        this.pieces = List.copyOf(pieces);
        writer = Thread.ofVirtual().start(() -> {
            show(0, FIRST, "");
            awaitGo();
            for (int shown = FIRST + 1; shown <= pieces.size() && !closed; shown++) {
                show(0, shown, shown == pieces.size() ? end : "");
                LockSupport.parkNanos(EVERY_NANOS);
            }
        });
        while (!Files.exists(file)) {
            LockSupport.parkNanos(EVERY_NANOS / 10);
        }
    }

    private void awaitGo() {
        try {
            going.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// More than the first three pieces are there from now on.
    void go() {
        going.countDown();
    }

    /// Shows the pieces from one on up to another, and what stands behind them.
    void show(int from, int to, String end) {
        var text = new StringBuilder("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:");
        text.append(first + from).append('\n').append(tags);
        pieces.subList(from, to)
                .forEach(piece -> text.append("#EXTINF:1.0,\n").append(piece).append('\n'));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(fresh, text + end);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Nothing is added any more, and the list is gone.
    void vanish() {
        closed = true;
        go();
        try {
            writer.join();
            Files.deleteIfExists(file);
        } catch (InterruptedException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        vanish();
    }
}
