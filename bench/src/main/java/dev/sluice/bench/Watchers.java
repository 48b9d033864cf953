package dev.sluice.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/// Many WebSockets that are read as fast as one thread can, and answer pings.
final class Watchers implements AutoCloseable {
    private final Selector selector;
    private final Listener listener;
    private final Thread thread = Thread.ofPlatform().daemon().name("watchers").unstarted(this::readAll);
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 << 10);
    private volatile boolean over;
    private volatile @Nullable RuntimeException failure;

    /// Takes the frames of all; calls come on one thread.
    @FunctionalInterface
    interface Listener {
        /// @param watcher from 0
        /// @param text the message's beginning, valid during the call
        /// @param kept how many bytes of it there are
        /// @param length of the whole message
        /// @param nanos when its last bytes were read
        void message(int watcher, byte[] text, int kept, long length, long nanos);
    }

    /// One connection.
    private record Watcher(int number, SocketChannel channel, FrameReader frames) {}

    private Watchers(Selector selector, Listener listener) {
        this.selector = selector;
        this.listener = listener;
    }

    /// Connects them all, then begins to read.
    ///
    /// @param keep how many bytes of a message's beginning the listener wants to see
    static Watchers connect(InetSocketAddress address, String path, int count, int keep, Listener listener) {
        try {
            var watchers = new Watchers(Selector.open(), listener);
            for (int number = 0; number < count; number++) {
                SocketChannel channel = Handshake.open(address, path);
                channel.configureBlocking(false);
                channel.register(
                        watchers.selector, SelectionKey.OP_READ, new Watcher(number, channel, new FrameReader(keep)));
            }
            watchers.thread.start();
            return watchers;
        } catch (IOException e) {
            throw new BenchException("the watchers cannot connect", e);
        }
    }

    private void readAll() {
        try {
            while (!over) {
                selector.select(key -> read((Watcher) key.attachment()));
            }
        } catch (IOException | RuntimeException e) {
            failure = new BenchException("the watchers cannot read on", e);
        }
    }

    private void read(Watcher watcher) {
        try {
            int count = watcher.channel.read(buffer.clear());
            long nanos = System.nanoTime();
            if (count < 0) {
                throw new BenchException("watcher " + watcher.number + " was disconnected");
            }
            watcher.frames.read(buffer.flip(), (opcode, start, kept, length) -> {
                switch (opcode) {
                    case FrameReader.TEXT -> listener.message(watcher.number, start, kept, length, nanos);
                    case FrameReader.PING -> pong(watcher);
                    case FrameReader.CLOSE ->
                        throw new BenchException(
                                "watcher " + watcher.number + " was closed with " + FrameReader.closeCode(start));
                    default -> throw new BenchException("an unexpected frame " + opcode);
                }
            });
        } catch (IOException e) {
            throw new BenchException("watcher " + watcher.number + " was cut", e);
        }
    }

    private static void pong(Watcher watcher) {
        try {
            watcher.channel.write(ClientFrame.pong());
        } catch (IOException e) {
            throw new BenchException("watcher " + watcher.number + " cannot answer a ping", e);
        }
    }

    /// Fails where one has been lost.
    void requireAll() {
        RuntimeException why = failure;
        if (why != null) {
            throw why;
        }
    }

    @Override
    public void close() {
        over = true;
        selector.wakeup();
        try {
            thread.join();
            for (SelectionKey key : selector.keys()) {
                ((Watcher) key.attachment()).channel.close();
            }
            selector.close();
        } catch (IOException e) {
            throw new BenchException("cannot close the watchers", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
