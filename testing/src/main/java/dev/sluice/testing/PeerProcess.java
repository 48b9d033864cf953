package dev.sluice.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A server as a process of its own, on free loopback ports and in a folder of its own. It ends when it is
/// closed, and with this JVM at the latest: by a shutdown hook and, where there is `setpriv`, by the kernel,
/// however the JVM dies.
final class PeerProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ProcessBuilder.Redirect NOTHING =
            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile());

    /// Somebody else may take a port between its choice and the server's start.
    private static final int ATTEMPTS = 3;

    /// The kernel ends a child when the *thread* that started it ends, so one thread that never does starts
    /// them all.
    private static final ExecutorService PARENT = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("peers").factory());

    private static final boolean DIES_WITH_US =
            Stream.of("/usr/bin/setpriv", "/bin/setpriv").anyMatch(program -> Files.isExecutable(Path.of(program)));

    /// Says how a server is started.
    interface Command {
        /// @param folder an empty folder for the server's data
        /// @param ports two free ports; the first is the one on which it has to answer HTTP
        List<String> words(Path folder, List<Integer> ports) throws IOException;
    }

    private final String name;
    private final Path folder;
    private final int port;
    private final Process process;
    private final Thread atExit;

    private PeerProcess(String name, Path folder, int port, Process process) {
        this.name = name;
        this.folder = folder;
        this.port = port;
        this.process = process;
        this.atExit = new Thread(this::end, "end of " + name);
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /// Returns when the server answers.
    ///
    /// @throws IllegalStateException if it does not within a minute, with what it said
    static PeerProcess start(String name, Command command) {
        for (int attempt = 1; ; attempt++) {
            PeerProcess peer = launch(name, command);
            if (peer.answers()) {
                return peer;
            }
            boolean ended = !peer.process.isAlive();
            String said = peer.said();
            peer.close();
            if (!ended || attempt == ATTEMPTS) {
                throw new IllegalStateException(name + (ended ? " ended" : " does not answer") + ":\n" + said);
            }
        }
    }

    private static PeerProcess launch(String name, Command command) {
        try {
            Path folder = Files.createTempDirectory("sluice-" + name + "-");
            Path data = Files.createDirectory(folder.resolve("data"));
            List<Integer> ports = freePorts();
            var words = new ArrayList<String>();
            if (DIES_WITH_US) {
                words.addAll(List.of("setpriv", "--pdeathsig", "KILL"));
            }
            words.addAll(command.words(data, ports));
            var builder = new ProcessBuilder(words)
                    .directory(data.toFile())
                    .redirectInput(NOTHING)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile());
            // They are for the JVM of the tests; a server that prints what it picked up confuses its readers.
            builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "NODE_OPTIONS"));
            Process process = PARENT.submit(builder::start).get();
            return new PeerProcess(name, folder, ports.getFirst(), process);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + name, e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot start " + name + ": " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting " + name, e);
        }
    }

    /// Runs a command to its end, which has to be a good one.
    ///
    /// @return what it said
    static String run(List<String> command, Duration patience) {
        String line = String.join(" ", command);
        try {
            Path log = Files.createTempFile("sluice-peer-", ".log");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectInput(NOTHING)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
                if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly().waitFor();
                    throw new IllegalStateException(line + " did not end within " + patience + ":\n" + tail(log));
                }
                if (process.exitValue() != 0) {
                    throw new IllegalStateException(line + " ended with " + process.exitValue() + ":\n" + tail(log));
                }
                return Files.readString(log).strip();
            } finally {
                Files.delete(log);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + line + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + line + " ran", e);
        }
    }

    private static List<Integer> freePorts() throws IOException {
        try (var first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var second = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return List.of(first.getLocalPort(), second.getLocalPort());
        }
    }

    private boolean answers() {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (process.isAlive() && System.nanoTime() < until) {
            if (answersOnce()) {
                return true;
            }
            try {
                if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
                    return false;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return false;
    }

    /// Any answer will do: without a signature, most servers refuse.
    private boolean answersOnce() {
        try (var socket = new Socket()) {
            socket.setSoTimeout(2000);
            socket.connect(address(), 2000);
            String request = "GET / HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readNBytes(7), ISO_8859_1).equals("HTTP/1.");
        } catch (IOException e) {
            return false;
        }
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    int port() {
        return port;
    }

    /// Where the server keeps its data.
    Path folder() {
        return folder.resolve("data");
    }

    long pid() {
        return process.pid();
    }

    boolean alive() {
        return process.isAlive();
    }

    /// The end of what the server has said.
    String said() {
        return tail(folder.resolve("log"));
    }

    private static String tail(Path log) {
        try {
            String all = Files.readString(log, ISO_8859_1);
            return all.substring(Math.max(0, all.length() - 4000));
        } catch (IOException e) {
            return "(" + log + " cannot be read: " + e + ")";
        }
    }

    @Override
    public void close() {
        end();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    /// Without a farewell: nothing of it is needed any more.
    private void end() {
        List<ProcessHandle> family = process.descendants().toList();
        try {
            process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        family.forEach(ProcessHandle::destroyForcibly);
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete the folder of " + name, e);
        }
    }
}
