package dev.sluice.s3;

import dev.sluice.cloud.BackOff;
import dev.sluice.cloud.PartLayout;
import dev.sluice.cloud.PartedStorage;
import dev.sluice.cloud.Parts;
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
import dev.sluice.storage.UploadState;
import dev.sluice.storage.UploadStateSink;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/// Objects in one bucket. Every object carries the id of the upload that made it (`x-amz-meta-sluice-upload`):
/// by it an upload knows its own object again, whatever answers were lost.
public final class S3Storage extends PartedStorage<Bucket.Standing> {
    /// 'Amazon S3 multipart upload limits': an object has 10,000 parts of 5 GiB at the most, 48.8 TiB.
    private static final int MOST_PARTS = 10_000;

    private static final long LARGEST_PART = 5L << 30;
    /// How far the service's clock may be from ours: beyond it the service refuses every request.
    private static final Duration SKEW = Duration.ofMinutes(20);
    private static final BackOff LOOKS = new BackOff(Duration.ofMillis(100), Duration.ofMillis(200), 12);

    private final S3Settings settings;
    private final Bucket bucket;

    /// Makes no call yet.
    public S3Storage(S3Settings settings, Supplies supplies) {
        super("s3", settings.toString(), settings.prefix(), supplies);
        this.settings = settings;
        this.bucket = new Bucket(settings, supplies.transport(), supplies.backOff());
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
            return resumed(state, stop, kept -> new S3Upload(this, state, known, List.of(), kept, saved, stop));
        }
        if (uploadId == null) {
            // It came to its end while the service was being asked to begin: of its parts none is there, and what is
            // kept here still is.
            abortUnlearnt(known.key(), known.since());
            S3State anew = S3State.intent(known.partSize());
            UploadState intent = sealed(state.spec(), anew);
            // Noted before another upload may take the key: what is begun there is not to be taken for ours.
            saved.save(intent);
            promised().remove(name(known.key()), state.id());
            return resumed(intent, stop, kept -> new S3Upload(this, intent, anew, List.of(), kept, saved, stop));
        }
        Optional<List<Bucket.Stored>> parts = bucket.parts(known.key(), uploadId, stop);
        Optional<Bucket.Standing> own = own(known.key(), state.id(), stop);
        if (own.isPresent()) {
            return new Resumed.AlreadyCommitted(ref(own.get()));
        }
        if (parts.isPresent() && isOpen(known.key(), uploadId, parts.get(), stop)) {
            promised().add(name(known.key()), state.id());
            Whole whole = whole(state, known, parts.get());
            Parts.Kept kept = supplies().kept(state, whole.parts().size(), whole.bytes(), whole.crc32());
            return new Resumed.Open(new S3Upload(this, state, known, whole.parts(), kept, saved, stop));
        }
        discard(state);
        return new Resumed.Gone();
    }

    /// Some services answer with no parts for an upload that is not there.
    private boolean isOpen(String key, String uploadId, List<Bucket.Stored> parts, StopToken stop) {
        return !parts.isEmpty()
                || bucket.uploads(key, Instant.EPOCH, Instant.MAX, stop).contains(uploadId);
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
        return supplies().kept(state, known.parts(), bytes, known.crc32()).all();
    }

    @Override
    public void discard(UploadState state) {
        S3State known = known(state);
        var unstopped = new StopToken();
        supplies().tails().forget(state.id());
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
        promised().remove(name(key), state.id());
    }

    /// Begins a multipart upload of which nothing was begun before `since`, and takes away what tries without an answer
    /// have begun. Until that is done nobody may know the id: all that were begun go where it is not known.
    String begin(String key, Instant since, UploadState state, StopToken stop) {
        Bucket.Begun begun = bucket.begin(key, state.id(), state.contentType(), stop);
        if (!begun.alone()) {
            stragglers().cutOff(key);
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
            boolean mayLand = stragglers().mayStillLand(key);
            bucket.uploads(key, since.minus(SKEW), since.plus(SKEW), unstopped).stream()
                    .filter(which)
                    .forEach(id -> abort(key, id, unstopped));
            if (!mayLand) {
                stragglers().forget(key);
                return;
            }
            LOOKS.await(1, null, unstopped);
        }
    }

    /// A part that was on its way may arrive after an abort, which not every service takes twice (S3Proxy does not): it
    /// is waited for first. Then it is repeated until nothing is listed any more.
    private void abort(String key, String uploadId, StopToken unstopped) {
        while (stragglers().mayStillLand(key)) {
            LOOKS.await(1, null, unstopped);
        }
        for (int attempt = 1; ; attempt++) {
            Optional<List<Bucket.Stored>> parts = bucket.parts(key, uploadId, unstopped);
            boolean listed = parts.map(some -> !some.isEmpty()).orElse(false)
                    || (parts.isPresent()
                            && bucket.uploads(key, Instant.EPOCH, Instant.MAX, unstopped)
                                    .contains(uploadId));
            if (!listed) {
                stragglers().forget(key);
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

    @Override
    protected Optional<Bucket.Standing> look(String key, StopToken stop) {
        return bucket.look(key, stop);
    }

    @Override
    protected boolean remove(Bucket.Standing object, StopToken stop) {
        bucket.delete(object, stop);
        return true;
    }

    @Override
    protected ObjectContent open(ObjectRef ref, ByteRange range, StopToken stop) {
        String key = key(ref.key());
        String[] stamp = ref.stamp() == null ? new String[0] : ref.stamp().split(" ", 2);
        ResponseInputStream<GetObjectResponse> content =
                bucket.read(key, stamp.length > 0 ? stamp[0] : null, stamp.length > 1 ? stamp[1] : null, range, stop);
        if (content.response().contentLength() != range.length()) {
            content.abort();
            throw Unreadable.beyond(ref.key(), range);
        }
        return new StreamedContent(ref.key(), content, range.length(), stop);
    }

    @Override
    protected @Nullable String fixedKey(UploadState state) {
        return known(state).key();
    }

    @Override
    public void close() {
        super.close();
        bucket.close();
    }

    // ------------------------------------------------------------ for its uploads

    Bucket bucket() {
        return bucket;
    }

    PartLayout layout(UploadState state, S3State known) {
        return new PartLayout(known.partSize(), state.size(), MOST_PARTS, largest());
    }

    private long largest() {
        return Math.min(supplies().memory().most(), LARGEST_PART);
    }

    private S3State known(UploadState state) {
        return S3State.of(supplies().opened(state));
    }

    UploadState sealed(ObjectSpec spec, S3State known) {
        return supplies().sealed(spec, known.token());
    }

    /// As [PartedStorage#promise].
    String promise(ObjectSpec spec, Consumer<String> noted, StopToken stop) {
        return promise(
                spec,
                key -> bucket.look(key, stop).isEmpty()
                        && bucket.uploads(key, Instant.EPOCH, Instant.MAX, stop).isEmpty(),
                noted);
    }
}
