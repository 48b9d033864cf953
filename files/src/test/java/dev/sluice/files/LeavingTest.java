package dev.sluice.files;

import static dev.sluice.files.TestingDisk.all;
import static dev.sluice.files.TestingDisk.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sources that go, and a cancel among them.
class LeavingTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void whatHasGoneBeforeACancelIsWrittenDown() throws IOException {
        Path a = Files.createDirectory(folder.resolve("a"));
        var steps = new ArrayList<Step>();
        for (String name : List.of("1", "2", "3")) {
            Path source = file(a.resolve(name), name);
            Path target = file(folder.resolve("b/" + name), name);
            steps.add(Step.of(Act.COPY, source, target, Stat.of(source)).numbered(steps.size()));
        }
        file(a.resolve("2"), "changed meanwhile");
        Path file = folder.resolve("one.journal");
        try (Journal journal = Journal.open(file);
                Reach.Access access = Reach.everywhere().access()) {
            journal.plan(steps, false);
            Journal.Group lines = journal.group();
            steps.forEach(step -> lines.begun(step).done(step, Duration.ZERO, null));
            lines.write();
            var stop = new StopToken();
            var leaving =
                    new Leaving(journal, access, access, false, stop, (step, why) -> stop.fire(StopReason.CANCELLED));

            assertThatThrownBy(() -> leaving.leave(steps)).isInstanceOf(Stopped.class);
        }

        assertThat(all(a)).isEqualTo(Map.of("2", "changed meanwhile", "3", "3"));
        try (Journal journal = Journal.read(file)) {
            assertThat(steps.stream().map(step -> journal.mark(step).phase()))
                    .containsExactly(Mark.Phase.LEFT, Mark.Phase.STAYED, Mark.Phase.LEAVING);
        }
    }

    /// As a power cut leaves it where nothing was forced to the device.
    @Test
    void aSourceWhoseTargetIsGoneOrCutShortStays() throws IOException {
        Path whole = file(folder.resolve("a/whole"), "whole");
        Path gone = file(folder.resolve("a/gone"), "gone");
        Path cut = file(folder.resolve("a/cut"), "cut short");
        file(folder.resolve("b/whole"), "whole");
        file(folder.resolve("b/cut"), "cut");
        var steps = new ArrayList<Step>();
        for (Path source : List.of(whole, gone, cut)) {
            steps.add(Step.of(Act.COPY, source, folder.resolve("b").resolve(source.getFileName()), Stat.of(source))
                    .numbered(steps.size()));
        }
        var said = new ArrayList<String>();
        try (Journal journal = Journal.open(folder.resolve("one.journal"));
                Reach.Access access = Reach.everywhere().access()) {
            journal.plan(steps, false);
            Journal.Group lines = journal.group();
            steps.forEach(step -> lines.begun(step).done(step, Duration.ZERO, null));
            lines.write();
            new Leaving(journal, access, access, false, new StopToken(), (step, why) -> said.add(why.message()))
                    .leave(steps);
        }
        assertThat(all(folder.resolve("a"))).isEqualTo(Map.of("gone", "gone", "cut", "cut short"));
        assertThat(said).hasSize(2).allSatisfy(why -> assertThat(why).contains("the source stays where it is"));
    }
}
