package dev.sluice.cli;

import dev.sluice.app.DataFolder;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import dev.sluice.files.OperationSpec;
import dev.sluice.files.Operations;
import dev.sluice.files.Preview;
import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;

/// What an operation would do, told by whoever would do it; nothing is touched, the data folder neither.
final class PlanRun {
    private PlanRun() {}

    /// @return the exit code
    static int run(CommonOptions common, CommandSpec command, OperationSpec spec) {
        var plan = plan(common, spec);
        var out = command.commandLine().getOut();
        if (common.json()) {
            out.println(dev.sluice.wire.Json.text(plan));
        } else {
            OperationText.preview(plan).forEach(out::println);
        }
        out.flush();
        return plan.blocked() ? Exit.REFUSED : Exit.DONE;
    }

    private static Preview plan(CommonOptions common, OperationSpec spec) {
        var interrupt = Interrupt.onCtrlC();
        var other = OtherProcess.on(common.data(), interrupt);
        if (other.isPresent()) {
            try {
                return other.get().preview(spec);
            } catch (IOException gone) {
                // Nobody needs to hold the folder for this.
                if (interrupt.fired()) {
                    throw cancelled(gone);
                }
            }
        }
        var stop = new StopToken();
        interrupt.wakes(() -> stop.fire(StopReason.CANCELLED));
        try {
            return Operations.preview(spec, DataFolder.operations(common.data()), stop);
        } catch (ProblemException e) {
            throw Failure.refused(e);
        } catch (Stopped e) {
            throw cancelled(e);
        }
    }

    private static Failure cancelled(Exception cause) {
        return new Failure(Exit.CANCELLED, ErrorCode.CANCELLED, "cancelled", cause);
    }
}
