package dev.sluice.realtime;

/// The way to one watcher, made by the floor above: a WebSocket or Server-Sent Events. The hub has at most one
/// send or ping under way at a time and waits for its completion; no call may block.
public interface Connection {
    /// Sends a message. `done` is told exactly once, on any thread, also before this call returns.
    void send(Message message, Completion done);

    /// Sends a sign of life that the watcher's program does not see: a WebSocket ping, a comment line.
    void ping(Completion done);

    /// Ends the connection, whatever is under way; called once at most.
    void close(CloseCode code, String reason);

    interface Completion {
        /// The kernel, or a bounded buffer before it, has the whole message.
        void sent();

        void failed(Throwable cause);
    }
}
