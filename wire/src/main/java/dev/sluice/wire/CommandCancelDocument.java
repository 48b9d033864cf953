package dev.sluice.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.core.Problem;
import org.jspecify.annotations.Nullable;

/// What `sluice cancel ID --json` prints.
///
/// @param batchId the id that the command was given, a job's or a batch's
/// @param receipt a [CancelDocument] or a [BatchCancelDocument]
/// @param code of the problem, where there is one
public record CommandCancelDocument(
        boolean success,
        String message,
        @JsonProperty("batch_id") @Nullable String batchId,
        @Nullable Object receipt,
        @Nullable String code) {

    public static CommandCancelDocument of(CancelDocument receipt) {
        return new CommandCancelDocument(true, "Job " + receipt.id() + " cancelled", receipt.id(), receipt, null);
    }

    public static CommandCancelDocument of(BatchCancelDocument receipt) {
        return new CommandCancelDocument(
                true, "Batch " + receipt.batch() + " cancelled", receipt.batch(), receipt, null);
    }

    /// Of a file operation, whose answer waits until it has stopped.
    ///
    /// @param id a job's or a batch's, as the command was given it
    public static CommandCancelDocument ofOperation(String id, CancelDocument receipt) {
        boolean done = receipt.receipt().cleanup().equals("done");
        return new CommandCancelDocument(
                true,
                "Operation " + id + " cancelled" + (done ? "" : "; what must not stay of it is still being taken back"),
                id,
                receipt,
                null);
    }

    public static CommandCancelDocument refused(Problem problem) {
        return new CommandCancelDocument(
                false, problem.message(), null, null, problem.code().code());
    }
}
