package dev.sluice.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/// Ports for programs that cannot choose one themselves.
final class FreePort {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private FreePort() {}

    static int find() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new BenchException("there is no free port", e);
        }
    }

    /// Waits until somebody listens there.
    static void awaitListener(InetSocketAddress address, Child child) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!listens(address)) {
            if (!child.alive() || System.nanoTime() > until) {
                throw new BenchException("nobody listens at " + address + ":\n" + child.said());
            }
            Pause.millis(5);
        }
    }

    private static boolean listens(InetSocketAddress address) {
        try (var channel = SocketChannel.open(address)) {
            return channel.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
