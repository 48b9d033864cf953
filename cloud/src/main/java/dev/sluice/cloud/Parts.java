package dev.sluice.cloud;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import dev.sluice.storage.RunningCrc32;
import dev.sluice.storage.UploadState;
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
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// The bytes of one object on their way to a provider, in parts. They are gathered in memory from the budget; a full
/// part flies, on a thread of its own, while the next is gathered. What has landed is told in order, and what is too
/// short for a part is kept in the data folder when the sender leaves. Worked on by one thread at a time.
///
/// While memory is scarce, a part that is slow to fill is set aside: it is gathered in the data folder and read back
/// once it is full. So memory is there for parts that fly or soon will, and no sender stands still for a slower one.
///
/// A cancel cuts off what flies. A pause lets it land, for a moment.
public final class Parts implements AutoCloseable {
    private static final Duration LANDING = Duration.ofSeconds(5);
    /// How long a part waits for memory to be gathered in.
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Supplies supplies;
    private final Executor threads;
    private final Plan plan;
    private final Carrier carrier;
    private final StopToken stop;
    private final StopToken cut;
    private final CompletableFuture<@Nullable Void> stopped = new CompletableFuture<>();
    private final List<StopToken.Registration> closers;
    private final Gathering gathering;
    private final ArrayDeque<Flight> flights = new ArrayDeque<>();

    /// So many parts have landed, and all bytes up to there.
    private int landedParts;

    private long landed;
    private long landedCrc32;

    private volatile long durable;
    private long durableCrc32;
    private boolean done;

    /// Who brings parts to the provider.
    public interface Carrier {
        /// Makes what parts go into, where it is not there yet: before each part flies, on the thread of who writes.
        void open();

        /// Sends a part, on a thread of its own.
        ///
        /// @return what is to be remembered of it: the provider's word for it
        String send(Part part, StopToken cut);

        /// Remembers what the provider has, on the thread of who writes: these parts and all before them.
        void landed(List<Landed> parts, Progress all);
    }

    /// How an object is sent.
    ///
    /// @param flying how many parts are on their way at a time
    /// @param withheld whether the last part stays here until the commit asks for it by [#rest]
    public record Plan(UploadState upload, PartLayout layout, int flying, boolean withheld) {}

    /// A part.
    ///
    /// @param begin where in the object
    /// @param crc32 of its bytes
    /// @param memory that holds them
    public record Part(int number, long begin, long crc32, Memory memory) {
        public long length() {
            return memory.size();
        }
    }

    /// A part that the provider has.
    ///
    /// @param word what [Carrier#send] returned
    public record Landed(int number, String word) {}

    /// What the provider has in whole parts.
    ///
    /// @param crc32 of those bytes
    public record Progress(int parts, long bytes, long crc32) {}

    /// What there was of an object before.
    ///
    /// @param parts that the provider has, without a gap, from the first
    /// @param bytes in them
    /// @param crc32 of those
    /// @param tail how many bytes behind them lie in the data folder
    /// @param tailCrc32 of those
    public record Kept(int parts, long bytes, long crc32, long tail, long tailCrc32) {
        public static final Kept NOTHING = new Kept(0, 0, 0, 0, 0);

        public long all() {
            return bytes + tail;
        }
    }

    /// @param threads where parts fly: virtual ones
    public Parts(Supplies supplies, Executor threads, Plan plan, Kept kept, Carrier carrier, StopToken stop) {
        this.supplies = supplies;
        this.threads = threads;
        this.plan = plan;
        this.carrier = carrier;
        this.stop = stop;
        this.cut = new StopToken(stop);
        this.gathering = new Gathering(supplies, plan.upload().id(), kept);
        this.landedParts = kept.parts();
        this.landed = kept.bytes();
        this.landedCrc32 = kept.crc32();
        this.durable = kept.all();
        this.durableCrc32 = RunningCrc32.combine(kept.crc32(), kept.tailCrc32(), kept.tail());
        this.closers = List.of(stop.onLoss(cut::fire), stop.onStop(reason -> stopped.complete(null)));
    }

    private UploadState upload() {
        return plan.upload();
    }

    // ------------------------------------------------------------ bytes

    /// How many bytes from the start it has taken.
    public long accepted() {
        return gathering.begin() + gathering.size();
    }

    /// How much the part can be that is being gathered.
    private long room() {
        return plan.layout().room(number(), gathering.begin());
    }

    /// As [dev.sluice.storage.ObjectUpload#write].
    public void write(ByteBuffer bytes) {
        long at = accepted();
        if (upload().sized() && bytes.remaining() > upload().size() - at) {
            throw new ProblemException(
                    ErrorCode.SIZE_MISMATCH,
                    upload().name() + " was announced with " + upload().size() + " bytes: " + bytes.remaining()
                            + " more at " + at + " are too many");
        }
        int limit = bytes.limit();
        while (bytes.position() < limit) {
            stop.check();
            requireNumber();
            bytes.limit((int) Math.min(limit, bytes.position() + room() - gathering.size()));
            try {
                gather(bytes);
            } finally {
                bytes.limit(limit);
            }
            if (gathering.size() == room() && (bytes.hasRemaining() || mayFly())) {
                launch();
            }
        }
        gathering.giveWay();
    }

    private void requireNumber() {
        if (number() > plan.layout().most()) {
            throw new ProblemException(
                    ErrorCode.TOO_LARGE,
                    upload().name() + " has come to " + gathering.begin()
                            + " bytes of a size that was not said before: say it",
                    Map.of("limit", gathering.begin()));
        }
    }

    private boolean mayFly() {
        return !plan.withheld() || (upload().sized() && accepted() < upload().size());
    }

    private void gather(ByteBuffer bytes) {
        if (gathering.hasNoPlace()) {
            obtain(Math.max(1, room())).ifPresentOrElse(gathering::load, gathering::setAside);
        }
        gathering.add(bytes);
    }

    /// The number of the part that is being gathered.
    private int number() {
        return landedParts + flights.size() + 1;
    }

    /// While memory is scarce this upload has one part at a time: with something in the air it waits for that only.
    private Optional<Memory> obtain(long bytes) {
        while (true) {
            land();
            if (flights.size() < plan.flying()) {
                Optional<Memory> free = supplies.memory().tryTake(bytes);
                if (free.isPresent()) {
                    return free;
                }
            }
            Flight first = flights.peek();
            if (first == null) {
                return supplies.memory().take(bytes, PATIENCE, stop);
            }
            await(first);
        }
    }

    /// What has been gathered, in memory.
    private Memory loaded() {
        Memory memory = gathering.memory();
        if (memory == null) {
            requireNumber();
            memory = supplies.memory().takeToSend(Math.max(1, room()), stop);
            gathering.load(memory);
        }
        return memory;
    }

    private void launch() {
        if (gathering.size() == 0) {
            return;
        }
        land();
        while (flights.size() >= plan.flying()) {
            await(flights.getFirst());
            land();
        }
        Memory memory = loaded();
        carrier.open();
        var flight = new Flight(part(memory));
        flights.add(flight);
        memory.flies();
        gathering.next();
        flight.fly(threads, carrier, cut);
    }

    private Part part(Memory memory) {
        return new Part(number(), gathering.begin(), gathering.crc32(), memory);
    }

    /// Takes note of what has landed, as far as nothing before it is still in the air.
    private void land() {
        var arrived = new ArrayList<Landed>();
        RuntimeException failure = null;
        while (failure == null
                && !flights.isEmpty()
                && flights.getFirst().word().isDone()) {
            Part part = flights.getFirst().part();
            try {
                arrived.add(new Landed(part.number(), flights.getFirst().landed()));
                flights.removeFirst();
                landedParts++;
                landed += part.length();
                landedCrc32 = RunningCrc32.combine(landedCrc32, part.crc32(), part.length());
            } catch (RuntimeException e) {
                failure = e;
            }
        }
        if (!arrived.isEmpty()) {
            if (landed >= durable) {
                durable = landed;
                durableCrc32 = landedCrc32;
            }
            carrier.landed(arrived, new Progress(landedParts, landed, landedCrc32));
            supplies.tails().forget(upload().id(), landed);
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void await(Flight flight) {
        try {
            CompletableFuture.anyOf(flight.word(), stopped).join();
        } catch (CompletionException e) {
            // Told by land().
        }
        stop.check();
    }

    // ------------------------------------------------------------ what is kept

    /// As [dev.sluice.storage.ObjectUpload#durable].
    public long durable() {
        return durable;
    }

    /// As [dev.sluice.storage.ObjectUpload#crc32].
    public OptionalLong crc32() {
        return OptionalLong.of(durableCrc32);
    }

    /// As [dev.sluice.storage.ObjectUpload#keep].
    public long keep() {
        if (done || cut.stopped()) {
            return durable;
        }
        if (!inTheAir().isDone()) {
            awaitLanding();
        }
        try {
            land();
        } catch (Stopped e) {
            // Of a paused job nothing can be noted any more: what has landed the provider lists.
            if (!e.reason().keeps()) {
                cut.fire(e.reason());
            }
        }
        if (!flights.isEmpty() || cut.stopped()) {
            return durable;
        }
        long kept = gathering.keep();
        durable = landed + kept;
        durableCrc32 = RunningCrc32.combine(landedCrc32, gathering.crc32(), kept);
        return durable;
    }

    private CompletableFuture<?> inTheAir() {
        return CompletableFuture.allOf(flights.stream().map(Flight::word).toArray(CompletableFuture[]::new));
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

    // ------------------------------------------------------------ the commit

    /// Waits until all has landed but what is being gathered, and gives that: it may be empty, and stays here until
    /// [#letGo].
    public Part rest() {
        landFlights();
        Memory memory = loaded();
        memory.flies();
        return part(memory);
    }

    /// Sends what is gathered and waits until everything has landed.
    public Progress landAll() {
        launch();
        landFlights();
        return new Progress(landedParts, landed, landedCrc32);
    }

    private void landFlights() {
        land();
        while (!flights.isEmpty()) {
            await(flights.getFirst());
            land();
        }
    }

    /// The object is there: what was gathered is needed no more.
    public void letGo() {
        done = true;
        gathering.release();
    }

    /// Cuts off what is still in the air and gives its memory back.
    @Override
    public void close() {
        if (!flights.isEmpty()) {
            cut.fire(StopReason.DRAINING);
        }
        for (Flight flight : flights) {
            flight.word().exceptionally(e -> "").join();
        }
        flights.clear();
        closers.forEach(StopToken.Registration::close);
        gathering.release();
    }
}
