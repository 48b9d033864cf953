package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.Change;
import dev.sluice.core.EventType;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Kind;
import dev.sluice.core.NewJob;
import dev.sluice.core.Owner;
import dev.sluice.core.StagePlan;
import dev.sluice.core.Waiting;
import dev.sluice.db.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/// Whatever is asked of a job, in whatever order: the store says what a simple model says.
class ChangePropertyTest {
    private static final Instant NOW = Instant.parse("2026-11-01T10:00:00Z");

    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static State state;

    private final Ids ids = new Ids(Clock.systemUTC());

    record Spec() {}

    record Facts(@Nullable String a, @Nullable String b) {}

    /// @param staleness how far the writer's fencing number is behind, or nothing where it needs none
    record Step(
            JobState from,
            @Nullable JobState to,
            @Nullable Integer staleness,
            boolean voids,
            @Nullable Waiting waiting,
            @Nullable Facts facts,
            boolean tells) {}

    record Model(
            JobState state,
            @Nullable Waiting waiting,
            long fence,
            @Nullable Instant started,
            Map<String, Object> facts) {

        Optional<Model> after(Step step, Instant at) {
            if (state != step.from() || (step.staleness() != null && step.staleness() != 0)) {
                return Optional.empty();
            }
            JobState next = step.to() == null ? state : step.to();
            var laid = new TreeMap<String, Object>(facts);
            if (step.facts() != null && step.facts().a() != null) {
                laid.put("a", step.facts().a());
            }
            if (step.facts() != null && step.facts().b() != null) {
                laid.put("b", step.facts().b());
            }
            boolean ends = step.to() != null && step.to().ended();
            return Optional.of(new Model(
                    next,
                    ends ? null : step.waiting(),
                    fence + (step.voids() ? 1 : 0),
                    started == null ? at : started,
                    laid));
        }

        static Model of(Job job) {
            return new Model(
                    job.state(),
                    job.waiting(),
                    job.fence(),
                    job.started(),
                    new TreeMap<>(job.facts().members()));
        }
    }

    @BeforeContainer
    static void open() throws IOException {
        folder = Files.createTempDirectory("sluice-change");
        state = State.open(
                Database.sqlite(folder.resolve("state.db")),
                Clock.systemUTC(),
                new Ids(Clock.systemUTC()),
                State.Settings.defaults());
    }

    @AfterContainer
    static void close() throws IOException {
        state.close();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Arbitraries.of(JobState.class)
                .flatMap(from -> Combinators.combine(
                                Arbitraries.of(
                                                from.next().stream().toList().isEmpty()
                                                        ? List.of(from)
                                                        : from.next().stream().toList())
                                        .injectNull(0.2),
                                Arbitraries.of(0, 0, 0, 1).injectNull(0.5),
                                Arbitraries.of(true, false),
                                Arbitraries.of(Waiting.class).injectNull(0.5),
                                Combinators.combine(
                                                Arbitraries.of("x", "\"ü\n").injectNull(0.5),
                                                Arbitraries.of("y", "").injectNull(0.5))
                                        .as(Facts::new)
                                        .injectNull(0.5),
                                Arbitraries.of(true, false))
                        .as((to, staleness, voids, waiting, facts, tells) ->
                                new Step(from, to, staleness, voids, waiting, facts, tells)))
                .list()
                .ofMaxSize(25);
    }

    @Property(tries = 150)
    void theStoreAgreesWithTheModel(@ForAll("steps") List<Step> steps) {
        Job job = state.jobs()
                .submit(
                        List.of(new NewJob(
                                ids.job(),
                                new Kind("download"),
                                "a",
                                Owner.LOCAL,
                                null,
                                StagePlan.of(),
                                new Spec(),
                                null,
                                Duration.ZERO,
                                false,
                                null)),
                        null,
                        null,
                        NOW)
                .jobs()
                .getFirst();
        Model model = Model.of(job);
        long seq = job.seq();
        Instant at = NOW;
        for (Step step : steps) {
            at = at.plusSeconds(1);
            Optional<Model> expected = model.after(step, at);
            Optional<Job> changed = state.jobs().change(change(job, model, step, at));
            assertThat(changed.map(Model::of)).isEqualTo(expected);
            model = expected.orElse(model);
            if (changed.isPresent()) {
                assertThat(changed.get().seq()).isEqualTo(step.tells() ? seq + 1 : seq);
                seq = changed.get().seq();
                assertThat(state.jobs().find(job.id())).isEqualTo(changed);
            }
        }
        assertThat(state.events().position()).isEqualTo(seq);
    }

    private static Change change(Job job, Model model, Step step, Instant at) {
        Change change = Change.of(job.id(), at, step.from())
                .set(Change.Column.STARTED, at)
                .set(Change.Column.WAITING, step.waiting());
        if (step.to() != null) {
            change.to(step.to());
        }
        if (step.staleness() != null) {
            change.heldBy(model.fence() - step.staleness());
        }
        if (step.voids()) {
            change.voidFence();
        }
        if (step.facts() != null) {
            change.facts(step.facts());
        }
        if (step.tells()) {
            change.tell(EventType.NOTE, Map.of());
        }
        return change;
    }
}
