package dev.sluice.wire;

import dev.sluice.core.CancelReceipt;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The receipt of a job's cancel.
///
/// @param state always `cancelled`
/// @param decided when the state changed
public record CancelDocument(String id, String state, StopWord stopped, Instant decided, Receipt receipt) {
    /// @param requestMillis from the request's arrival to the decision
    /// @param lastByteMillis from the request's arrival to the last byte that was handed on, where any was
    /// @param bytesKept bytes that the storage still holds
    /// @param cleanup `done` or `owed`
    public record Receipt(
            double requestMillis, @Nullable Double lastByteMillis, long bytesKept, String cleanup, String by) {}

    public static CancelDocument of(CancelReceipt receipt) {
        Double lastByte = receipt.lastByteMillis();
        return new CancelDocument(
                receipt.id().value(),
                "cancelled",
                StopWord.of(receipt),
                receipt.decided(),
                new Receipt(
                        micros(receipt.requestMillis()),
                        lastByte == null ? null : (Double) micros(lastByte),
                        receipt.bytesKept(),
                        receipt.cleanup().word(),
                        receipt.by().word()));
    }

    private static double micros(double millis) {
        return Math.round(millis * 1000) / 1000.0;
    }
}
