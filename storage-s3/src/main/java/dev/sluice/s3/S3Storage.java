package dev.sluice.s3;

import dev.sluice.cloud.BackOff;
import dev.sluice.cloud.PartLayout;
import dev.sluice.cloud.Parts;
import dev.sluice.cloud.PromisedNames;
import dev.sluice.cloud.Stragglers;
import dev.sluice.cloud.StreamedContent;
import dev.sluice.cloud.Supplies;
import dev.sluice.cloud.Unreadable;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.FileNames;
import dev.sluice.storage.ObjectContent;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectSpec;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Resumed;
import dev.sluice.storage.RunningCrc32;
import dev.sluice.storage.Shape;
import dev.sluice.storage.Storage;
import dev.sluice.storage.UploadState;
import dev.sluice.storage.UploadStateSink;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/// Objects in one bucket. Every object carries the id of the upload that made it (`x-amz-meta-sluice-upload`):
/// by it an upload knows its own object again, whatever answers were lost.
public final class S3Storage implements Storage {
    private static final Logger log = LoggerFactory.getLogger(S3Storage.class);
    /// 'Amazon S3 multipart upload limits': an object has 10,000 parts of 5 GiB at the most, 48.8 TiB.
    private static final int MOST_PARTS = 10_000;

    private static final long LARGEST_PART = 5L << 30;
    /// How far the service's clock may be from ours: beyond it the service refuses every request.
    private static final Duration SKEW = Duration.ofMinutes(20);
    /// How long what was cut off may still land: a second in all.
    private static final BackOff LANDING = new BackOff(Duration.ofMillis(100), Duration.ofMillis(400), 5);

    private static final BackOff LOOKS = new BackOff(Duration.ofMillis(100), Duration.ofMillis(200), 12);

    private final S3Settings settings;
    private final Supplies supplies;
    private final Bucket bucket;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Stragglers stragglers = new Stragglers();
    /// Names that multipart uploads of this node are on their way to.
    private final PromisedNames promised = new PromisedNames();

    /// Makes no call yet.
    public S3Storage(S3Settings settings, Supplies supplies) {
        this.settings = settings;
        this.supplies = supplies;
        this.bucket = new Bucket(settings, supplies.transport(), supplies.backOff());
    }

    @Override
    public Shape shape() {
        // What the service has answered for, it keeps; our own tails survive the process only.
        return new Shape("s3", true, false, false, false, true);
    }

    @Override
    public Executor executor() {
        return threads;
    }

    @Override
    public UploadState intend(ObjectSpec spec) {
        FileNames.requirePlain(spec.name());
        if (spec.size() > MOST_PARTS * LARGEST_PART) {
            throw new ProblemException(
                    ErrorCode.TOO_LARGE,
                    "S3 takes no more than " + MOST_PARTS + " parts of " + LARGEST_PART + " bytes in one file: cut "
                            + spec.name(),
                    Map.of("limit", MOST_PARTS * LARGEST_PART));
        }
        PartLayout layout = PartLayout.of(spec.size(), MOST_PARTS, largest());
        return sealed(spec, S3State.intent(layout.first()));
    }

    @Override
    public ObjectUpload begin(UploadState intent, UploadStateSink saved, StopToken stop) {
        stop.check();
        return new S3Upload(this, intent, known(intent), List.of(), Parts.Kept.NOTHING, saved, stop);
    }

    @Override
    public Resumed resume(UploadState state, UploadStateSink saved, StopToken stop) {
        stop.check();
        S3State known = known(state);
        String uploadId = known.uploadId();
        if (known.key() == null) {
            return resumeSingle(state, known, saved, stop);
        }
        if (uploadId == null) {
            // It came to its end while the service was being asked to begin: of its parts none is there, and what is
            // kept here still is.
            abortUnlearnt(known.key(), known.since());
            S3State anew = S3State.intent(known.partSize());
            UploadState intent = sealed(state.spec(), anew);
            // Noted before another upload may take the key: what is begun there is not to be taken for ours.
            saved.save(intent);
            promised.remove(name(known.key()), state.id());
            return resumeSingle(intent, anew, saved, stop);
        }
        Optional<List<Bucket.Stored>> parts = bucket.parts(known.key(), uploadId, stop);
        Optional<Bucket.Standing> own = own(known.key(), state.id(), stop);
        if (own.isPresent()) {
            return new Resumed.AlreadyCommitted(ref(own.get()));
        }
        if (parts.isPresent() && isOpen(known.key(), uploadId, parts.get(), stop)) {
            promised.add(name(known.key()), state.id());
            return new Resumed.Open(opened(state, known, whole(state, known, parts.get()), saved, stop));
        }
        discard(state);
        return new Resumed.Gone();
    }

    @Override
    public void recall(UploadState state) {
        String key = known(state).key();
        if (key != null) {
            promised.add(name(key), state.id());
        }
    }

    /// Some services answer with no parts for an upload that is not there.
    private boolean isOpen(String key, String uploadId, List<Bucket.Stored> parts, StopToken stop) {
        return !parts.isEmpty()
                || bucket.uploads(key, Instant.EPOCH, Instant.MAX, stop).contains(uploadId);
    }

    private Resumed resumeSingle(UploadState state, S3State known, UploadStateSink saved, StopToken stop) {
        Optional<Bucket.Standing> made = PromisedNames.made(
                state.spec(),
                name -> bucket.look(key(name), stop),
                there -> state.id().equals(there.upload()));
        if (made.isPresent()) {
            return new Resumed.AlreadyCommitted(ref(made.get()));
        }
        var nothing = new Whole(List.of(), 0, 0);
        return supplies.kept(state, 0, 0, 0).tail() == 0
                ? new Resumed.Gone()
                : new Resumed.Open(opened(state, known, nothing, saved, stop));
    }

    private S3Upload opened(UploadState state, S3State known, Whole whole, UploadStateSink saved, StopToken stop) {
        Parts.Kept kept = supplies.kept(state, whole.parts().size(), whole.bytes(), whole.crc32());
        return new S3Upload(this, state, known, whole.parts(), kept, saved, stop);
    }

    /// Parts without a gap, from the first.
    private record Whole(List<Bucket.Stored> parts, long bytes, long crc32) {}

    private Whole whole(UploadState state, S3State known, List<Bucket.Stored> parts) {
        PartLayout layout = layout(state, known);
        var whole = new ArrayList<Bucket.Stored>();
        long bytes = 0;
        long crc32 = 0;
        for (Bucket.Stored part : parts) {
            int number = whole.size() + 1;
            Long digest = part.crc32();
            boolean fits = part.number() == number && part.size() == layout.room(number, bytes);
            if (!fits || (digest == null && number > known.parts())) {
                break;
            }
            whole.add(part);
            bytes += part.size();
            crc32 = number <= known.parts() || digest == null
                    ? known.crc32()
                    : RunningCrc32.combine(crc32, digest, part.size());
        }
        // Where the service has lost some, what it still has must tell its own digest.
        return whole.size() < known.parts() ? wholeByDigests(whole) : new Whole(List.copyOf(whole), bytes, crc32);
    }

    private static Whole wholeByDigests(List<Bucket.Stored> parts) {
        var whole = new ArrayList<Bucket.Stored>();
        long bytes = 0;
        long crc32 = 0;
        for (Bucket.Stored part : parts) {
            Long digest = part.crc32();
            if (digest == null) {
                break;
            }
            whole.add(part);
            bytes += part.size();
            crc32 = RunningCrc32.combine(crc32, digest, part.size());
        }
        return new Whole(List.copyOf(whole), bytes, crc32);
    }

    /// What is noted here: the service is not asked, since whoever asks may be looking at all jobs at once, and the
    /// service may be away. A resume may find a little more.
    @Override
    public long kept(UploadState state) {
        S3State known = known(state);
        long bytes = layout(state, known).end(known.parts());
        return supplies.kept(state, known.parts(), bytes, known.crc32()).all();
    }

    @Override
    public void discard(UploadState state) {
        S3State known = known(state);
        var unstopped = new StopToken();
        supplies.tails().forget(state.id());
        String key = known.key();
        if (key == null) {
            return;
        }
        String uploadId = known.uploadId();
        if (uploadId != null) {
            abort(key, uploadId, unstopped);
        } else {
            abortUnlearnt(key, known.since());
        }
        promised.remove(name(key), state.id());
    }

    /// Begins a multipart upload of which nothing was begun before `since`, and takes away what tries without an answer
    /// have begun. Until that is done nobody may know the id: all that were begun go where it is not known.
    String begin(String key, Instant since, UploadState state, StopToken stop) {
        Bucket.Begun begun = bucket.begin(key, state.id(), state.contentType(), stop);
        if (!begun.alone()) {
            stragglers.cutOff(key);
            abortBegun(key, since, id -> !id.equals(begun.uploadId()));
        }
        return begun.uploadId();
    }

    /// Uploads of that key that were begun about then: one whose id never came is among them.
    private void abortUnlearnt(String key, Instant since) {
        abortBegun(key, since, id -> true);
    }

    /// A call to begin that was cut off may still be obeyed: it is looked for until that is over.
    private void abortBegun(String key, Instant since, Predicate<String> which) {
        var unstopped = new StopToken();
        while (true) {
            boolean mayLand = stragglers.mayStillLand(key);
            bucket.uploads(key, since.minus(SKEW), since.plus(SKEW), unstopped).stream()
                    .filter(which)
                    .forEach(id -> abort(key, id, unstopped));
            if (!mayLand) {
                stragglers.forget(key);
                return;
            }
            LOOKS.await(1, null, unstopped);
        }
    }

    /// A part that was on its way may arrive after an abort, which not every service takes twice (S3Proxy does not): it
    /// is waited for first. Then it is repeated until nothing is listed any more.
    private void abort(String key, String uploadId, StopToken unstopped) {
        while (stragglers.mayStillLand(key)) {
            LOOKS.await(1, null, unstopped);
        }
        for (int attempt = 1; ; attempt++) {
            Optional<List<Bucket.Stored>> parts = bucket.parts(key, uploadId, unstopped);
            boolean listed = parts.map(some -> !some.isEmpty()).orElse(false)
                    || (parts.isPresent()
                            && bucket.uploads(key, Instant.EPOCH, Instant.MAX, unstopped)
                                    .contains(uploadId));
            if (!listed) {
                stragglers.forget(key);
                return;
            }
            if (attempt > LOOKS.tries()) {
                throw new ProblemException(
                        ErrorCode.UPSTREAM_UNAVAILABLE,
                        settings + " still lists parts of an upload of " + key + " that was aborted");
            }
            if (attempt > 1) {
                LOOKS.await(attempt, null, unstopped);
            }
            bucket.abort(key, uploadId, unstopped);
        }
    }

    /// A put whose connection was cut may still become an object: it is looked for more than once. A completion may
    /// not, once its parts are gone.
    @Override
    public void takeBack(UploadState state, ObjectRef ref) {
        discard(state);
        var unstopped = new StopToken();
        String key = key(ref.key());
        for (int look = 1; ; look++) {
            Optional<Bucket.Standing> own = own(key, state.id(), unstopped);
            if (own.isPresent()) {
                bucket.delete(own.get(), unstopped);
                return;
            }
            if (look == LANDING.tries()) {
                return;
            }
            LANDING.await(look, null, unstopped);
        }
    }

    private Optional<Bucket.Standing> own(String key, String upload, StopToken stop) {
        return bucket.look(key, stop).filter(there -> upload.equals(there.upload()));
    }

    @Override
    public ObjectContent read(ObjectRef ref, ByteRange range, StopToken stop) {
        stop.check();
        String key = key(ref.key());
        if (range.length() == 0) {
            Bucket.Standing there = bucket.look(key, stop).orElseThrow(() -> Unreadable.notFound(ref.key()));
            if (!fits(ref, there)) {
                throw Unreadable.changed(ref.key());
            }
            if (range.end() > there.size()) {
                throw Unreadable.beyond(ref.key(), range);
            }
            return new StreamedContent(ref.key(), null, 0, stop);
        }
        String[] stamp = ref.stamp() == null ? new String[0] : ref.stamp().split(" ", 2);
        ResponseInputStream<GetObjectResponse> content =
                bucket.read(key, stamp.length > 0 ? stamp[0] : null, stamp.length > 1 ? stamp[1] : null, range, stop);
        if (content.response().contentLength() != range.length()) {
            content.abort();
            throw Unreadable.beyond(ref.key(), range);
        }
        return new StreamedContent(ref.key(), content, range.length(), stop);
    }

    private static boolean fits(ObjectRef ref, Bucket.Standing there) {
        return ref.stamp() == null || ref.stamp().equals(there.stamp());
    }

    @Override
    public void delete(ObjectRef ref) {
        var unstopped = new StopToken();
        Optional<Bucket.Standing> there = bucket.look(key(ref.key()), unstopped);
        if (there.isPresent() && !fits(ref, there.get())) {
            log.warn("{} in {} is another object now than the one that was stored: it stays", ref.key(), settings);
            return;
        }
        there.ifPresent(object -> bucket.delete(object, unstopped));
    }

    /// A bucket has room for everything.
    @Override
    public void requireSpace(long bytes) {}

    @Override
    public void close() {
        threads.shutdown();
        bucket.close();
    }

    // ------------------------------------------------------------ for its uploads

    Bucket bucket() {
        return bucket;
    }

    Stragglers stragglers() {
        return stragglers;
    }

    Supplies supplies() {
        return supplies;
    }

    ExecutorService threads() {
        return threads;
    }

    PartLayout layout(UploadState state, S3State known) {
        return new PartLayout(known.partSize(), state.size(), MOST_PARTS, largest());
    }

    private long largest() {
        return Math.min(supplies.memory().most(), LARGEST_PART);
    }

    private S3State known(UploadState state) {
        return S3State.of(supplies.opened(state));
    }

    UploadState sealed(ObjectSpec spec, S3State known) {
        return supplies.sealed(spec, known.token());
    }

    String key(String name) {
        return settings.prefix() + name;
    }

    String name(String key) {
        return key.substring(settings.prefix().length());
    }

    ObjectRef ref(Bucket.Standing there) {
        return new ObjectRef(name(there.key()), there.size(), there.stamp());
    }

    /// Names that multipart uploads of this node are on their way to.
    PromisedNames promised() {
        return promised;
    }

    /// A key that nothing stands at and no upload is on its way to: it cannot be changed once parts are there.
    ///
    /// @param noted remembers it
    String promise(ObjectSpec spec, Consumer<String> noted, StopToken stop) {
        return key(promised.promise(spec, name -> {
            String key = key(name);
            boolean free = bucket.look(key, stop).isEmpty()
                    && bucket.uploads(key, Instant.EPOCH, Instant.MAX, stop).isEmpty();
            if (free) {
                noted.accept(key);
            }
            return free;
        }));
    }
}
