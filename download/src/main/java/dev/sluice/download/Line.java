package dev.sluice.download;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// A connection to a server. Read and written by one thread; [#cut] may be called from any.
final class Line {
    private final Target target;
    private final SocketChannel channel;
    private final @Nullable SSLSocket tls;
    private final byte[] copied;
    private final AtomicLong waitedNanos = new AtomicLong();
    /// Since when bytes are waited for; 0 while nobody waits: who does not read learns nothing of a server.
    private volatile long waitingSinceNanos;
    private final AtomicLong bytes = new AtomicLong();
    private volatile @Nullable String cut;
    private volatile boolean blameless;
    private volatile boolean suspended;

    private Line(Target target, SocketChannel channel, @Nullable SSLSocket tls) {
        this.target = target;
        this.channel = channel;
        this.tls = tls;
        this.copied = new byte[tls == null ? 0 : 16 << 10];
    }

    /// A connection that is about to be made, so that it can be cut before it stands.
    static SocketChannel unconnected() throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return channel;
    }

    /// @param address of the target's host, which has been looked at
    static Line connect(
            SocketChannel channel,
            Target target,
            InetAddress address,
            Duration patience,
            Supplier<SSLSocketFactory> secure)
            throws IOException {
        channel.socket().connect(new InetSocketAddress(address, target.port()), (int) patience.toMillis());
        // A close is a reset: what the kernel still holds of a stopped download is dropped.
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        if (!target.secure()) {
            return new Line(target, channel, null);
        }
        var tls = (SSLSocket) secure.get().createSocket(channel.socket(), target.host(), target.port(), true);
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        tls.setSSLParameters(parameters);
        shakeHands(tls, channel, patience);
        return new Line(target, channel, tls);
    }

    /// All of it within `patience`: a time-out of reads would not end one that comes byte by byte.
    private static void shakeHands(SSLSocket tls, SocketChannel channel, Duration patience) throws IOException {
        var late = new AtomicBoolean();
        var end = CompletableFuture.runAsync(
                () -> {
                    late.set(true);
                    close(channel);
                },
                CompletableFuture.delayedExecutor(patience.toMillis(), TimeUnit.MILLISECONDS));
        try {
            tls.startHandshake();
        } catch (IOException e) {
            throw late.get()
                    ? new SocketTimeoutException("no TLS connection within " + patience.toSeconds() + " s")
                    : e;
        } finally {
            end.cancel(false);
        }
    }

    Target target() {
        return target;
    }

    /// Reads some bytes, at least one where there is room.
    ///
    /// @return how many; -1 where the server has closed
    int read(ByteBuffer into) throws IOException {
        long began = System.nanoTime();
        waitingSinceNanos = began;
        try {
            int count;
            if (tls == null) {
                count = channel.read(into);
            } else {
                InputStream in = tls.getInputStream();
                count = in.read(copied, 0, Math.min(copied.length, into.remaining()));
                if (count > 0) {
                    into.put(copied, 0, count);
                }
            }
            if (count > 0) {
                bytes.addAndGet(count);
            }
            return count;
        } catch (IOException e) {
            throw told(e);
        } finally {
            waitingSinceNanos = 0;
            waitedNanos.addAndGet(System.nanoTime() - began);
        }
    }

    void write(ByteBuffer from) throws IOException {
        try {
            if (tls == null) {
                while (from.hasRemaining()) {
                    channel.write(from);
                }
            } else {
                OutputStream out = tls.getOutputStream();
                byte[] all = new byte[from.remaining()];
                from.get(all);
                out.write(all);
                out.flush();
            }
        } catch (IOException e) {
            throw told(e);
        }
    }

    /// Whether nothing has come that was not asked for, nor the server's close: what has is no answer to what is asked
    /// next. Under TLS that cannot be told, since its own words come unasked.
    boolean isQuiet() {
        if (tls != null) {
            return true;
        }
        try {
            channel.configureBlocking(false);
            try {
                return channel.read(ByteBuffer.allocate(1)) == 0;
            } finally {
                channel.configureBlocking(true);
            }
        } catch (IOException e) {
            return false;
        }
    }

    /// What whoever reads or writes is told where a line is [#suspend]ed.
    static final class Suspended extends IOException {
        private static final long serialVersionUID = 1;

        private Suspended(IOException cause) {
            super("a cancel is being decided", cause);
        }
    }

    private IOException told(IOException e) {
        if (suspended) {
            return new Suspended(e);
        }
        String why = cut;
        return why == null ? e : new IOException(why, e);
    }

    /// Bytes that have come over it.
    long bytes() {
        return bytes.get();
    }

    /// For how long a byte has been waited for just now.
    Duration silence() {
        long since = waitingSinceNanos;
        return since == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
    }

    /// How long bytes have been waited for in all.
    long waitedNanos() {
        return waitedNanos.get() + silence().toNanos();
    }

    /// Whether somebody has cut it.
    boolean isCut() {
        return cut != null;
    }

    /// Cuts it so that another one takes its place, which is no failure of the server's.
    void replace(String why) {
        blameless = true;
        cut(why);
    }

    /// Cuts it while a cancel is being decided: where nothing comes of that, another one takes its place.
    void suspend() {
        suspended = true;
        cut("a cancel");
    }

    boolean isReplaced() {
        return blameless;
    }

    /// Resets the connection at once, under whoever reads or writes.
    void cut(String why) {
        if (cut == null) {
            cut = why;
        }
        close(channel);
    }

    static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // It is closed all the same.
        }
    }
}
