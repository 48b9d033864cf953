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

    public static CommandCancelDocument refused(Problem problem) {
        return new CommandCancelDocument(
                false, problem.message(), null, null, problem.code().code());
    }
}
