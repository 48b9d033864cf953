package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.sluice.app.StorageVisit;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import dev.sluice.storage.Trial;
import dev.sluice.wire.Texts;
import java.io.PrintWriter;
import java.util.List;

/// A trial of a storage: told line by line as it goes, or as steps of a document. Ctrl-C ends it, and what it has
/// made is taken away all the same.
///
/// @param json whether nothing is printed
record StorageTrial(PrintWriter out, boolean json) {
    List<Trial.Step> run(StorageVisit visit) {
        var stop = new StopToken();
        var interrupt = Interrupt.onCtrlC();
        interrupt.arm();
        interrupt.closes(() -> stop.fire(StopReason.CANCELLED));
        try {
            return visit.test(stop, this::tell);
        } catch (Stopped e) {
            throw new Failure(Exit.CANCELLED, ErrorCode.CANCELLED, "cancelled; nothing of it is left", e);
        } finally {
            interrupt.answered();
        }
    }

    static boolean works(List<Trial.Step> steps) {
        return steps.stream().allMatch(Trial.Step::works);
    }

    private void tell(Trial.Step step) {
        if (json) {
            return;
        }
        var failure = step.failure();
        out.printf(
                "%-5s %-9s %6d ms%s%n",
                failure == null ? "ok" : "FAIL",
                step.name(),
                step.took().toMillis(),
                failure == null ? "" : "  " + Texts.printable(failure.message()));
        out.flush();
    }

    static void describe(List<Trial.Step> steps, ArrayNode list) {
        for (var step : steps) {
            var described = list.addObject()
                    .put("name", step.name())
                    .put("ok", step.works())
                    .put("millis", step.took().toMillis());
            var failure = step.failure();
            if (failure != null) {
                described.put("code", failure.code().code()).put("text", failure.message());
            }
        }
    }
}
