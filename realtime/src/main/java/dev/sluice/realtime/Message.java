package dev.sluice.realtime;

import org.jspecify.annotations.Nullable;

/// One text for a watcher. The bytes are shared by all who get it: they are not to be changed.
public final class Message {
    public enum Type {
        SNAPSHOT,
        RESUMED,
        GAP,
        EVENT,
        PROGRESS,
        PONG
    }

    private final Type type;
    private final byte[] text;
    private final @Nullable Position position;

    Message(Type type, byte[] text, @Nullable Position position) {
        this.type = type;
        this.text = text;
        this.position = position;
    }

    public Type type() {
        return type;
    }

    /// UTF-8 JSON.
    public byte[] text() {
        return text;
    }

    /// Where the watcher stands once it has read this, the `id` of Server-Sent Events; absent where that does
    /// not change, as in progress and in all parts of a snapshot but the last.
    public @Nullable Position position() {
        return position;
    }
}
