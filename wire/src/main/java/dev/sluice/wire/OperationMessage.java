package dev.sluice.wire;

import dev.sluice.core.BatchId;
import dev.sluice.core.Ids;
import dev.sluice.core.ProblemException;

/// What a desktop program tells the socket of file operations. Wire contract §4.
public sealed interface OperationMessage {
    /// Tell of this batch from now on, and of no other.
    record Register(BatchId batch) implements OperationMessage {}

    /// Answer with a pong.
    ///
    /// @param timestamp the client's word for now, which the pong repeats: a number or a text
    record Ping(Object timestamp) implements OperationMessage {
        /// The pong.
        public String answer() {
            return "{\"type\":\"pong\",\"timestamp\":" + Json.text(timestamp) + "}";
        }
    }

    /// Of a type that nobody knows here, from a newer program: it is passed over.
    record Unknown() implements OperationMessage {}

    /// @param why what is wrong with it, in a sentence
    record Invalid(String why) implements OperationMessage {}

    /// Reads one message; never throws. Members that nobody knows are passed over.
    ///
    /// @param nowMillis what a pong says where the ping says nothing
    static OperationMessage parse(String text, long nowMillis) {
        try {
            Fields fields = Json.object(text);
            return switch (fields.string("type")) {
                case "register" -> {
                    String batch = fields.string("batch_id");
                    yield Ids.isIdentifier(batch)
                            ? new Register(new BatchId(batch))
                            : new Invalid("The batch_id is none, which is " + Ids.SHAPE + ".");
                }
                case "ping" -> new Ping(fields.scalar("timestamp").orElse(nowMillis));
                default -> new Unknown();
            };
        } catch (ProblemException e) {
            return new Invalid(e.problem().message());
        }
    }
}
