package dev.sluice.wire;

import dev.sluice.core.BatchId;
import dev.sluice.core.CancelReceipt;
import java.util.List;

/// The receipts of a batch's cancel.
///
/// @param cancelled how many jobs it stopped
/// @param alreadyEnded how many had ended before
public record BatchCancelDocument(String batch, int cancelled, int alreadyEnded, List<CancelDocument> results) {
    public static BatchCancelDocument of(BatchId batch, int alreadyEnded, List<CancelReceipt> receipts) {
        return new BatchCancelDocument(
                batch.value(),
                receipts.size(),
                alreadyEnded,
                receipts.stream().map(CancelDocument::of).toList());
    }
}
