package dev.sluice.s3;

import dev.sluice.cloud.Memory;
import dev.sluice.core.Commit;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.FileNames;
import dev.sluice.storage.ObjectContent;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Precondition;
import dev.sluice.storage.RunningCrc32;
import dev.sluice.storage.UploadState;
import dev.sluice.storage.UploadStateSink;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/// An object on its way into a bucket. Bytes are gathered into parts in memory; a full part flies, on a thread of its
/// own, while the next is gathered. An object that is known to fit into one part stays in memory until its commit.
///
/// A cancel cuts off what flies. A pause lets it land, for a moment.
final class S3Upload implements ObjectUpload {
    private static final int FLYING = 4;
    private static final int MOST_PARTS = 10_000;
    private static final Duration LANDING = Duration.ofSeconds(5);
    /// How long a part may be gathered while others wait for memory.
    private static final long TURN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final S3Storage storage;
    private final UploadStateSink saved;
    private final StopToken stop;
    private final StopToken cut = new StopToken();
    private final CompletableFuture<@Nullable Void> stopped = new CompletableFuture<>();
    private final StopToken.Registration closer;
    private final PartLayout layout;
    private final ArrayDeque<Flight> flights = new ArrayDeque<>();
    private final List<String> tags = new ArrayList<>();

    private volatile UploadState state;
    private S3State known;

    /// All parts up to here have landed.
    private long landed;

    private long landedCrc32;

    /// Where the part begins that is being gathered.
    private long begin;

    private @Nullable Memory gathering;
    private long gatheringSince;
    private final CRC32 gathered = new CRC32();

    /// So many of the gathered bytes lie in the data folder, too.
    private long tail;

    private long tailCrc32;
    private volatile long durable;
    private @Nullable ObjectRef committed;

    private record Flight(int number, long length, long crc32, Memory memory, CompletableFuture<String> tag) {}

    S3Upload(
            S3Storage storage,
            UploadState state,
            S3State known,
            UploadStateSink saved,
            StopToken stop,
            S3Storage.Kept kept) {
        this.storage = storage;
        this.state = state;
        this.known = known;
        this.saved = saved;
        this.stop = stop;
        this.layout =
                new PartLayout(known.partSize(), state.size(), storage.memory().most());
        kept.parts().forEach(part -> tags.add(part.tag()));
        this.landed = kept.bytes();
        this.landedCrc32 = kept.crc32();
        this.begin = kept.bytes();
        this.tail = kept.tail();
        this.tailCrc32 = kept.tailCrc32();
        this.durable = kept.all();
        this.closer = stop.onStop(reason -> {
            if (reason == StopReason.CANCELLED || reason == StopReason.FENCED) {
                cut.fire(reason);
            }
            stopped.complete(null);
        });
    }

    @Override
    public UploadState state() {
        return state;
    }

    private void save(S3State next) {
        known = next;
        state = new UploadState(state.id(), state.name(), state.size(), state.contentType(), next.token());
        saved.save(state);
    }

    // ------------------------------------------------------------ bytes

    private long accepted() {
        Memory memory = gathering;
        return begin + (memory == null ? tail : memory.size());
    }

    @Override
    public void write(ByteBuffer bytes) {
        long at = accepted();
        if (state.sized() && bytes.remaining() > state.size() - at) {
            throw new ProblemException(
                    ErrorCode.SIZE_MISMATCH,
                    state.name() + " was announced with " + state.size() + " bytes: " + bytes.remaining() + " more at "
                            + at + " are too many");
        }
        int limit = bytes.limit();
        while (bytes.position() < limit) {
            stop.check();
            Memory part = gathering();
            long room = layout.room(number(), begin) - part.size();
            bytes.limit((int) Math.min(limit, bytes.position() + room));
            try {
                gathered.update(bytes.duplicate());
                part.add(bytes);
            } finally {
                bytes.limit(limit);
            }
            if (part.size() == layout.room(number(), begin) && !layout.single()) {
                launch();
            }
        }
        if (System.nanoTime() - gatheringSince > TURN_NANOS && storage.memory().wanted()) {
            giveWay();
        }
    }

    /// A slow sender's part goes on in the data folder, so that others get their turn at the memory.
    private void giveWay() {
        Memory memory = gathering;
        if (memory == null) {
            return;
        }
        keepGathered(memory);
        memory.release();
        gathering = null;
    }

    private void keepGathered(Memory memory) {
        if (memory.size() > tail) {
            storage.tails().add(state.id(), begin, begin + tail, memory.from(tail));
            tail = memory.size();
            tailCrc32 = gathered.getValue();
        }
    }

    /// The number of the part that is being gathered.
    private int number() {
        return tags.size() + flights.size() + 1;
    }

    private Memory gathering() {
        Memory memory = gathering;
        if (memory == null) {
            if (number() > MOST_PARTS) {
                throw new ProblemException(
                        ErrorCode.TOO_LARGE,
                        state.name() + " has come to " + begin + " bytes of a size that was not said before: say it",
                        Map.of("limit", begin));
            }
            memory = obtain(Math.max(1, layout.room(number(), begin)));
            gathering = memory;
            gatheringSince = System.nanoTime();
            gathered.reset();
            if (tail > 0) {
                reload(memory);
            }
        }
        return memory;
    }

    private void reload(Memory memory) {
        storage.tails().replay(state.id(), begin, piece -> {
            gathered.update(piece.duplicate());
            memory.add(piece);
        });
        if (memory.size() != tail) {
            throw new ProblemException(
                    ErrorCode.INTERNAL, "the tail of upload " + state.id() + " has changed in the data folder");
        }
    }

    /// While memory is scarce this upload has one part at a time: with something in the air it waits for that only.
    private Memory obtain(long bytes) {
        while (true) {
            land();
            if (flights.size() < FLYING) {
                Optional<Memory> free = storage.memory().tryTake(bytes);
                if (free.isPresent()) {
                    return free.get();
                }
            }
            Flight first = flights.peek();
            if (first == null) {
                return storage.memory().take(bytes, stop);
            }
            await(first);
        }
    }

    private void launch() {
        Memory memory = gathering;
        if (memory == null) {
            return;
        }
        String key = known.key();
        String uploadId = known.uploadId();
        if (key == null || uploadId == null) {
            key = storage.promise(state.spec(), stop);
            save(known.begun(key, storage.now()));
            uploadId = storage.bucket().begin(key, state.id(), state.contentType(), stop);
            save(known.known(uploadId));
        }
        var flight = new Flight(number(), memory.size(), gathered.getValue(), memory, new CompletableFuture<>());
        flights.add(flight);
        begin += flight.length;
        gathering = null;
        tail = 0;
        tailCrc32 = 0;
        fly(flight, key, uploadId);
    }

    private void fly(Flight flight, String key, String uploadId) {
        storage.threads().execute(() -> {
            String tag = null;
            Throwable failure = null;
            try {
                tag = storage.bucket().part(key, uploadId, flight.number, flight.memory.from(0), flight.crc32, cut);
            } catch (Throwable e) {
                failure = e;
            }
            flight.memory.release();
            if (failure == null) {
                flight.tag.complete(tag);
            } else {
                flight.tag.completeExceptionally(failure);
            }
        });
    }

    /// Takes note of what has landed, as far as nothing before it is still in the air.
    private void land() {
        boolean any = false;
        while (true) {
            Flight first = flights.peek();
            if (first == null || !first.tag.isDone()) {
                break;
            }
            String tag = landed(first);
            flights.poll();
            tags.add(tag);
            landed += first.length;
            landedCrc32 = RunningCrc32.combine(landedCrc32, first.crc32, first.length);
            any = true;
        }
        if (any) {
            if (durable < landed) {
                durable = landed;
            }
            storage.tails().forget(state.id(), landed);
            save(known.stored(tags.size(), landedCrc32));
        }
    }

    private static String landed(Flight flight) {
        try {
            return flight.tag.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private void await(Flight flight) {
        try {
            CompletableFuture.anyOf(flight.tag, stopped).join();
        } catch (CompletionException e) {
            // Told by land().
        }
        stop.check();
    }

    // ------------------------------------------------------------ what is kept

    @Override
    public long durable() {
        return durable;
    }

    @Override
    public OptionalLong crc32() {
        if (durable == landed) {
            return OptionalLong.of(landedCrc32);
        }
        return durable == landed + tail
                ? OptionalLong.of(RunningCrc32.combine(landedCrc32, tailCrc32, tail))
                : OptionalLong.empty();
    }

    @Override
    public long keep() {
        if (committed != null || cut.stopped()) {
            return durable;
        }
        if (!inTheAir().isDone()) {
            awaitLanding();
        }
        try {
            land();
        } catch (Stopped e) {
            // Of a paused job nothing can be noted any more: what has landed the service lists.
            if (e.reason() == StopReason.CANCELLED || e.reason() == StopReason.FENCED) {
                cut.fire(e.reason());
            }
        }
        if (!flights.isEmpty() || cut.stopped()) {
            return durable;
        }
        Memory memory = gathering;
        if (memory != null && !cut.stopped()) {
            keepGathered(memory);
        }
        durable = landed + tail;
        return durable;
    }

    private CompletableFuture<?> inTheAir() {
        return CompletableFuture.allOf(flights.stream().map(Flight::tag).toArray(CompletableFuture[]::new));
    }

    /// However long it takes; once this upload is stopped only for a moment.
    private void awaitLanding() {
        try {
            CompletableFuture.anyOf(inTheAir(), stopped).join();
            inTheAir().get(LANDING.toNanos(), TimeUnit.NANOSECONDS);
        } catch (CompletionException | ExecutionException e) {
            // Told by land().
        } catch (TimeoutException e) {
            cut.fire(StopReason.DRAINING);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public ObjectContent written(ByteRange range) {
        throw new ProblemException(
                ErrorCode.INVALID_REQUEST, "what is not committed yet cannot be read back from this storage");
    }

    // ------------------------------------------------------------ the commit

    private long size() {
        return state.sized() ? state.size() : accepted();
    }

    @Override
    public ObjectRef target() {
        String fixed = known.key();
        if (fixed != null) {
            Optional<Bucket.Standing> there = storage.bucket().look(fixed, stop);
            if (there.isPresent() && !state.id().equals(there.get().upload())) {
                throw new ProblemException(
                        ErrorCode.CONFLICT,
                        "somebody else has stored " + storage.name(fixed)
                                + " while this file was on its way there: send it again");
            }
            return new ObjectRef(storage.name(fixed), size());
        }
        for (int n = 1; n <= S3Storage.CANDIDATES; n++) {
            String key = storage.key(FileNames.candidate(state.spec(), n));
            if (storage.isPromised(key)) {
                continue;
            }
            Optional<Bucket.Standing> there = storage.bucket().look(key, stop);
            if (there.isEmpty() || state.id().equals(there.get().upload())) {
                return new ObjectRef(storage.name(key), size());
            }
        }
        throw new ProblemException(ErrorCode.INTERNAL, "no name is free for " + state.name() + ": rename it");
    }

    @Override
    public ObjectRef commit(ObjectRef target, Precondition when) throws Commit.TargetTaken {
        ObjectRef before = committed;
        if (before != null && before.key().equals(target.key())) {
            return before;
        }
        if (accepted() != size()) {
            throw new ProblemException(
                    ErrorCode.SIZE_MISMATCH,
                    state.name() + " was announced with " + state.size() + " bytes and has " + accepted()
                            + ": send the rest first");
        }
        String key = storage.key(target.key());
        Bucket.Standing made = known.key() == null ? put(key, when) : complete(key, when);
        ObjectRef ref = storage.ref(made);
        committed = ref;
        letGo();
        return ref;
    }

    private Bucket.Standing put(String key, Precondition when) throws Commit.TargetTaken {
        Memory memory = gathering();
        return settled(
                key,
                gathered.getValue(),
                () -> storage.bucket()
                        .put(
                                key,
                                state.id(),
                                state.contentType(),
                                memory.from(0),
                                gathered.getValue(),
                                when == Precondition.ABSENT,
                                stop));
    }

    private Bucket.Standing complete(String key, Precondition when) throws Commit.TargetTaken {
        if (!key.equals(known.key())) {
            throw new ProblemException(
                    ErrorCode.CONFLICT, state.name() + " can only become " + known.key() + ": parts of it are there");
        }
        if (tail > 0) {
            gathering();
        }
        launch();
        while (!flights.isEmpty()) {
            await(flights.getFirst());
            land();
        }
        var parts = new ArrayList<CompletedPart>(tags.size());
        for (String tag : tags) {
            parts.add(CompletedPart.builder()
                    .partNumber(parts.size() + 1)
                    .eTag(tag)
                    .build());
        }
        String uploadId = String.valueOf(known.uploadId());
        return settled(
                key,
                landedCrc32,
                () -> storage.bucket().complete(key, uploadId, parts, landedCrc32, when == Precondition.ABSENT, stop));
    }

    @FunctionalInterface
    private interface Try {
        Bucket.Made make();
    }

    /// Tries until the object stands there or cannot: after each try the service is asked what is there.
    private Bucket.Standing settled(String key, long crc32, Try once) throws Commit.TargetTaken {
        for (int attempt = 1; ; attempt++) {
            Bucket.Made made = once.make();
            Optional<Bucket.Standing> there = storage.bucket().look(key, stop);
            if (there.isPresent() && state.id().equals(there.get().upload())) {
                return verified(there.get(), crc32);
            }
            switch (made) {
                case Bucket.Made.Done done ->
                    throw new ProblemException(
                            ErrorCode.UPSTREAM_UNAVAILABLE,
                            "the service has stored " + key + " by its own account, and does not have it");
                case Bucket.Made.Taken taken -> throw new Commit.TargetTaken(key, null);
                case Bucket.Made.Unsettled unsettled ->
                    storage.bucket().settleFor("make " + key + " visible", attempt, unsettled.fault(), stop);
            }
        }
    }

    /// What does not have our bytes does not stay.
    private Bucket.Standing verified(Bucket.Standing there, long crc32) {
        Long theirs = there.crc32();
        if (there.size() == size() && (theirs == null || theirs == crc32)) {
            return there;
        }
        storage.bucket().delete(there, new StopToken());
        throw new ProblemException(
                ErrorCode.UPSTREAM_REFUSED,
                "the service has stored " + there.key() + " with " + there.size() + " bytes"
                        + (theirs == null ? "" : " and CRC-32 " + Long.toHexString(theirs)) + " in the place of "
                        + size() + " and " + Long.toHexString(crc32) + ": it has been deleted there");
    }

    /// Cuts off what is still in the air and gives its memory back.
    @Override
    public void close() {
        if (!flights.isEmpty()) {
            cut.fire(StopReason.DRAINING);
        }
        for (Flight flight : flights) {
            flight.tag.exceptionally(e -> "").join();
        }
        flights.clear();
        closer.close();
        letGo();
    }

    private void letGo() {
        Memory memory = gathering;
        if (memory != null) {
            memory.release();
            gathering = null;
        }
    }
}
