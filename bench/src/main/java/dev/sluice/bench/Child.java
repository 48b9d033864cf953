package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A process of ours, and nobody else's: it ends when it is closed. What it says lies in a file.
final class Child implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration FAREWELL = Duration.ofSeconds(15);

    private final Path log;
    private final Process process;
    private final Thread atExit;

    private Child(Path log, Process process) {
        this.log = log;
        this.process = process;
        this.atExit = new Thread(this::end, "end of " + process.pid());
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    static Child start(Path log, List<String> command) {
        return start(log, command, Map.of());
    }

    static Child start(Path log, List<String> command, Map<String, String> environment) {
        var builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        try {
            return new Child(log, builder.start());
        } catch (IOException e) {
            throw new BenchException("cannot start " + command.getFirst() + ": " + e.getMessage(), e);
        }
    }

    /// Runs a command to its end.
    ///
    /// @return what it said
    static String run(Path log, List<String> command) {
        try (Child child = start(log, command)) {
            return child.ended();
        }
    }

    /// Waits until it says a line that begins with `word`, and a space.
    ///
    /// @return the rest of that line
    String says(String word) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < until) {
            Optional<String> line =
                    said().lines().filter(text -> text.startsWith(word + " ")).findFirst();
            if (line.isPresent()) {
                return line.get().substring(word.length() + 1);
            }
            if (!process.isAlive()) {
                break;
            }
            Pause.millis(10);
        }
        throw new BenchException("a process never said \"" + word + "\":\n" + said());
    }

    /// Waits until it has become, by `exec`, a program with `word` among its arguments.
    ///
    /// @return its command line
    List<String> becomes(String word) {
        Path commandLine = Path.of("/proc", Long.toString(pid()), "cmdline");
        long until = System.nanoTime() + PATIENCE.toNanos();
        try {
            List<String> before = List.of();
            while (process.isAlive() && System.nanoTime() < until) {
                List<String> words = List.of(Files.readString(commandLine).split("\0"));
                // One read in the middle of the `exec` has the beginning of the one and the end of the other.
                if (words.contains(word) && words.equals(before)) {
                    return words;
                }
                before = words;
                Pause.millis(2);
            }
        } catch (IOException e) {
            throw new BenchException("cannot read " + commandLine, e);
        }
        throw new BenchException("a process never became " + word + ":\n" + said());
    }

    /// Waits for its end, which has to be a good one.
    String ended() {
        try {
            if (!process.waitFor(PATIENCE.toMillis() * 5, TimeUnit.MILLISECONDS)) {
                throw new BenchException("a process does not end:\n" + said());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", e);
        }
        if (process.exitValue() != 0) {
            throw new BenchException("a process ended with " + process.exitValue() + ":\n" + said());
        }
        return said();
    }

    String said() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new BenchException("cannot read " + log, e);
        }
    }

    boolean alive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        end();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    private void end() {
        List<ProcessHandle> family = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        family.forEach(ProcessHandle::destroyForcibly);
    }
}
