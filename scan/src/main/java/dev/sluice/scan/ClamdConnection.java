package dev.sluice.scan;

import dev.sluice.core.StopToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection to clamd, for one command and its one answer. It listens while it sends, since clamd may answer and
/// go before it has everything; a stop closes it at once, and nothing waits longer than it may. For one thread.
final class ClamdConnection implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ClamdConnection.class);
    private static final int LONGEST_ANSWER = 4096;

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final Duration stall;
    private final StopToken stop;
    private final StopToken.Registration hung;
    private final ByteBuffer answer = ByteBuffer.allocate(LONGEST_ANSWER);
    /// Whether clamd has nothing more to say: it has ended its answer, or has gone.
    private boolean over;
    /// Whether it takes nothing more.
    private boolean broken;

    private ClamdConnection(SocketChannel channel, Selector selector, Duration stall, StopToken stop)
            throws IOException {
        this.channel = channel;
        this.selector = selector;
        this.stall = stall;
        this.stop = stop;
        channel.configureBlocking(false);
        this.key = channel.register(selector, 0);
        this.hung = stop.onStop(why -> drop());
    }

    /// @param patience until it takes the connection
    /// @param stall how long it may take nothing of what is sent
    /// @throws ClamdException where it does not
    /// @throws dev.sluice.core.Stopped where the token fires
    static ClamdConnection open(ClamdAddress address, Duration patience, Duration stall, StopToken stop)
            throws ClamdException {
        stop.check();
        try {
            SocketAddress where = address.resolve();
            ClamdConnection made = unconnected(where, stall, stop);
            try {
                made.connect(where, patience);
                return made;
            } catch (IOException | ClamdException | RuntimeException e) {
                made.close();
                throw e;
            }
        } catch (IOException e) {
            stop.check();
            throw new ClamdException(Verdict.Reason.UNREACHABLE, "takes no connection (" + e.getMessage() + ")", e);
        }
    }

    private static ClamdConnection unconnected(SocketAddress where, Duration stall, StopToken stop) throws IOException {
        SocketChannel channel = where instanceof UnixDomainSocketAddress
                ? SocketChannel.open(StandardProtocolFamily.UNIX)
                : SocketChannel.open();
        try {
            return new ClamdConnection(channel, Selector.open(), stall, stop);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private void connect(SocketAddress where, Duration patience) throws IOException, ClamdException {
        if (channel.connect(where)) {
            return;
        }
        var wait = new Wait(Verdict.Reason.UNREACHABLE, "took no connection", patience);
        while (!channel.finishConnect()) {
            await(SelectionKey.OP_CONNECT, wait);
        }
    }

    /// Sends all of `bytes`.
    ///
    /// @return false where clamd had answered or gone before it took them; then [#reply] says what there is
    boolean send(ByteBuffer bytes) throws ClamdException {
        listen();
        var wait = new Wait(Verdict.Reason.SLOW, "took nothing of the file", stall);
        while (!over && !broken && bytes.hasRemaining()) {
            if (write(bytes) > 0) {
                wait = wait.anew();
            } else if (!broken) {
                await(SelectionKey.OP_READ | SelectionKey.OP_WRITE, wait);
                listen();
            }
        }
        return !over && !broken;
    }

    /// @return the answer with the NUL that ends it; less where clamd went away, nothing where it said nothing
    byte[] reply(Duration patience) throws ClamdException {
        var wait = new Wait(Verdict.Reason.SLOW, "gave no answer", patience);
        listen();
        while (!over) {
            await(SelectionKey.OP_READ, wait);
            listen();
        }
        return Arrays.copyOf(answer.array(), answer.position());
    }

    /// Over a limit clamd answers and closes while it is written to: then the write fails, and the answer is still to
    /// be read.
    private int write(ByteBuffer bytes) throws ClamdException {
        try {
            return channel.write(bytes);
        } catch (IOException e) {
            stop.check();
            broken = true;
            return 0;
        }
    }

    private void listen() throws ClamdException {
        if (over) {
            return;
        }
        int from = answer.position();
        try {
            int count = channel.read(answer);
            over = count < 0 || !answer.hasRemaining();
        } catch (IOException e) {
            stop.check();
            log.debug("clamd has gone", e);
            over = true;
        }
        for (int i = from; i < answer.position(); i++) {
            over |= answer.get(i) == 0;
        }
    }

    // ---- Waiting

    private static final class Wait {
        final Verdict.Reason reason;
        final String what;
        final Duration patience;
        final long began = System.nanoTime();

        Wait(Verdict.Reason reason, String what, Duration patience) {
            this.reason = reason;
            this.what = what;
            this.patience = patience;
        }

        Wait anew() {
            return new Wait(reason, what, patience);
        }

        long leftMillis() throws ClamdException {
            long left = patience.toNanos() - (System.nanoTime() - began);
            if (left <= 0) {
                throw new ClamdException(reason, what + " for " + patience.toMillis() + " ms", null);
            }
            return TimeUnit.NANOSECONDS.toMillis(left) + 1;
        }
    }

    private void await(int interest, Wait wait) throws ClamdException {
        try {
            key.interestOps(interest);
            selector.select(wait.leftMillis());
            selector.selectedKeys().clear();
        } catch (CancelledKeyException | ClosedSelectorException e) {
            stop.check();
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        stop.check();
    }

    // ---- The end

    /// Clamd sees the end at once; the rest of the channel goes when the thread that waits has been woken.
    private void drop() {
        try {
            channel.close();
        } catch (IOException e) {
            log.debug("the connection to clamd did not close", e);
        }
        selector.wakeup();
    }

    @Override
    public void close() {
        hung.close();
        drop();
        try {
            selector.close();
        } catch (IOException e) {
            log.debug("the selector of a connection to clamd did not close", e);
        }
    }
}
