package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// Where a run works: folders that are gone afterwards, the built server, and whether there is time.
final class Workbench implements AutoCloseable {
    /// In memory, on every Linux.
    private static final Path MEMORY = Path.of("/dev/shm");

    /// On a disk, and open for other users.
    private static final Path DISK = Path.of("/var/tmp");

    private final Path root;
    private final boolean brief;
    private final Path memory;
    private final Path disk;
    private final AtomicInteger folders = new AtomicInteger();
    private final Thread atExit = new Thread(this::delete, "end of the workbench");

    /// @param root of the repository
    /// @param brief whether a form of seconds is asked for
    Workbench(Path root, boolean brief) {
        this.root = root;
        this.brief = brief;
        try {
            memory = Files.createTempDirectory(MEMORY, "sluice-bench-");
            disk = Files.createTempDirectory(DISK, "sluice-bench-");
        } catch (IOException e) {
            throw new BenchException("cannot make a folder to work in: " + e.getMessage(), e);
        }
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /// Refuses to begin what the machine's memory cannot hold: files in memory count, too.
    void requireMemory(long bytes) {
        long free = Machine.freeMemory();
        if (free < bytes) {
            throw new BenchException(
                    "this needs " + (bytes >> 20) + " MiB of memory, and " + (free >> 20) + " are free");
        }
    }

    boolean brief() {
        return brief;
    }

    int of(int whole, int brief) {
        return this.brief ? brief : whole;
    }

    long of(long whole, long brief) {
        return this.brief ? brief : whole;
    }

    /// A new folder in memory.
    Path folder(String name) {
        return folder(memory, name);
    }

    /// A new folder on a disk.
    Path diskFolder(String name) {
        return folder(disk, name);
    }

    private Path folder(Path in, String name) {
        try {
            return Files.createDirectory(in.resolve(name + "-" + folders.incrementAndGet()));
        } catch (IOException e) {
            throw new BenchException("cannot make a folder in " + in, e);
        }
    }

    Path log(String name) {
        return memory.resolve(name + "-" + folders.incrementAndGet() + ".log");
    }

    Path launcher() {
        return root.resolve("sluice");
    }

    Path page() {
        return root.resolve("docs/benchmarks.md");
    }

    /// The folder of what is not Java.
    Path rivals() {
        return root.resolve("bench/rivals");
    }

    Path fakeDrive() {
        return root.resolve("dev/fake-drive");
    }

    /// The folder of what the transfer manager needs and the server does not.
    Path rival() {
        return root.resolve("bench/target/rival");
    }

    /// The folder of foreign servers.
    Path peers() {
        return root.resolve("bench/target/peers");
    }

    /// The jar that this class is in.
    Path jar() {
        return Path.of(Workbench.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
    }

    /// Another JVM on the classes of this one.
    List<String> java(Class<?> main) {
        return List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName());
    }

    @Override
    public void close() {
        delete();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    private void delete() {
        delete(memory);
        delete(disk);
    }

    private static void delete(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new BenchException("cannot delete " + folder, e);
        }
    }
}
