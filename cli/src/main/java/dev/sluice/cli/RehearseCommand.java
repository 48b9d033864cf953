package dev.sluice.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// A short life of the command and its server, from which the launcher has the JVM keep what it loaded.
/// Whatever does not work here makes the next start slower, nothing else.
@Command(name = "rehearse", hidden = true, description = "Copies two files, starts, serves one upload, and stops.")
final class RehearseCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    @Override
    public Integer call() throws IOException, InterruptedException {
        var folder = Files.createTempDirectory("sluice-rehearsal");
        run("--help");
        run("upload", "--help");
        run("cancel", "--help");
        operate(folder);
        Thread.ofPlatform()
                .daemon()
                .name("rehearsal-serve")
                .start(() -> run("serve", "--data", folder.resolve("data").toString(), "--port", "0"));
        if (!running(folder.resolve("data"))) {
            return Exit.FAILED;
        }
        serve(folder);
        // Ends the server by its shutdown hook.
        return Exit.DONE;
    }

    /// Two frames: copied, renamed, and what the last one did told.
    private static void operate(Path folder) throws IOException {
        Files.writeString(folder.resolve("shot.1001.exr"), "sluice ".repeat(20_000));
        Files.writeString(folder.resolve("shot.1002.exr"), "sluice ".repeat(20_000));
        var data = folder.resolve("operations").toString();
        var frames = folder.resolve("shot.#.exr").toString();
        var target = folder.resolve("copied") + "/";
        run("copy", frames, target, "--data", data);
        run("copy", frames, target, "--policy", "overwrite", "--verify", "--data", data, "--json");
        run("rename", frames, "--offset", "1", "--batch-id", "rehearsal", "--data", data);
        run("report", "rehearsal", "--data", data);
    }

    private static void serve(Path folder) throws IOException {
        var file = Files.writeString(folder.resolve("rehearsal.txt"), "sluice ".repeat(20_000));
        var data = folder.resolve("data").toString();
        run("upload", file.toString(), "--data", data, "--json");
        run("jobs", "--data", data);
        run("jobs", "--data", data, "--json");
        run("status", "--data", data);
    }

    private static boolean running(Path data) throws InterruptedException {
        var until = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < until) {
            if (Files.exists(data.resolve("server.json"))) {
                return true;
            }
            Thread.sleep(Duration.ofMillis(50));
        }
        return false;
    }

    private static void run(String... args) {
        var nowhere = new PrintWriter(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        var unused = Main.run(args, nowhere, nowhere);
    }
}
