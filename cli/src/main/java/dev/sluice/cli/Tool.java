package dev.sluice.cli;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Another program that we ask what it is.
final class Tool {
    private static final int SECONDS = 10;

    private Tool() {}

    /// The first line that it says.
    ///
    /// @throws IOException where it is not there or does not answer
    static String firstLine(String command, String question) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder(command, question)
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .start();
        } catch (IOException e) {
            throw new IOException(command + " cannot be started", e);
        }
        // Who never ends is ended, and the reading with it.
        var end = CompletableFuture.delayedExecutor(SECONDS, TimeUnit.SECONDS);
        var late = CompletableFuture.runAsync(process::destroyForcibly, end);
        try (BufferedReader out = process.inputReader()) {
            var line = out.readLine();
            if (line == null) {
                throw new IOException(command + " does not say what it is");
            }
            return line.strip();
        } finally {
            late.cancel(false);
            process.destroyForcibly();
        }
    }
}
