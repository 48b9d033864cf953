package dev.sluice.realtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/// A peer in memory. Strict: a second send while one is under way, anything after a close and a second close
/// break it.
@NullMarked
final class TestingConnection implements Connection {
    private final @Nullable Executor completer;
    private final List<Message> messages = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();
    private @Nullable Completion underWay;
    private boolean stalled;
    private int pings;
    private int code;

    /// @param completer runs completions; null: inside the send
    TestingConnection(@Nullable Executor completer) {
        this.completer = completer;
    }

    TestingConnection() {
        this(null);
    }

    synchronized void stall() {
        stalled = true;
    }

    void go() {
        Completion done;
        synchronized (this) {
            stalled = false;
            done = underWay;
            underWay = null;
        }
        if (done != null) {
            done.sent();
        }
    }

    @Override
    public void send(Message message, Completion done) {
        synchronized (this) {
            messages.add(message);
        }
        begin(done);
    }

    @Override
    public void ping(Completion done) {
        synchronized (this) {
            pings++;
        }
        begin(done);
    }

    private void begin(Completion done) {
        synchronized (this) {
            if (underWay != null) {
                broken.add("two sends at a time");
            }
            underWay = done;
            if (stalled) {
                return;
            }
        }
        if (completer == null) {
            complete(done);
        } else {
            completer.execute(() -> complete(done));
        }
    }

    private void complete(Completion done) {
        synchronized (this) {
            underWay = null;
        }
        done.sent();
    }

    @Override
    public synchronized void close(CloseCode why, String reason) {
        if (code != 0) {
            broken.add("closed twice");
        }
        code = why.code();
    }

    synchronized int code() {
        return code;
    }

    synchronized int pings() {
        return pings;
    }

    synchronized List<String> broken() {
        return List.copyOf(broken);
    }

    synchronized List<Message> messages() {
        return List.copyOf(messages);
    }

    synchronized int count() {
        return messages.size();
    }

    List<String> texts() {
        return messages().stream().map(TestingConnection::text).toList();
    }

    List<Message> of(Message.Type type) {
        return messages().stream().filter(message -> message.type() == type).toList();
    }

    List<Long> events() {
        return of(Message.Type.EVENT).stream()
                .map(message ->
                        message.position() == null ? -1L : message.position().seq())
                .toList();
    }

    static String text(Message message) {
        return new String(message.text(), UTF_8);
    }
}
