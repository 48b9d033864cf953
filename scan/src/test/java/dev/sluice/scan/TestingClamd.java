package dev.sluice.scan;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A clamd that is strict about what it is told, and that can be told to fail. It passes the contract that the real
/// one passes.
public final class TestingClamd implements AutoCloseable {
    public static final String MALICIOUS = "sluice-malicious-7f3a91";
    public static final String SIGNATURE = "Sluice-Test-Signature";
    public static final String VERSION = "ClamAV 0.0.0-testing/27500/Wed Jan  1 08:00:00 2025";
    public static final int STREAM_LIMIT = 4 << 20;
    public static final int FILE_LIMIT = 2 << 20;

    /// What it does with a command.
    @FunctionalInterface
    public interface Manner {
        /// @param in behind the command
        void meet(DataInputStream in, OutputStream out) throws IOException;
    }

    private final ServerSocketChannel server;
    private final ClamdAddress address;
    private final @Nullable Path folder;
    private final List<SocketChannel> open = new CopyOnWriteArrayList<>();
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private volatile Manner version = (in, out) -> out.write((VERSION + "\0").getBytes(ISO_8859_1));
    private volatile Manner stream = this::scan;

    private TestingClamd(ServerSocketChannel server, ClamdAddress address, @Nullable Path folder) {
        this.server = server;
        this.address = address;
        this.folder = folder;
        Thread.ofPlatform().daemon().name("testing clamd").start(this::accept);
    }

    public static TestingClamd local() {
        try {
            Path folder = Files.createTempDirectory("sluice-clamd-");
            Path socket = folder.resolve("clamd.ctl");
            var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
            return new TestingClamd(server, new ClamdAddress.Local(socket), folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static TestingClamd remote() {
        try {
            var server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
            return new TestingClamd(server, new ClamdAddress.Remote("127.0.0.1", port), null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public TestingClamd onVersion(Manner manner) {
        version = manner;
        return this;
    }

    public TestingClamd onStream(Manner manner) {
        stream = manner;
        return this;
    }

    /// Takes the whole stream and says this of it.
    public TestingClamd saying(String answer) {
        return onStream((in, out) -> {
            take(in);
            out.write(answer.getBytes(ISO_8859_1));
        });
    }

    public ClamdAddress address() {
        return address;
    }

    public int connections() {
        return connections.get();
    }

    /// How many streams were met to their end, however they ended.
    public int ended() {
        return ended.get();
    }

    /// What was said to it that clamd(8) does not know.
    public List<String> violations() {
        return List.copyOf(violations);
    }

    // ---- Serving

    private void accept() {
        while (true) {
            try {
                SocketChannel client = server.accept();
                connections.incrementAndGet();
                open.add(client);
                Thread.ofVirtual().start(() -> serve(client));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void serve(SocketChannel client) {
        try (client;
                var in = new DataInputStream(Channels.newInputStream(client));
                var out = Channels.newOutputStream(client)) {
            String command = command(in);
            switch (command) {
                case "zVERSION" -> version.meet(in, out);
                case "zINSTREAM" -> {
                    try {
                        stream.meet(in, out);
                    } finally {
                        ended.incrementAndGet();
                    }
                }
                default -> {
                    violations.add("command: " + command);
                    out.write("UNKNOWN COMMAND\0".getBytes(ISO_8859_1));
                }
            }
        } catch (IOException e) {
            // The client has gone, as some tests want it to.
        } finally {
            open.remove(client);
        }
    }

    private static String command(DataInputStream in) throws IOException {
        var command = new ByteArrayOutputStream();
        for (int next = in.readUnsignedByte(); next != 0; next = in.readUnsignedByte()) {
            command.write(next);
        }
        return command.toString(ISO_8859_1);
    }

    /// Takes a stream up to its end.
    ///
    /// @return nothing where it is over the limit
    public byte @Nullable [] take(DataInputStream in) throws IOException {
        var whole = new ByteArrayOutputStream();
        while (true) {
            int length = in.readInt();
            if (length == 0) {
                return whole.toByteArray();
            }
            if (length < 0) {
                violations.add("length of a chunk: " + length);
                return null;
            }
            if (whole.size() + length > STREAM_LIMIT) {
                return null;
            }
            whole.write(in.readNBytes(length));
        }
    }

    private void scan(DataInputStream in, OutputStream out) throws IOException {
        byte[] whole = take(in);
        String answer;
        if (whole == null) {
            answer = "INSTREAM size limit exceeded. ERROR";
        } else if (whole.length <= FILE_LIMIT && new String(whole, ISO_8859_1).contains(MALICIOUS)) {
            answer = "stream: " + SIGNATURE + " FOUND";
        } else {
            answer = "stream: OK";
        }
        out.write((answer + "\0").getBytes(ISO_8859_1));
    }

    @Override
    public void close() {
        try {
            server.close();
            for (SocketChannel client : open) {
                client.close();
            }
            if (folder != null) {
                Files.deleteIfExists(folder.resolve("clamd.ctl"));
                Files.deleteIfExists(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
