package dev.sluice.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Looks, every few milliseconds from its begin to its end, for bytes that a server has put into files: in its data
/// folder, and wherever it has one open, under a name or under none any more.
///
/// The database, logs and programs are no bytes of a job, nor is what has no more than a page.
final class FilesWatch implements AutoCloseable {
    private static final int INTERVAL_MILLIS = 5;
    private static final int PAGE = 4096;
    private static final List<String> PROGRAMS = List.of(".jar", ".so", ".aot", "/modules");

    private final SluiceProcess sluice;
    private final Thread thread = Thread.ofPlatform().unstarted(this::run);
    private volatile boolean closed;
    private long largest;
    private long looks;

    private FilesWatch(SluiceProcess sluice) {
        this.sluice = sluice;
    }

    static FilesWatch start(SluiceProcess sluice) {
        var files = new FilesWatch(sluice);
        files.thread.start();
        return files;
    }

    /// Bytes of the largest file that was seen, after [#close].
    long largest() {
        if (looks == 0) {
            throw new BenchException("nobody has looked at the files of the server");
        }
        return largest;
    }

    private void run() {
        while (!closed) {
            look(sluice.data());
            look(Path.of("/proc", Long.toString(sluice.pid()), "fd"));
            looks++;
            Pause.millis(INTERVAL_MILLIS);
        }
    }

    private void look(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            all.forEach(file -> largest = Math.max(largest, bytes(file)));
        } catch (IOException | UncheckedIOException e) {
            // Something has gone amid the walk: the next look is at hand.
        }
    }

    private long bytes(Path file) {
        try {
            // What is open and has no name any more is still there behind the link.
            String name =
                    Files.isSymbolicLink(file) ? Files.readSymbolicLink(file).toString() : file.toString();
            boolean counts = Files.isRegularFile(file)
                    && !Path.of(name).startsWith(sluice.data().resolve("logs"))
                    && !name.contains("/state.db")
                    && PROGRAMS.stream().noneMatch(name::endsWith);
            long size = counts ? Files.size(file) : 0;
            return size > PAGE ? size : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
