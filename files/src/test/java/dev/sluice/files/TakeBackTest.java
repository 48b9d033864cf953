package dev.sluice.files;

import static dev.sluice.files.TestingDisk.all;
import static dev.sluice.files.TestingDisk.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.JobId;
import dev.sluice.core.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A rollback that a crash has interrupted, at each point between two of its steps, and that is paid again.
class TakeBackTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final Temps temps = new Temps(new JobId("01a220b2-3099-74b1-b52a-948ec7094dda"));
    private final List<Step> steps = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private Path a;

    @SuppressWarnings("NullAway.Init")
    private Path b;

    @BeforeEach
    void folders() throws IOException {
        a = Files.createDirectory(folder.resolve("a"));
        b = Files.createDirectory(folder.resolve("b"));
    }

    private Step planned(Step step) {
        Step numbered = step.numbered(steps.size());
        steps.add(numbered);
        return numbered;
    }

    private Path journal() {
        return folder.resolve("one.journal");
    }

    @FunctionalInterface
    private interface Lines {
        void of(Journal.Group group, Step step);
    }

    private static void done(Journal.Group group, Step step) {
        group.begun(step).done(step, Duration.ZERO, null);
    }

    /// The plan, and how far each of its steps has come.
    private void written(Lines lines) throws IOException {
        Files.deleteIfExists(journal());
        try (Journal journal = Journal.open(journal())) {
            journal.plan(steps, false);
            Journal.Group group = journal.group();
            steps.forEach(step -> lines.of(group, step));
            group.write();
        }
    }

    private void rollback() throws IOException {
        try (Journal journal = Journal.open(journal());
                Reach.Access sources = Reach.everywhere().access();
                Reach.Access targets = Reach.everywhere().access()) {
            var back = new TakeBack(journal, temps, sources, targets);
            List<Step> known = journal.steps().orElseThrow();
            back.unfinished(known);
            back.finished(known);
            back.parked(known);
            back.end();
        }
    }

    private void forget() throws IOException {
        try (Journal journal = Journal.open(journal());
                Reach.Access access = Reach.everywhere().access()) {
            var back = new TakeBack(journal, temps, access, access);
            back.forgetOld(journal.steps().orElseThrow());
            back.end();
        }
    }

    /// A copy of `a/f` over an old file that has the size and the time of the new one: nobody can tell them apart.
    private Step overwriting() throws IOException {
        Path source = file(a.resolve("f"), "new");
        return planned(
                Step.of(Act.COPY, source, b.resolve("f"), Stat.of(source)).replacing());
    }

    private void lay(Path path, String content, Step like) throws IOException {
        file(path, content);
        Files.setLastModifiedTime(path, like.found().modified());
    }

    @Test
    void anOldFileComesBackOnceWhereverItWasInterrupted() throws IOException {
        Step step = overwriting();
        for (int crash = 0; crash < 3; crash++) {
            Files.deleteIfExists(step.target());
            if (crash == 0) {
                lay(step.target(), "new", step);
                lay(temps.old(step), "old", step);
            } else if (crash == 1) {
                lay(temps.old(step), "old", step);
            } else {
                lay(step.target(), "old", step);
            }
            written(TakeBackTest::done);

            rollback();
            assertThat(all(b)).as("crash %d", crash).isEqualTo(Map.of("f", "old"));
            rollback();
            assertThat(all(b)).as("crash %d", crash).isEqualTo(Map.of("f", "old"));
        }
    }

    @Test
    void whatWasOnlyBegunNeverCostsTheOldFile() throws IOException {
        Step step = overwriting();
        for (int crash = 0; crash < 5; crash++) {
            Files.deleteIfExists(step.target());
            switch (crash) {
                case 0 -> {
                    lay(step.target(), "old", step);
                    lay(temps.part(step), "new", step);
                }
                case 1 -> {
                    lay(step.target(), "old", step);
                    Files.createLink(temps.old(step), step.target());
                    lay(temps.part(step), "new", step);
                }
                case 2 -> {
                    // Without hard links.
                    lay(temps.old(step), "old", step);
                    lay(temps.part(step), "new", step);
                }
                case 3 -> {
                    lay(step.target(), "new", step);
                    lay(temps.old(step), "old", step);
                }
                default -> lay(step.target(), "old", step);
            }
            written((group, one) -> group.begun(one));

            rollback();
            assertThat(all(b)).as("crash %d", crash).isEqualTo(Map.of("f", "old"));
            rollback();
            assertThat(all(b)).as("crash %d", crash).isEqualTo(Map.of("f", "old"));
        }
    }

    @Test
    void whatSomebodyHasPutThereStaysAndTheOldFileIsBesideIt() throws IOException {
        Step step = overwriting();
        file(step.target(), "somebody else's");
        lay(temps.old(step), "old", step);
        written(TakeBackTest::done);

        rollback();

        assertThat(all(b)).isEqualTo(Map.of("f", "somebody else's", "f (1)", "old"));
    }

    @Test
    void anOldFileIsForgottenOnlyWhereItsTargetIsThere() throws IOException {
        Step step = overwriting();
        lay(temps.old(step), "old", step);
        written(TakeBackTest::done);
        forget();
        assertThat(all(b)).isEqualTo(Map.of("f", "old"));

        lay(temps.old(step), "older", step);
        forget();
        assertThat(all(b)).isEqualTo(Map.of("f", "old"));
    }

    @Test
    void theOldFileOfAStepThatFailedIsNotForgotten() throws IOException {
        Step step = overwriting();
        lay(temps.old(step), "old", step);
        written((group, one) -> group.begun(one).failed(one, new Problem(ErrorCode.FORBIDDEN, "no")));

        forget();

        assertThat(all(b)).isEqualTo(Map.of("f", "old"));
    }

    @Test
    void aRenameOverAnOldFileIsTakenBackWhereverItWasInterrupted() throws IOException {
        Path source = file(a.resolve("f"), "new");
        Step step = planned(
                Step.of(Act.RENAME, source, b.resolve("f"), Stat.of(source)).replacing());
        for (int crash = 0; crash < 3; crash++) {
            if (crash == 0) {
                Files.move(source, step.target());
                file(temps.old(step), "old");
            } else if (crash == 1) {
                Files.move(step.target(), temps.old(step));
            }
            written(TakeBackTest::done);

            rollback();

            assertThat(all(a)).as("crash %d", crash).isEqualTo(Map.of("f", "new"));
            assertThat(all(b)).as("crash %d", crash).isEqualTo(Map.of("f", "old"));
        }
    }

    @Test
    void aNameThatIsTakenKeepsNoOtherFromComingBack() throws IOException {
        for (String name : List.of("1", "2", "3")) {
            Path source = file(a.resolve(name), name);
            planned(Step.of(Act.RENAME, source, b.resolve(name), Stat.of(source)));
            Files.move(source, b.resolve(name));
        }
        file(a.resolve("2"), "somebody else's");
        written(TakeBackTest::done);

        assertThatThrownBy(this::rollback).hasMessageContaining("a/2 cannot be put back");
        assertThat(all(a)).isEqualTo(Map.of("1", "1", "2", "somebody else's", "3", "3"));
        assertThat(all(b)).isEqualTo(Map.of("2", "2"));

        Files.delete(a.resolve("2"));
        rollback();
        assertThat(all(a)).isEqualTo(Map.of("1", "1", "2", "2", "3", "3"));
        assertThat(all(b)).isEmpty();
    }

    @Test
    void aCircleIsTakenBackWhereverItStood() throws IOException {
        Path one = file(a.resolve("one"), "1");
        Path two = file(a.resolve("two"), "2");
        steps.addAll(RenameOrder.of(
                List.of(Step.of(Act.RENAME, one, two, Stat.of(one)), Step.of(Act.RENAME, two, one, Stat.of(two))),
                0,
                temps));
        for (int done = 0; done <= steps.size(); done++) {
            for (Step step : steps.subList(0, done)) {
                Path from =
                        step.twin() < 0 ? step.source() : steps.get(step.twin()).target();
                Files.move(from, step.target());
            }
            int last = done;
            written((group, step) -> {
                if (step.number() < last) {
                    done(group, step);
                } else {
                    group.begun(step);
                }
            });

            rollback();

            assertThat(all(a)).as("%d done", done).isEqualTo(Map.of("one", "1", "two", "2"));
        }
    }

    /// An attempt that failed in part lets the sources go of what it has done.
    @Test
    void whatHasNoSourceAnyMoreIsNotTakenBack() throws IOException {
        Path source = file(a.resolve("f"), "new");
        Step step = planned(Step.of(Act.COPY, source, b.resolve("f"), Stat.of(source)));
        lay(step.target(), "new", step);
        Files.delete(source);
        written((group, one) -> {
            done(group, one);
            group.leaving(one).left(one);
        });

        rollback();

        assertThat(all(b)).isEqualTo(Map.of("f", "new"));
    }

    @Test
    void whatWasBegunAndIsNotThereIsPlannedAgain() throws IOException {
        Step step = overwriting();
        lay(temps.old(step), "old", step);
        written((group, one) -> group.begun(one));
        try (Journal journal = Journal.open(journal());
                Reach.Access access = Reach.everywhere().access()) {
            new Recovery(journal, temps, access).settle(steps);
            assertThat(journal.mark(step)).isEqualTo(Mark.PLANNED);
        }
        try (Journal journal = Journal.open(journal())) {
            assertThat(journal.mark(step)).isEqualTo(Mark.PLANNED);
        }
        assertThat(all(b)).isEqualTo(Map.of("f", "old"));
    }
}
