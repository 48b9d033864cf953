package dev.sluice.cli;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import dev.sluice.files.Finding;
import dev.sluice.files.Verification;
import dev.sluice.wire.Texts;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "verify",
        description = "Reads a folder and compares it with its ASC MHL manifests.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice copy 'shot.#.exr' /mnt/b/ --mhl && sluice verify /mnt/b",
            "  sluice verify /mnt/b --json | jq '.findings[]?'",
            "",
            "Ends with 0 where every file is as it was, 1 where one changed, is gone or was added, 4 where there are",
            "no manifests, 130 on Ctrl-C. Nothing is written, and no server is needed.",
        })
final class VerifyCommand implements Callable<Integer> {
    private static final long EVERY_MILLIS = 100;

    @Parameters(paramLabel = "FOLDER", description = "The folder that has the manifests.")
    private Path folder = Path.of("");

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// How far it is.
    private record Progress(String type, long bytes, long totalBytes) {}

    /// What was found.
    ///
    /// @param findings those that are not as they should be
    private record Verified(
            boolean success, String folder, long files, long bytes, double seconds, List<Wrong> findings) {}

    /// @param state `changed`, `missing`, `unregistered` or `unreadable`
    private record Wrong(
            String path,
            String state,
            @Nullable String expected,
            @Nullable String found,
            String message) {
        static Wrong of(Finding finding) {
            return new Wrong(finding.path(), word(finding), finding.expected(), finding.found(), finding.message());
        }
    }

    private static String word(Finding finding) {
        return finding.state().name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Integer call() {
        var began = System.nanoTime();
        var verification = new Verification(folder);
        var result = verified(verification);
        var wrong = result.findings().stream()
                .filter(finding -> finding.state() != Finding.State.VERIFIED)
                .toList();
        var seconds = (System.nanoTime() - began) / 1e9;
        var out = spec.commandLine().getOut();
        if (common.json()) {
            out.println(dev.sluice.wire.Json.text(new Verified(
                    result.clean(),
                    folder.toString(),
                    result.files(),
                    result.bytes(),
                    Math.round(seconds * 1e3) / 1e3,
                    wrong.stream().map(Wrong::of).toList())));
        } else {
            wrong.forEach(finding -> out.println(line(finding)));
            out.println((result.clean() ? "verified " : wrong.size() + " not as they were, of ")
                    + OperationText.amount(result.files(), result.bytes())
                    + String.format(Locale.ROOT, " in %.1f s", seconds));
        }
        out.flush();
        return result.clean() ? Exit.DONE : Exit.FAILED;
    }

    private static String line(Finding finding) {
        return word(finding) + " " + Texts.printable(finding.path() + ": " + finding.message());
    }

    private Verification.Result verified(Verification verification) {
        var stop = new StopToken();
        Interrupt.onCtrlC().wakes(() -> stop.fire(StopReason.CANCELLED));
        var over = new CountDownLatch(1);
        var telling = Thread.ofPlatform().daemon().name("progress").start(() -> tell(verification, over));
        try {
            return verification.run(stop);
        } catch (ProblemException e) {
            throw Failure.refused(e);
        } catch (Stopped e) {
            throw new Failure(Exit.CANCELLED, ErrorCode.CANCELLED, "cancelled", e);
        } finally {
            over.countDown();
            join(telling);
        }
    }

    private void tell(Verification verification, CountDownLatch over) {
        if (!common.json() && !Terminal.present()) {
            return;
        }
        var out =
                common.json() ? spec.commandLine().getOut() : spec.commandLine().getErr();
        long said = -1;
        try {
            while (!over.await(EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
                said = tell(verification, said, out);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!common.json()) {
            out.print("\r\u001b[K");
            out.flush();
        }
    }

    private long tell(Verification verification, long said, PrintWriter out) {
        long bytes = verification.meter().bytes();
        @Nullable Long total = verification.meter().total();
        if (bytes == said || total == null) {
            return said;
        }
        if (common.json()) {
            out.println(dev.sluice.wire.Json.text(new Progress("progress", bytes, total)));
        } else {
            out.print("\r\u001b[Kverifying  " + UploadView.size(bytes) + " of " + UploadView.size(total));
        }
        out.flush();
        return bytes;
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
