package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
class TrialTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final StopToken stop = new StopToken();

    private Storage open(long reserve) {
        return new LocalStorage(folder, Durability.POWER, reserve);
    }

    private List<String> held() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(path -> String.valueOf(path.getFileName())).sorted().toList();
        }
    }

    private static String failure(List<Trial.Step> steps) {
        Problem failure = Objects.requireNonNull(steps.getLast().failure());
        return failure.code().code() + ": " + failure.message();
    }

    @Test
    void everyStepOfADiskWorksAndLeavesNothing() throws IOException {
        Files.writeString(folder.resolve("mine.txt"), "mine");
        var told = new ArrayList<Trial.Step>();
        try (Storage disk = open(0)) {
            List<Trial.Step> steps = Trial.of(disk, "t1", stop, told::add);
            assertThat(steps).isEqualTo(told).allMatch(Trial.Step::works);
            assertThat(steps)
                    .extracting(Trial.Step::name)
                    .containsExactly("answer", "write", "read", "range", "delete", "abort");
        }
        assertThat(held()).containsExactly("mine.txt");
    }

    @Test
    void aFullDiskFailsWhereItIsWrittenTo() throws IOException {
        try (Storage disk = open(Long.MAX_VALUE / 2)) {
            List<Trial.Step> steps = Trial.of(disk, "t2", stop, step -> {});
            assertThat(steps).extracting(Trial.Step::name).containsExactly("answer", "write");
            assertThat(steps.getFirst().works()).isTrue();
            assertThat(failure(steps)).startsWith("disk_full: ").contains("bytes are missing on the disk");
        }
        assertThat(held()).isEmpty();
    }

    /// A file of somebody else's under the very name stays, and is not what the trial reads.
    @Test
    void whatStandsUnderTheNameIsNotTouched() throws IOException {
        Files.writeString(folder.resolve("sluice-trial-t3.txt"), "somebody else's");
        try (Storage disk = open(0)) {
            List<Trial.Step> steps = Trial.of(disk, "t3", stop, step -> {});
            assertThat(steps).hasSize(1);
            assertThat(failure(steps)).contains("sluice-trial-t3.txt");
        }
        assertThat(held()).containsExactly("sluice-trial-t3.txt");
        assertThat(folder.resolve("sluice-trial-t3.txt")).hasContent("somebody else's");
    }

    @Test
    void aTrialThatIsStoppedLeavesNothing() throws IOException {
        try (Storage disk = open(0)) {
            assertThatThrownBy(() -> Trial.of(disk, "t4", stop, step -> {
                        if (step.name().equals("write")) {
                            stop.fire(StopReason.CANCELLED);
                        }
                    }))
                    .isInstanceOf(Stopped.class);
        }
        assertThat(held()).isEmpty();
    }

    @Test
    void aLookWritesNothing() throws IOException {
        try (Storage disk = open(Long.MAX_VALUE / 2)) {
            assertThatCode(() -> Trial.look(disk, "t5", stop)).doesNotThrowAnyException();
            assertThat(held()).isEmpty();
            Files.writeString(folder.resolve("sluice-trial-t5.txt"), "there");
            assertThatThrownBy(() -> Trial.look(disk, "t5", stop))
                    .isInstanceOfSatisfying(
                            ProblemException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_CHANGED));
        }
    }
}
