package dev.sluice.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.JobId;
import dev.sluice.core.Problem;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an operation has written down, read again after it has died, and what is made of it.
class JournalTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final Temps temps = new Temps(new JobId("01a220b2-3099-74b1-b52a-948ec7094dda"));

    private Path file() {
        return folder.resolve("operations").resolve("one.journal");
    }

    private Step step(Act act, String source, String target) throws IOException {
        Path path = folder.resolve(source);
        Files.writeString(path, source);
        return Step.of(act, path, folder.resolve(target), Stat.of(path));
    }

    private List<Step> planned(Step... steps) throws IOException {
        var numbered = new java.util.ArrayList<Step>();
        for (Step step : steps) {
            numbered.add(step.numbered(numbered.size()));
        }
        try (Journal journal = Journal.open(file())) {
            journal.plan(numbered, false);
        }
        return numbered;
    }

    @Test
    void whatIsWrittenIsReadAgain() throws IOException {
        List<Step> steps = planned(
                step(Act.COPY, "plain", "a"),
                step(Act.RENAME, "with\ttab and % and ü", "b"),
                Step.of(
                        Act.COPY,
                        Path.of(URI.create("file://" + folder + "/caf%E9")),
                        folder.resolve("c"),
                        Stat.of(folder.resolve("plain"))),
                Step.impossible(folder.resolve("x"), folder.resolve("y"), null, ErrorCode.NOT_FOUND, "no\nsuch"));
        try (Journal journal = Journal.open(file())) {
            journal.group()
                    .begun(steps.get(0))
                    .done(steps.get(0), Duration.ofMillis(3), "abcd")
                    .failed(steps.get(1), new Problem(ErrorCode.DISK_FULL, "full\tup"))
                    .write();
        }

        try (Journal journal = Journal.open(file())) {
            assertThat(journal.steps()).contains(steps);
            assertThat(journal.mark(steps.get(0)))
                    .isEqualTo(new Mark(Mark.Phase.DONE, Duration.ofMillis(3), "abcd", null));
            assertThat(journal.mark(steps.get(1)).error()).isEqualTo(new Problem(ErrorCode.DISK_FULL, "full\tup"));
            assertThat(journal.mark(steps.get(2)).phase()).isEqualTo(Mark.Phase.PLANNED);
        }
    }

    @Test
    void aLineThatIsCutInTheMiddleOfACharacterDoesNotCount() throws IOException {
        List<Step> steps = planned(step(Act.COPY, "plain", "a"));
        byte[] cut = "X\t0\tdisk_full\tfür".getBytes(UTF_8);
        Files.write(file(), java.util.Arrays.copyOf(cut, cut.length - 2), StandardOpenOption.APPEND);

        try (Journal journal = Journal.open(file())) {
            assertThat(journal.mark(steps.getFirst())).isEqualTo(Mark.PLANNED);
            journal.group().begun(steps.getFirst()).write();
        }
        try (Journal journal = Journal.open(file())) {
            assertThat(journal.mark(steps.getFirst()).phase()).isEqualTo(Mark.Phase.BEGUN);
        }
    }

    @Test
    void aPlanThatIsCutIsMadeAnew() throws IOException {
        planned(step(Act.COPY, "plain", "a"));
        byte[] whole = Files.readAllBytes(file());
        Files.write(file(), java.util.Arrays.copyOf(whole, whole.length - 3));

        try (Journal journal = Journal.open(file())) {
            assertThat(journal.steps()).isEmpty();
        }
    }

    @Test
    void aSourceThatCouldNotGoIsAllThatIsTriedAgain() throws IOException {
        List<Step> steps = planned(step(Act.COPY, "plain", "a"));
        Step step = steps.getFirst();
        try (Journal journal = Journal.open(file())) {
            journal.group()
                    .begun(step)
                    .done(step, Duration.ZERO, "abcd")
                    .leaving(step)
                    .stayed(step, new Problem(ErrorCode.FORBIDDEN, "permission denied"))
                    .write();
            assertThat(journal.mark(step).isFailed()).isTrue();
        }
        try (Journal journal = Journal.open(file());
                Reach.Access access = Reach.everywhere().access()) {
            new Recovery(journal, temps, access).settle(steps);
            assertThat(journal.mark(step).phase()).isEqualTo(Mark.Phase.DONE);
            assertThat(journal.mark(step).hash()).isEqualTo("abcd");
        }
    }

    /// As a `SIGKILL` leaves it between the name and the line that tells of it.
    @Test
    void whatWasPlacedBeforeACrashIsDoneWithTheHashThatItWasVerifiedBy() throws IOException {
        Step step = planned(step(Act.COPY, "plain", "a")).getFirst();
        try (Journal journal = Journal.open(file())) {
            journal.group().begun(step, "abcd").write();
        }
        Files.writeString(step.target(), "plain");
        Files.setLastModifiedTime(step.target(), step.found().modified());

        try (Journal journal = Journal.open(file());
                Reach.Access access = Reach.everywhere().access()) {
            new Recovery(journal, temps, access).settle(List.of(step));
        }

        try (Journal journal = Journal.open(file())) {
            assertThat(journal.mark(step)).isEqualTo(new Mark(Mark.Phase.DONE, Duration.ZERO, "abcd", null));
        }
    }

    @Test
    void whatWasNotPlacedBeforeACrashHasNoHash() throws IOException {
        Step step = planned(step(Act.COPY, "plain", "a")).getFirst();
        try (Journal journal = Journal.open(file());
                Reach.Access access = Reach.everywhere().access()) {
            journal.group().begun(step, "abcd").write();
            new Recovery(journal, temps, access).settle(List.of(step));
        }

        try (Journal journal = Journal.open(file())) {
            assertThat(journal.mark(step)).isEqualTo(Mark.PLANNED);
        }
    }

    /// The old file has the size and the time of the new one, so only the hidden file tells that it is the old one.
    @Test
    void anOldFileThatLooksLikeTheNewOneIsNotTakenBack() throws IOException {
        Step step = planned(step(Act.COPY, "plain", "a").replacing()).getFirst();
        Files.writeString(step.target(), "plain");
        Files.setLastModifiedTime(step.target(), step.found().modified());
        Files.writeString(temps.part(step), "plain");

        takeBackWhileBegun(step);

        assertThat(step.target()).hasContent("plain");
        assertThat(temps.part(step)).doesNotExist();
    }

    @Test
    void whatWasPlacedIsTakenBackAlsoBeforeItsHiddenNameIsGone() throws IOException {
        Step step = planned(step(Act.COPY, "plain", "a")).getFirst();
        Files.writeString(temps.part(step), "plain");
        Files.setLastModifiedTime(temps.part(step), step.found().modified());
        Files.createLink(step.target(), temps.part(step));

        takeBackWhileBegun(step);

        assertThat(step.target()).doesNotExist();
        assertThat(temps.part(step)).doesNotExist();
    }

    private void takeBackWhileBegun(Step step) throws IOException {
        try (Journal journal = Journal.open(file());
                Reach.Access access = Reach.everywhere().access()) {
            journal.group().begun(step).write();

            var back = new TakeBack(journal, temps, access, access);
            back.unfinished(List.of(step));
            back.finished(List.of(step));
            back.end();
        }
    }
}
