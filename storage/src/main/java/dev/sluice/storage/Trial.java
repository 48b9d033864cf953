package dev.sluice.storage;

import dev.sluice.core.Commit;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Tries what uploads and downloads need of a storage on small objects of its own, step by step, and leaves nothing
/// behind. It knows the port only, so it works for every kind.
public final class Trial {
    /// More than a part of any storage, so that there is something at the provider to be taken away.
    private static final int CUT_OFF = 9 << 20;
    /// What the upload that is cut off announces.
    private static final int ANNOUNCED = 2 * CUT_OFF;

    private static final int PIECE = 256 << 10;
    private static final String TYPE = "text/plain";
    private static final byte[] CONTENT =
            "Sluice was here to try this storage, and should have taken this file away again.\n"
                    .getBytes(StandardCharsets.UTF_8);

    private final Storage storage;
    private final String id;
    private final StopToken stop;
    private final Consumer<Step> told;
    private final List<Step> steps = new ArrayList<>();

    /// One thing that was tried.
    ///
    /// @param name `answer`, `write`, `read`, `range`, `delete`, `abort`, `clean up`
    /// @param failure what is wrong, in the provider's words; null where it works
    public record Step(String name, Duration took, @Nullable Problem failure) {
        public boolean works() {
            return failure == null;
        }
    }

    private Trial(Storage storage, String id, StopToken stop, Consumer<Step> told) {
        this.storage = storage;
        this.id = id;
        this.stop = stop;
        this.told = told;
    }

    /// Tries everything, up to the first thing that does not work.
    ///
    /// @param id nobody else's: the objects are called by it
    /// @param stop ends the trial; what it has made is still taken away
    /// @param told hears of each step at its end
    /// @return all steps
    public static List<Step> of(Storage storage, String id, StopToken stop, Consumer<Step> told) {
        var trial = new Trial(storage, id, stop, told);
        on(storage, () -> {
            boolean unused = trial.answers() && trial.object() && trial.abort();
        });
        return List.copyOf(trial.steps);
    }

    /// Looks whether a storage answers, and knows who asks, by one question; nothing is written.
    ///
    /// @throws ProblemException what is wrong
    public static void look(Storage storage, String id, StopToken stop) {
        on(storage, () -> requireGone(storage, new ObjectRef(name(id), 1), stop));
    }

    private static void on(Storage storage, Runnable work) {
        var unused = storage.call(() -> {
            work.run();
            return storage;
        });
    }

    private static String name(String id) {
        return "sluice-trial-" + id + ".txt";
    }

    /// Reads one byte: a question whose answer tells more than whether the object is there, in every provider's words.
    private static void requireGone(Storage storage, ObjectRef ref, StopToken stop) {
        try (ObjectContent there = storage.read(ref, new ByteRange(0, 1), stop)) {
            throw new ProblemException(
                    ErrorCode.CONFLICT, ref.key() + " is there, with " + there.remaining() + " bytes or more");
        } catch (ProblemException e) {
            if (e.code() != ErrorCode.NOT_FOUND) {
                throw e;
            }
        }
    }

    private interface Attempt {
        void run() throws Commit.TargetTaken;
    }

    private boolean step(String name, Attempt attempt) {
        long began = System.nanoTime();
        Problem failure = null;
        try {
            attempt.run();
        } catch (Commit.TargetTaken e) {
            failure = new Problem(ErrorCode.CONFLICT, "the name that was free is taken now");
        } catch (ProblemException e) {
            failure = e.problem();
        }
        var step = new Step(name, Duration.ofNanos(System.nanoTime() - began), failure);
        steps.add(step);
        told.accept(step);
        return step.works();
    }

    private boolean answers() {
        return step("answer", () -> requireGone(storage, new ObjectRef(name(id), 1), stop));
    }

    /// An object from its first byte to its end.
    private boolean object() {
        var state = new AtomicReference<>(storage.intend(new ObjectSpec(id, name(id), CONTENT.length, TYPE)));
        var target = new AtomicReference<@Nullable ObjectRef>();
        var stored = new AtomicReference<@Nullable ObjectRef>();
        boolean works = false;
        try {
            if (!step("write", () -> stored.set(write(state, target)))) {
                return false;
            }
            ObjectRef ref = Objects.requireNonNull(stored.get());
            works = step("read", () -> requireSame(ref, 0, CONTENT.length))
                    && step("range", () -> requireSame(ref, CONTENT.length / 3, CONTENT.length / 4))
                    && step("delete", () -> {
                        storage.delete(ref);
                        requireGone(storage, ref, stop);
                        storage.discard(state.get());
                    });
            return works;
        } finally {
            if (!works) {
                takeAway(state.get(), target.get());
            }
        }
    }

    private ObjectRef write(AtomicReference<UploadState> state, AtomicReference<@Nullable ObjectRef> target)
            throws Commit.TargetTaken {
        try (ObjectUpload upload = storage.begin(state.get(), state::set, stop)) {
            upload.write(ByteBuffer.wrap(CONTENT));
            ObjectRef free = upload.target();
            target.set(free);
            return upload.commit(free, Precondition.ABSENT);
        }
    }

    private void requireSame(ObjectRef ref, int first, int length) {
        ByteBuffer read = ByteBuffer.allocate(length);
        try (ObjectContent content = storage.read(ref, new ByteRange(first, length), stop)) {
            while (read.hasRemaining() && content.read(read) >= 0) {
                // Until all has come.
            }
        }
        if (read.hasRemaining() || !Arrays.equals(read.array(), Arrays.copyOfRange(CONTENT, first, first + length))) {
            throw new ProblemException(
                    ErrorCode.INTERNAL,
                    "of " + length + " bytes from byte " + first + " on " + read.position()
                            + " were read, and they are not those that were written");
        }
    }

    /// An upload that is given up in the middle.
    private boolean abort() {
        String cut = id + "-cut";
        var state = new AtomicReference<>(storage.intend(new ObjectSpec(cut, name(cut), ANNOUNCED, TYPE)));
        boolean works = false;
        try {
            works = step("abort", () -> {
                cutOff(state);
                storage.discard(state.get());
                if (!(storage.resume(state.get(), state::set, stop) instanceof Resumed.Gone)) {
                    throw new ProblemException(
                            ErrorCode.INTERNAL, "an upload that was given up is still there, with bytes of it");
                }
            });
            return works;
        } finally {
            if (!works) {
                takeAway(state.get(), null);
            }
        }
    }

    private void cutOff(AtomicReference<UploadState> state) {
        ByteBuffer piece = ByteBuffer.allocate(PIECE);
        try (ObjectUpload upload = storage.begin(state.get(), state::set, stop)) {
            for (int at = 0; at < CUT_OFF; at += PIECE) {
                upload.write(piece.clear());
            }
            upload.keep();
        }
    }

    /// What a step that did not work has left; told only where it cannot be taken away.
    private void takeAway(UploadState state, @Nullable ObjectRef target) {
        long began = System.nanoTime();
        try {
            if (target != null) {
                storage.takeBack(state, target);
            }
            storage.discard(state);
        } catch (ProblemException e) {
            var step = new Step(
                    "clean up",
                    Duration.ofNanos(System.nanoTime() - began),
                    new Problem(
                            e.code(),
                            "what " + state.name() + " has left could not be taken away: "
                                    + e.problem().message()));
            steps.add(step);
            told.accept(step);
        }
    }
}
