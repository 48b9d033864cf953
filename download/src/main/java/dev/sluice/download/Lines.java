package dev.sluice.download;

import dev.sluice.core.Reachable;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// The connections of one download. When its token fires, all are reset at once. Safe for use by many threads.
final class Lines implements AutoCloseable {
    private final Reachable reachable;
    private final Patience patience;
    private final Supplier<SSLSocketFactory> secure;
    private final StopToken stop;
    private final StopToken.Registration closer;
    private final Set<SocketChannel> channels = ConcurrentHashMap.newKeySet();
    private final Set<Line> used = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedDeque<Line> idle = new ConcurrentLinkedDeque<>();
    private volatile @Nullable String over;

    Lines(Reachable reachable, Patience patience, Supplier<SSLSocketFactory> secure, StopToken stop) {
        this.reachable = reachable;
        this.patience = patience;
        this.secure = secure;
        this.stop = stop;
        this.closer = stop.onStop(reason -> channels.forEach(Line::close));
    }

    Patience patience() {
        return patience;
    }

    /// A connection that a request to the same server has left; null where there is none.
    @Nullable
    Line kept(Target target) {
        for (Line line : idle) {
            if (line.target().isOfSameOrigin(target) && idle.remove(line)) {
                if (!line.isQuiet()) {
                    drop(line);
                    continue;
                }
                used.add(line);
                String why = over;
                if (why != null) {
                    line.cut(why);
                }
                return line;
            }
        }
        return null;
    }

    /// A new connection, to the first of the host's addresses that answers.
    ///
    /// @throws dev.sluice.core.ProblemException as [Reachable#resolve]
    Line open(Target target) throws IOException {
        IOException failed = null;
        for (InetAddress address : reachable.resolve(target.host())) {
            stop.check();
            SocketChannel channel = Line.unconnected();
            channels.add(channel);
            try {
                if (stop.stopped() || over != null) {
                    Line.close(channel);
                }
                Line line = Line.connect(channel, target, address, patience.connect(), secure);
                used.add(line);
                return line;
            } catch (IOException e) {
                drop(channel);
                stop.check();
                if (failed == null) {
                    failed = e;
                } else {
                    failed.addSuppressed(e);
                }
            }
        }
        throw failed == null ? new IOException(target.host() + " has no address") : failed;
    }

    private void drop(SocketChannel channel) {
        channels.remove(channel);
        Line.close(channel);
    }

    /// A request is over and its connection can take another.
    void keep(Line line) {
        used.remove(line);
        idle.add(line);
    }

    void drop(Line line) {
        used.remove(line);
        line.cut("closed");
        channels.removeIf(channel -> !channel.isOpen());
    }

    /// Those that a request goes over just now.
    Set<Line> used() {
        return Set.copyOf(used);
    }

    /// Resets those that a request goes over just now, while a cancel is being decided.
    void suspend() {
        used.forEach(Line::suspend);
    }

    /// Resets what has been silent for too long.
    void cutSilent() {
        Duration most = patience.silence();
        for (Line line : used) {
            if (line.silence().compareTo(most) > 0) {
                line.cut("the server was silent for " + most.toSeconds() + " s");
            }
        }
    }

    /// Resets all, and lets none be used or opened any more.
    void end(String why) {
        over = why;
        used.forEach(line -> line.cut(why));
        channels.forEach(Line::close);
    }

    @Override
    public void close() {
        closer.close();
        channels.forEach(Line::close);
    }
}
