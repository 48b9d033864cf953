package dev.sluice.cli;

import dev.sluice.app.Configuration;
import dev.sluice.app.ConfigurationException;
import dev.sluice.app.DataFolder;
import dev.sluice.app.Logs;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.JobState;
import dev.sluice.core.ProblemException;
import dev.sluice.files.Report;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/// One operation from its beginning to its end, through however many processes that takes: it is begun with whoever
/// holds the data folder, and where that one goes away before the end, followed with the next one.
final class OperationRun {
    private static final Duration TICK = Duration.ofMillis(100);
    private static final Duration LEAVING = Duration.ofSeconds(60);
    private static final Duration FIRST_LOOK = Duration.ofMillis(20);
    private static final Duration LONGEST_LOOK = Duration.ofMillis(250);
    private static final Duration WORTH_A_WORD = Duration.ofSeconds(2);

    private final CommonOptions common;
    private final OperationView view;
    private final @Nullable ReportFile report;
    private final Interrupt interrupt = Interrupt.onCtrlC();
    private Holder.@Nullable Begun begun;
    private boolean announced;
    private boolean cancelled;

    /// @param report where the report goes beside what is shown; null: nowhere
    OperationRun(CommonOptions common, CommandSpec command, @Nullable ReportFile report) {
        this.common = common;
        this.report = report;
        var out = command.commandLine().getOut();
        var err = command.commandLine().getErr();
        this.view = common.json()
                ? OperationView.json(out)
                : Terminal.present() ? OperationView.line(out, err) : OperationView.text(out, err);
    }

    /// Has an operation begin.
    interface Beginning {
        Holder.Begun with(Holder holder) throws IOException;
    }

    /// @return the exit code
    int run(Beginning beginning) {
        while (true) {
            try (var holder = holder(common, interrupt, view::note)) {
                var mine = begun;
                if (mine == null) {
                    mine = beginning.with(holder);
                    begun = mine;
                }
                return follow(holder, mine);
            } catch (IOException gone) {
                interrupt.pause(FIRST_LOOK);
            }
        }
    }

    /// Asks whoever holds the data folder until there is an answer.
    static <T> T ask(CommonOptions common, Question<T> question) {
        var interrupt = Interrupt.onCtrlC();
        while (true) {
            try (var holder = holder(common, interrupt, note -> {})) {
                return question.to(holder);
            } catch (IOException gone) {
                interrupt.pause(FIRST_LOOK);
            }
        }
    }

    interface Question<T> {
        T to(Holder holder) throws IOException;
    }

    // ---- Who does it

    private interface Notes {
        void note(String text);
    }

    private static Holder holder(CommonOptions common, Interrupt interrupt, Notes notes) {
        var began = System.nanoTime();
        var look = FIRST_LOOK;
        var said = false;
        while (true) {
            var other = OtherProcess.on(common.data(), interrupt);
            if (other.isPresent()) {
                return other.get();
            }
            var mine = configured(() -> mine(common, interrupt));
            if (mine != null) {
                return mine;
            }
            if (interrupt.fired()) {
                throw new Failure(Exit.CANCELLED, ErrorCode.CANCELLED, "cancelled; see what goes on with: sluice jobs");
            }
            if (!said && System.nanoTime() - began > WORTH_A_WORD.toNanos()) {
                said = true;
                notes.note("waiting for the process that holds " + common.data());
            }
            interrupt.pause(look);
            look = look.compareTo(LONGEST_LOOK) < 0 ? look.multipliedBy(2) : LONGEST_LOOK;
        }
    }

    private static @Nullable Holder mine(CommonOptions common, Interrupt interrupt) {
        var folder = DataFolder.tryOpen(common.data());
        if (folder.isEmpty()) {
            return null;
        }
        try {
            Logs.command(common.data());
            var settings = Configuration.load(common.data(), common.config(), Map.of(), System.getenv())
                    .settings();
            return ThisProcess.open(folder.get(), settings, interrupt);
        } catch (RuntimeException e) {
            folder.get().close();
            throw e;
        }
    }

    private static <T extends @Nullable Object> T configured(Callable<T> work) {
        try {
            return work.call();
        } catch (ConfigurationException e) {
            throw new Failure(Exit.USAGE, ErrorCode.CONFIGURATION, String.valueOf(e.getMessage()), e);
        } catch (ProblemException e) {
            throw Failure.refused(e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- How it goes

    private int follow(Holder holder, Holder.Begun mine) throws IOException {
        while (true) {
            if (interrupt.fired() && !cancelled) {
                holder.cancel(mine.id());
                cancelled = true;
            }
            var now = holder.standing(mine.id());
            if (now.state().ended()) {
                return end(holder, mine, now);
            }
            // Whoever reads the batch's id may cancel it at once.
            if (holder.reachable()) {
                announce(mine, now);
            }
            if (announced || !now.planned()) {
                view.moved(mine.batch(), now);
            }
            holder.await(TICK);
        }
    }

    private void announce(Holder.Begun mine, Standing now) {
        if (now.planned() && !announced) {
            announced = true;
            view.planned(mine.batch(), now);
        }
    }

    /// The sources of a move that could be taken back go only now, each of them or with a word why not.
    private static Report settled(Holder holder, Holder.Begun mine, Standing last) throws IOException {
        var until = System.nanoTime() + LEAVING.toNanos();
        var report = holder.report(mine.id());
        while (last.state() == JobState.COMPLETED
                && report.operation().equals("move")
                && report.totals().containsKey("copied")
                && System.nanoTime() < until) {
            holder.await(TICK);
            report = holder.report(mine.id());
        }
        return report;
    }

    private int end(Holder holder, Holder.Begun mine, Standing last) throws IOException {
        holder.settle(mine.id());
        var error = last.error();
        if (last.state() == JobState.FAILED && !last.planned() && error != null) {
            throw Failure.told(Exit.refused(error.status()), error.code(), error.message());
        }
        announce(mine, last);
        var done = settled(holder, mine, last);
        view.ended(mine.batch(), last, done);
        if (report != null) {
            report.write(done);
        }
        return switch (last.state()) {
            case COMPLETED -> done.totals().containsKey("failed") ? Exit.FAILED : Exit.DONE;
            case CANCELLED -> Exit.CANCELLED;
            default -> Exit.FAILED;
        };
    }
}
