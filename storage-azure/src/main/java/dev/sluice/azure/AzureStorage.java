package dev.sluice.azure;

import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpResponse;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Objects in one container. Every object carries the id of the upload that made it (`x-ms-meta-sluice_upload`): by it
/// an upload knows its own object again, whatever answers were lost.
public final class AzureStorage extends PartedStorage<Container.Standing> {
    private static final int MOST_BLOCKS = 50_000;
    private static final long LARGEST_BLOCK = 4000L << 20;
    private static final BackOff LOOKS = new BackOff(Duration.ofMillis(100), Duration.ofMillis(200), 12);

    private final AzureSettings settings;
    private final Container container;

    /// Makes no call yet.
    public AzureStorage(AzureSettings settings, Supplies supplies) {
        super("azure", settings.toString(), settings.prefix(), supplies);
        this.settings = settings;
        this.container = new Container(settings, supplies.transport(), supplies.backOff(), supplies.clock());
    }

    @Override
    public UploadState intend(ObjectSpec spec) {
        FileNames.requirePlain(spec.name());
        if (spec.name().endsWith(".")) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST, "Azure takes no name that ends with a dot: rename " + spec.name());
        }
        if (spec.size() > MOST_BLOCKS * LARGEST_BLOCK) {
            throw new ProblemException(
                    ErrorCode.TOO_LARGE,
                    "Azure takes no more than " + MOST_BLOCKS + " blocks of " + LARGEST_BLOCK
                            + " bytes in one file: cut " + spec.name(),
                    Map.of("limit", MOST_BLOCKS * LARGEST_BLOCK));
        }
        return sealed(
                spec,
                AzureState.intent(
                        PartLayout.of(spec.size(), MOST_BLOCKS, largest()).first()));
    }

    @Override
    public ObjectUpload begin(UploadState intent, UploadStateSink saved, StopToken stop) {
        stop.check();
        return new AzureUpload(this, intent, known(intent), List.of(), Parts.Kept.NOTHING, saved, stop);
    }

    // ------------------------------------------------------------ what there is of an upload

    @Override
    public Resumed resume(UploadState state, UploadStateSink saved, StopToken stop) {
        stop.check();
        AzureState known = known(state);
        String key = known.key();
        if (key == null) {
            return resumed(state, stop, kept -> new AzureUpload(this, state, known, List.of(), kept, saved, stop));
        }
        List<Container.Stored> blocks = container.uncommitted(key, stop).orElse(List.of());
        Optional<Container.Standing> own = own(key, state.id(), stop);
        if (own.isPresent()) {
            return new Resumed.AlreadyCommitted(ref(own.get()));
        }
        Whole whole = whole(state, known, blocks);
        // What has expired, or was driven out by somebody else's write, has left no block behind.
        if (known.parts() > 0 && whole.blocks().isEmpty()) {
            discard(state);
            return new Resumed.Gone();
        }
        promised().add(name(key), state.id());
        Parts.Kept kept = supplies().kept(state, whole.blocks().size(), whole.bytes(), whole.crc32());
        return new Resumed.Open(new AzureUpload(this, state, known, whole.blocks(), kept, saved, stop));
    }

    /// Blocks without a gap, from the first.
    private record Whole(List<Container.Stored> blocks, long bytes, long crc32) {}

    private Whole whole(UploadState state, AzureState known, List<Container.Stored> blocks) {
        String owner = BlockId.owner(state.id());
        var own = new HashMap<Integer, List<Container.Stored>>();
        for (Container.Stored block : blocks) {
            BlockId.of(block.id())
                    .filter(id -> id.owner().equals(owner))
                    .ifPresent(id -> own.computeIfAbsent(id.number(), n -> new ArrayList<>())
                            .add(block));
        }
        PartLayout layout = layout(state, known);
        var whole = new ArrayList<Container.Stored>();
        long bytes = 0;
        long crc32 = 0;
        while (true) {
            int number = whole.size() + 1;
            List<Container.Stored> candidates = own.getOrDefault(number, List.of());
            // Of two with other bytes nobody knows which one was gone on from.
            if (candidates.size() != 1 || candidates.getFirst().size() != layout.room(number, bytes)) {
                return new Whole(List.copyOf(whole), bytes, crc32);
            }
            Container.Stored block = candidates.getFirst();
            whole.add(block);
            bytes += block.size();
            crc32 = RunningCrc32.combine(
                    crc32, BlockId.of(block.id()).orElseThrow().crc32(), block.size());
        }
    }

    /// What is noted here: the service is not asked, since whoever asks may be looking at all jobs at once, and the
    /// service may be away. A resume may find a little more.
    @Override
    public long kept(UploadState state) {
        AzureState known = known(state);
        return supplies()
                .kept(state, known.parts(), known.bytes(), known.crc32())
                .all();
    }

    // ------------------------------------------------------------ taking away

    /// The service has no call for it. Under a free name an empty blob drives the blocks out and is deleted; beside a
    /// blob that somebody has put there meanwhile they stay until they expire, and this fails until then.
    @Override
    public void discard(UploadState state) {
        AzureState known = known(state);
        supplies().tails().forget(state.id());
        String key = known.key();
        if (key != null) {
            driveOut(key, state.id());
            promised().remove(name(key), state.id());
            stragglers().forget(key);
        }
    }

    /// A block that was on its way may arrive afterwards: it is looked for until none can come any more.
    private void driveOut(String key, String upload) {
        var unstopped = new StopToken();
        String owner = BlockId.owner(upload);
        for (int look = 1; ; look++) {
            Optional<Container.Standing> there = container.look(key, unstopped);
            if (there.isPresent() && upload.equals(there.get().upload())) {
                return;
            }
            if (there.isPresent() && upload.equals(there.get().discards())) {
                container.delete(there.get(), unstopped);
                there = Optional.empty();
            }
            boolean listed = container.uncommitted(key, unstopped).orElse(List.of()).stream()
                    .flatMap(block -> BlockId.of(block.id()).stream())
                    .anyMatch(id -> id.owner().equals(owner));
            if (!listed && !stragglers().mayStillLand(key)) {
                return;
            }
            if (listed && (there.isPresent() || look > LOOKS.tries())) {
                throw new ProblemException(
                        ErrorCode.UPSTREAM_REFUSED,
                        settings + " still has blocks of an unfinished upload beside " + key
                                + ": they go within a week, or when that blob is written again");
            }
            if (listed) {
                container.driveOut(key, upload, unstopped);
            } else {
                LOOKS.await(look, null, unstopped);
            }
        }
    }

    // ------------------------------------------------------------ objects

    @Override
    protected Optional<Container.Standing> look(String key, StopToken stop) {
        return container.look(key, stop);
    }

    @Override
    protected boolean remove(Container.Standing object, StopToken stop) {
        return container.delete(object, stop);
    }

    @Override
    protected ObjectContent open(ObjectRef ref, ByteRange range, StopToken stop) {
        String key = key(ref.key());
        HttpResponse answer = container.read(key, ref.stamp(), range, stop);
        if (!Long.toString(range.length()).equals(answer.getHeaders().getValue(HttpHeaderName.CONTENT_LENGTH))) {
            answer.close();
            throw Unreadable.beyond(ref.key(), range);
        }
        return new StreamedContent(ref.key(), answer.getBodyAsInputStreamSync(), range.length(), stop);
    }

    @Override
    protected @Nullable String fixedKey(UploadState state) {
        return known(state).key();
    }

    // ------------------------------------------------------------ for its uploads

    Container container() {
        return container;
    }

    private long largest() {
        return Math.min(supplies().memory().most(), LARGEST_BLOCK);
    }

    PartLayout layout(UploadState state, AzureState known) {
        return new PartLayout(known.partSize(), state.size(), MOST_BLOCKS, largest());
    }

    private AzureState known(UploadState state) {
        return AzureState.of(supplies().opened(state));
    }

    UploadState sealed(ObjectSpec spec, AzureState known) {
        return supplies().sealed(spec, known.token());
    }

    /// Whether nothing stands there, no upload of this node is on its way there, and no blocks of anybody's lie there,
    /// which a put would drive out.
    boolean isFree(String name, StopToken stop) {
        return !promised().contains(name)
                && container.uncommitted(key(name), stop).isEmpty();
    }

    /// As [PartedStorage#promise].
    void promise(ObjectSpec spec, Consumer<String> noted, StopToken stop) {
        var unused = promise(spec, key -> container.uncommitted(key, stop).isEmpty(), noted);
    }
}
