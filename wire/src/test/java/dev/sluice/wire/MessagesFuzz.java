package dev.sluice.wire;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// What clients of WebSockets say: each message is understood, or is one that nobody knows; none throws. For
/// `dev/fuzz`.
public final class MessagesFuzz {
    private MessagesFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        String said = new String(bytes, StandardCharsets.UTF_8);
        Objects.requireNonNull(WatcherMessage.parse(said));
        Objects.requireNonNull(OperationMessage.parse(said, 0));
        ImportMessage.answer(said);
    }
}
