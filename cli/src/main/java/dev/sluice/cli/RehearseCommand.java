package dev.sluice.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// A short life of the command and its server, from which the launcher has the JVM keep what it loaded.
/// Whatever does not work here makes the next start slower, nothing else.
@Command(
        name = "rehearse",
        hidden = true,
        description = "Copies two files, starts, serves one upload and three downloads, and stops.")
final class RehearseCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration BEGUN = Duration.ofMillis(300);

    @Override
    public Integer call() throws IOException, InterruptedException {
        var folder = Files.createTempDirectory("sluice-rehearsal");
        run("--help");
        run("upload", "--help");
        run("cancel", "--help");
        operate(folder);
        var waits = Files.writeString(folder.resolve("yt-dlp"), "#!/bin/sh\nPATH=/usr/bin:/bin\nsleep 5\n");
        Files.setPosixFilePermissions(waits, PosixFilePermissions.fromString("rwx------"));
        Thread.ofPlatform()
                .daemon()
                .name("rehearsal-serve")
                .start(() -> run(
                        "serve",
                        "--data",
                        folder.resolve("data").toString(),
                        "--port",
                        "0",
                        "--set",
                        "download.allow-networks=127.0.0.0/8",
                        "--set",
                        "download.yt-dlp=" + waits));
        if (!running(folder.resolve("data"))) {
            return Exit.FAILED;
        }
        serve(folder);
        download(folder);
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

    /// One to its end, a file and a page cancelled in the middle.
    private static void download(Path folder) throws IOException, InterruptedException {
        var data = folder.resolve("data").toString();
        try (var site = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> answer(site));
            var url = "http://127.0.0.1:" + site.getLocalPort() + "/";
            run("download", url + "whole", "--data", data);
            for (var path : List.of("endless", "page")) {
                var job =
                        run("download", url + path, "--no-wait", "--data", data).strip();
                Thread.sleep(BEGUN);
                run("cancel", job, "--data", data);
            }
        }
    }

    private static void answer(ServerSocket site) {
        try {
            while (true) {
                var client = site.accept();
                var request = new BufferedReader(
                                new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII))
                        .readLine();
                var piece = new byte[1 << 16];
                var length = request.contains("endless") ? 1L << 40 : piece.length;
                client.getOutputStream()
                        .write(("HTTP/1.1 200 OK\r\nContent-Type: "
                                        + (request.contains("page") ? "text/html" : "video/mp4")
                                        + "\r\nContent-Length: " + length + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                client.getOutputStream().write(piece);
            }
        } catch (IOException e) {
            // It is over.
        }
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

    private static String run(String... args) {
        var out = new StringWriter();
        var unused = Main.run(args, new PrintWriter(out), new PrintWriter(Writer.nullWriter()));
        return out.toString();
    }
}
