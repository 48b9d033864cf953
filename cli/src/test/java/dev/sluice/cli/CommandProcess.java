package dev.sluice.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/// The command as a process of its own, its standard output read line by line.
@NullMarked
final class CommandProcess implements AutoCloseable {
    private static final long SECONDS = 60;

    private final Process process;
    private final BufferedReader out;
    private final List<String> read = new ArrayList<>();

    private CommandProcess(Process process) {
        this.process = process;
        this.out = process.inputReader();
    }

    static CommandProcess start(Path data, String... args) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.sluice.cli.Main"));
        command.addAll(List.of(args));
        command.addAll(List.of("--data", data.toString()));
        return new CommandProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    @Nullable
    String line() throws IOException {
        var line = out.readLine();
        if (line != null) {
            read.add(line);
        }
        return line;
    }

    /// Its first line; the process is on its way then.
    String first() throws IOException {
        var line = line();
        if (line == null) {
            throw new IOException("it said nothing and ended with " + exit());
        }
        return line;
    }

    /// All that it has said; waits for its end.
    List<String> lines() throws IOException {
        while (line() != null) {
            // Until there is no more.
        }
        return read;
    }

    int exit() throws IOException {
        var unused = lines();
        try {
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("it has not ended in " + SECONDS + " s; said: " + read);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return process.exitValue();
    }

    void interrupt() throws IOException {
        var unused = new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start();
    }

    void kill() {
        var unused = process.destroyForcibly();
    }

    @Override
    public void close() {
        kill();
    }
}
