package dev.sluice.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.Commit;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every [Storage] keeps to.
@NullMarked
public abstract class StorageContract {
    private static final AtomicInteger IDS = new AtomicInteger();

    protected final StopToken stop = new StopToken();
    private final List<Storage> opened = new ArrayList<>();
    private Storage storage;

    /// Opens the storage under test, on a place of this test's own, empty at first: every call within one test
    /// on the same place, as a new process would.
    protected abstract Storage open();

    /// All that the place holds by the provider's own account: keys of objects, and a word for every unfinished
    /// upload.
    protected abstract Set<String> held();

    /// The size that an upload is cut at in these tests; where bytes become durable in parts, more than one of
    /// them.
    protected int size() {
        return 300_007;
    }

    @SuppressWarnings("NullAway.Init")
    protected StorageContract() {}

    @BeforeEach
    final void openStorage() {
        storage = reopened();
    }

    @AfterEach
    final void closeStorages() {
        opened.forEach(Storage::close);
    }

    @Test
    public void nothingIsVisibleBeforeTheCommitAndAllAfterIt() throws Exception {
        byte[] bytes = bytes(size());
        try (ObjectUpload upload = begin("a.bin", bytes.length)) {
            upload.write(ByteBuffer.wrap(bytes));
            ObjectRef target = upload.target();
            assertProblem(ErrorCode.NOT_FOUND, () -> read(target));
            assertThat(held()).doesNotContain(target.key());

            ObjectRef ref = upload.commit(target, Precondition.ABSENT);

            assertThat(ref.key()).isEqualTo(target.key());
            assertThat(ref.size()).isEqualTo(bytes.length);
            assertThat(read(ref)).isEqualTo(bytes);
            storage.discard(upload.state());
        }
        assertThat(held()).containsExactly("a.bin");
    }

    @Test
    public void chunksOfOddSizesFromHeapAndDirectBuffersMakeOneObject() throws Exception {
        byte[] bytes = bytes(size());
        try (ObjectUpload upload = begin("odd.bin", bytes.length)) {
            int at = 0;
            for (int n = 1; at < bytes.length; n = n * 3 + 1) {
                int length = Math.min(n, bytes.length - at);
                ByteBuffer chunk = n % 2 == 0 ? ByteBuffer.allocate(length + 5) : ByteBuffer.allocateDirect(length + 5);
                chunk.position(3).put(bytes, at, length).flip().position(3);
                upload.write(chunk);
                assertThat(chunk.hasRemaining()).isFalse();
                assertThat(chunk.limit()).isEqualTo(length + 3);
                at += length;
            }
            assertThat(read(commit(upload))).isEqualTo(bytes);
        }
    }

    @Test
    public void readOnlyBuffersAreTaken() throws Exception {
        byte[] bytes = bytes(1000);
        try (ObjectUpload upload = begin("ro.bin", bytes.length)) {
            upload.write(ByteBuffer.wrap(bytes).asReadOnlyBuffer());
            assertThat(read(commit(upload))).isEqualTo(bytes);
        }
    }

    @Test
    public void anEmptyObjectIsAnObject() throws Exception {
        ObjectRef ref = store("empty.txt", new byte[0]);
        assertThat(held()).containsExactly(ref.key());
        assertThat(read(ref)).isEmpty();
    }

    @Test
    public void anUploadGoesOnWhereItWasDurableAfterAClose() throws Exception {
        resumes(true);
    }

    @Test
    public void anUploadGoesOnWhereItWasDurableAfterACrash() throws Exception {
        resumes(false);
    }

    private void resumes(boolean closed) throws Exception {
        byte[] bytes = bytes(size());
        ObjectUpload first = begin("r.bin", bytes.length);
        first.write(ByteBuffer.wrap(bytes, 0, bytes.length / 2));
        long durable = first.durable();
        assertThat(durable).isBetween(0L, bytes.length / 2L);
        if (closed) {
            first.close();
        } else {
            awaitNothingOnItsWay(first);
        }

        Storage next = reopened();
        try (ObjectUpload second = resumed(next, first.state())) {
            assertThat(second.durable()).isGreaterThanOrEqualTo(durable);
            int at = (int) second.durable();
            if (next.shape().readsBack()) {
                try (ObjectContent written = second.written(new ByteRange(0, at))) {
                    assertThat(drained(written)).isEqualTo(Arrays.copyOf(bytes, at));
                }
            } else {
                var digest = new CRC32();
                digest.update(bytes, 0, at);
                assertThat(second.crc32()).hasValue(digest.getValue());
            }
            second.write(ByteBuffer.wrap(bytes, at, bytes.length - at));
            assertThat(read(next, commit(second))).isEqualTo(bytes);
        }
        next.discard(first.state());
        first.close();
        assertThat(held()).containsExactly("r.bin");
    }

    /// A process that has crashed sends nothing any more; this one would.
    private static void awaitNothingOnItsWay(ObjectUpload upload) {
        var last = new AtomicLong(upload.durable());
        await().during(Duration.ofMillis(500))
                .atMost(Duration.ofSeconds(30))
                .until(() -> last.getAndSet(upload.durable()) == upload.durable());
    }

    @Test
    public void whatWasKeptIsThereAfterACrashToTheLastByte() throws Exception {
        byte[] bytes = bytes(size());
        for (int cut : new int[] {1, 1000, bytes.length / 2, bytes.length - 1, bytes.length}) {
            ObjectUpload first = begin("k" + cut + ".bin", bytes.length);
            first.write(ByteBuffer.wrap(bytes, 0, cut / 2));
            assertThat(first.keep()).isEqualTo(cut / 2);
            first.write(ByteBuffer.wrap(bytes, cut / 2, cut - cut / 2));
            assertThat(first.keep()).isEqualTo(cut);
            assertThat(storage.kept(first.state())).isEqualTo(cut);

            Storage next = reopened();
            try (ObjectUpload second = resumed(next, first.state())) {
                assertThat(second.durable()).isEqualTo(cut);
                second.write(ByteBuffer.wrap(bytes, cut, bytes.length - cut));
                assertThat(read(next, commit(second))).isEqualTo(bytes);
            }
            next.discard(first.state());
            first.close();
        }
        assertThat(held()).hasSize(5);
    }

    @Test
    public void writtenBytesAreReadBackInRangesWhileTheUploadGoesOn() throws Exception {
        byte[] bytes = bytes(size());
        try (ObjectUpload upload = begin("w.bin", bytes.length)) {
            upload.write(ByteBuffer.wrap(bytes, 0, bytes.length - 10));
            int durable = (int) upload.durable();
            if (durable >= 200 && storage.shape().readsBack()) {
                try (ObjectContent written = upload.written(new ByteRange(100, 100))) {
                    assertThat(drained(written)).isEqualTo(Arrays.copyOfRange(bytes, 100, 200));
                }
            }
            assertProblem(ErrorCode.INVALID_REQUEST, () -> upload.written(new ByteRange(0, durable + 1L)));
            upload.write(ByteBuffer.wrap(bytes, bytes.length - 10, 10));
            assertThat(read(commit(upload))).isEqualTo(bytes);
        }
    }

    @Test
    public void aDiscardLeavesNothingAndMayBeRepeated() throws Exception {
        UploadState state;
        try (ObjectUpload upload = begin("d.bin", size())) {
            upload.write(ByteBuffer.wrap(bytes(size() - 1)));
            upload.keep();
            state = upload.state();
            assertThat(held()).isNotEmpty();
        }
        storage.discard(state);
        assertThat(held()).isEmpty();
        storage.discard(state);
        reopened().discard(state);
        assertThat(held()).isEmpty();
    }

    @Test
    public void anIntentThatWasNeverBegunIsDiscardedAndTakenBack() {
        UploadState intent = storage.intend(spec("i.bin", 10));
        assertThat(held()).isEmpty();
        storage.takeBack(intent, new ObjectRef("i.bin", 10));
        storage.discard(intent);
        assertThat(held()).isEmpty();
    }

    @Test
    public void aDiscardAfterTheCommitKeepsTheObject() throws Exception {
        byte[] bytes = bytes(1000);
        ObjectRef ref = store("kept.bin", bytes);
        assertThat(read(ref)).isEqualTo(bytes);
        assertThat(held()).containsExactly(ref.key());
    }

    @Test
    public void takeBackRemovesWhatTheCommitMade() throws Exception {
        UploadState state;
        ObjectRef ref;
        try (ObjectUpload upload = begin("t.bin", 1000)) {
            upload.write(ByteBuffer.wrap(bytes(1000)));
            ref = commit(upload);
            state = upload.state();
        }
        Storage next = reopened();
        next.takeBack(state, ref);
        assertThat(held()).doesNotContain(ref.key());
        next.takeBack(state, ref);
        next.discard(state);
        next.takeBack(state, ref);
        assertThat(held()).isEmpty();
    }

    @Test
    public void takeBackNeverTouchesAForeignObjectOfTheSameName() throws Exception {
        try (ObjectUpload upload = begin("x.bin", 1000)) {
            upload.write(ByteBuffer.wrap(bytes(1000)));
            ObjectRef target = upload.target();
            byte[] foreign = bytes(77);
            ObjectRef theirs = store("x.bin", foreign);
            assertThat(theirs.key()).isEqualTo(target.key());

            storage.takeBack(upload.state(), target);
            assertThat(read(theirs)).isEqualTo(foreign);
            storage.discard(upload.state());
            assertThat(read(theirs)).isEqualTo(foreign);
        }
    }

    @Test
    public void takeBackSparesWhatCameInPlaceOfItsObject() throws Exception {
        try (ObjectUpload upload = begin("y.bin", 1000)) {
            upload.write(ByteBuffer.wrap(bytes(1000)));
            ObjectRef ref = commit(upload);
            storage.delete(ref);
            byte[] foreign = bytes(77);
            ObjectRef theirs = store("y.bin", foreign);

            storage.takeBack(upload.state(), ref);
            assertThat(read(theirs)).isEqualTo(foreign);
            storage.discard(upload.state());
        }
        assertThat(held()).containsExactly("y.bin");
    }

    @Test
    public void aTakenNameStaysAsItIs() throws Exception {
        byte[] bytes = bytes(1000);
        try (ObjectUpload upload = begin("n.bin", bytes.length)) {
            upload.write(ByteBuffer.wrap(bytes));
            ObjectRef target = upload.target();
            byte[] foreign = bytes(77);
            ObjectRef theirs = store("n.bin", foreign);

            assertThatThrownBy(() -> upload.commit(target, Precondition.ABSENT)).isInstanceOf(Commit.TargetTaken.class);
            assertThat(read(theirs)).isEqualTo(foreign);

            ObjectRef other = commit(upload);
            assertThat(other.key()).isNotEqualTo(theirs.key());
            assertThat(read(other)).isEqualTo(bytes);
            assertThat(read(theirs)).isEqualTo(foreign);
            storage.discard(upload.state());
        }
    }

    @Test
    public void whereItMayReplaceItReplacesAsAWhole() throws Exception {
        byte[] bytes = bytes(1000);
        ObjectRef old = store("z.bin", bytes(5000));
        UploadState state;
        try (ObjectUpload upload = begin("z.bin", bytes.length)) {
            upload.write(ByteBuffer.wrap(bytes));
            state = upload.state();
            ObjectRef ref = upload.commit(new ObjectRef(old.key(), bytes.length), Precondition.ANY);
            assertThat(ref.key()).isEqualTo(old.key());
            assertThat(read(ref)).isEqualTo(bytes);
            assertThat(upload.commit(ref, Precondition.ANY)).isEqualTo(ref);
            assertThat(read(ref)).isEqualTo(bytes);
        }
        storage.discard(state);
        assertThat(held()).containsExactly("z.bin");
    }

    @Test
    public void whatReplacedIsTakenBackToo() throws Exception {
        ObjectRef old = store("q.bin", bytes(5000));
        try (ObjectUpload upload = begin("q.bin", 10)) {
            upload.write(ByteBuffer.wrap(bytes(10)));
            ObjectRef ref = upload.commit(new ObjectRef(old.key(), 10), Precondition.ANY);
            storage.takeBack(upload.state(), ref);
            storage.discard(upload.state());
        }
        assertThat(held()).isEmpty();
    }

    @Test
    public void aCommitMayBeRepeatedAfterACrash() throws Exception {
        byte[] bytes = bytes(1000);
        ObjectUpload first = begin("c.bin", bytes.length);
        first.write(ByteBuffer.wrap(bytes));
        ObjectRef ref = commit(first);
        assertThat(first.commit(ref, Precondition.ABSENT)).isEqualTo(ref);

        Storage next = reopened();
        switch (next.resume(first.state(), state -> {}, stop)) {
            case Resumed.AlreadyCommitted known -> assertThat(known.ref()).isEqualTo(ref);
            case Resumed.Open open -> {
                try (ObjectUpload again = open.upload()) {
                    assertThat(again.target().key()).isEqualTo(ref.key());
                    assertThat(again.commit(ref, Precondition.ABSENT)).isEqualTo(ref);
                }
            }
            case Resumed.Gone gone -> throw new AssertionError("a committed upload is gone");
        }
        assertThat(read(next, ref)).isEqualTo(bytes);
        next.discard(first.state());
        first.close();
        assertThat(held()).containsExactly("c.bin");
    }

    @Test
    public void anUnfinishedObjectIsNotCommitted() {
        try (ObjectUpload upload = begin("u.bin", 1000)) {
            upload.write(ByteBuffer.wrap(bytes(999)));
            ObjectRef target = upload.target();
            assertProblem(ErrorCode.SIZE_MISMATCH, () -> upload.commit(target, Precondition.ABSENT));
            assertProblem(ErrorCode.NOT_FOUND, () -> read(target));
            storage.discard(upload.state());
        }
        assertThat(held()).isEmpty();
    }

    @Test
    public void bytesBeyondTheAnnouncedSizeAreRefusedAndNoneOfThemTaken() throws Exception {
        byte[] bytes = bytes(100);
        try (ObjectUpload upload = begin("b.bin", 100)) {
            upload.write(ByteBuffer.wrap(bytes, 0, 60));
            assertProblem(ErrorCode.SIZE_MISMATCH, () -> upload.write(ByteBuffer.wrap(bytes(41))));
            upload.write(ByteBuffer.wrap(bytes, 60, 40));
            assertThat(read(commit(upload))).isEqualTo(bytes);
        }
    }

    @Test
    public void rangesAreReadFromAnywhere() throws Exception {
        byte[] bytes = bytes(5000);
        ObjectRef ref = store("g.bin", bytes);
        for (var range : List.of(
                new ByteRange(0, 1),
                new ByteRange(0, 5000),
                new ByteRange(4999, 1),
                new ByteRange(1234, 2345),
                new ByteRange(17, 0),
                new ByteRange(5000, 0))) {
            try (ObjectContent content = storage.read(ref, range, stop)) {
                assertThat(content.remaining()).isEqualTo(range.length());
                assertThat(drained(content))
                        .isEqualTo(Arrays.copyOfRange(bytes, (int) range.first(), (int) range.end()));
                assertThat(content.remaining()).isZero();
                assertThat(content.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            }
        }
    }

    @Test
    public void rangesBeyondTheEndAreRefused() throws Exception {
        ObjectRef ref = store("h.bin", bytes(100));
        for (var range : List.of(new ByteRange(0, 101), new ByteRange(101, 0), new ByteRange(1, Long.MAX_VALUE - 1))) {
            assertProblem(
                    ErrorCode.INVALID_REQUEST,
                    () -> storage.read(ref, range, stop).close());
        }
    }

    @Test
    public void whatIsNotThereIsNotFoundAndDeletedWithoutHarm() throws Exception {
        var nothing = new ObjectRef("nothing.bin", 1);
        assertProblem(ErrorCode.NOT_FOUND, () -> read(nothing));
        storage.delete(nothing);
        ObjectRef ref = store("del.bin", bytes(10));
        storage.delete(ref);
        assertProblem(ErrorCode.NOT_FOUND, () -> read(ref));
        storage.delete(ref);
        assertThat(held()).isEmpty();
    }

    @Test
    public void anotherObjectUnderTheSameNameIsNeitherReadNorDeleted() throws Exception {
        for (int other : new int[] {77, 1001}) {
            ObjectRef mine = store("reused.bin", bytes(1000));
            storage.delete(mine);
            byte[] foreign = bytes(other);
            ObjectRef theirs = store("reused.bin", foreign);
            assertThat(theirs.key()).isEqualTo(mine.key());

            assertProblem(ErrorCode.SOURCE_CHANGED, () -> read(mine));
            storage.delete(mine);
            assertThat(read(reopened(), theirs)).isEqualTo(foreign);
            storage.delete(theirs);
            assertThat(held()).isEmpty();
        }
    }

    @Test
    public void anObjectIsKnownAgainWithoutItsStamp() throws Exception {
        ObjectRef ref = store("old.bin", bytes(1000));
        var unstamped = new ObjectRef(ref.key(), ref.size());
        assertThat(read(unstamped)).isEqualTo(bytes(1000));
        storage.delete(unstamped);
        assertThat(held()).isEmpty();
    }

    @Test
    public void uploadsOfTheSameNameBecomeObjectsOfTheirOwn() throws Exception {
        byte[] one = bytes(10);
        byte[] two = bytes(20);
        ObjectRef first = store("same.bin", one);
        ObjectRef second = store("same.bin", two);
        assertThat(second.key()).isNotEqualTo(first.key());
        assertThat(read(first)).isEqualTo(one);
        assertThat(read(second)).isEqualTo(two);
        assertThat(held()).containsExactlyInAnyOrder(first.key(), second.key());
    }

    @Test
    public void anUploadThatIsGoneStartsOver() throws Exception {
        byte[] bytes = bytes(100);
        UploadState state;
        try (ObjectUpload upload = begin("gone.bin", bytes.length)) {
            upload.write(ByteBuffer.wrap(bytes, 0, 50));
            state = upload.state();
        }
        storage.discard(state);
        assertThat(storage.resume(state, saved -> {}, stop)).isEqualTo(new Resumed.Gone());
        UploadState again = storage.intend(state.spec());
        try (ObjectUpload upload = storage.begin(again, saved -> {}, stop)) {
            assertThat(upload.durable()).isZero();
            upload.write(ByteBuffer.wrap(bytes));
            assertThat(read(commit(upload))).isEqualTo(bytes);
            storage.discard(upload.state());
        }
    }

    @Test
    public void aFiredTokenStopsWritingAndReadingAndKeepsTheUpload() throws Exception {
        ObjectRef ref = store("s.bin", bytes(100));
        UploadState state;
        try (ObjectUpload upload = begin("stopped.bin", 200);
                ObjectContent content = storage.read(ref, new ByteRange(0, 100), stop)) {
            upload.write(ByteBuffer.wrap(bytes(50)));
            upload.keep();
            stop.fire(StopReason.PAUSED);
            assertThatThrownBy(() -> upload.write(ByteBuffer.wrap(bytes(100)))).isInstanceOf(Stopped.class);
            assertThatThrownBy(() -> content.read(ByteBuffer.allocate(1))).isInstanceOf(Stopped.class);
            state = upload.state();
        }
        switch (reopened().resume(state, saved -> {}, new StopToken())) {
            case Resumed.Open open -> {
                try (ObjectUpload upload = open.upload()) {
                    assertThat(upload.durable()).isEqualTo(50);
                }
            }
            case Resumed.AlreadyCommitted known -> throw new AssertionError("never committed: " + known);
            case Resumed.Gone gone -> throw new AssertionError("a pause lost the upload");
        }
    }

    @Test
    public void namesInAnyScriptAreKept() throws Exception {
        byte[] bytes = bytes(10);
        for (String name :
                List.of("Grüße aus Köln.txt", "写真 2026.jpg", "😀.png", ".profile", "no extension", "a.b.c")) {
            ObjectRef ref = store(name, bytes);
            assertThat(ref.key()).isEqualTo(name);
            assertThat(read(ref)).isEqualTo(bytes);
        }
    }

    @Test
    public void theLongestNamesStayApart() throws Exception {
        String name = "長".repeat(83) + "ab.txt";
        assertThat(name.getBytes(UTF_8)).hasSize(255);
        assertThat(store(name, bytes(1)).key()).isEqualTo(name);
        assertThat(read(store(name, bytes(2)))).hasSize(2);
        assertThat(held()).hasSize(2).allMatch(key -> key.getBytes(UTF_8).length <= 255 && key.endsWith(".txt"));
    }

    protected final Storage storage() {
        return storage;
    }

    protected final Storage reopened() {
        Storage next = open();
        opened.add(next);
        return next;
    }

    protected static ObjectSpec spec(String name, long size) {
        return new ObjectSpec("contract-" + IDS.incrementAndGet(), name, size, "application/octet-stream");
    }

    protected final ObjectUpload begin(String name, long size) {
        List<UploadState> saved = new ArrayList<>();
        return storage.begin(storage.intend(spec(name, size)), saved::add, stop);
    }

    protected final ObjectUpload resumed(Storage by, UploadState state) {
        if (by.resume(state, saved -> {}, stop) instanceof Resumed.Open open) {
            return open.upload();
        }
        throw new AssertionError("upload " + state.id() + " is not open any more");
    }

    protected static ObjectRef commit(ObjectUpload upload) throws Commit.TargetTaken {
        return upload.commit(upload.target(), Precondition.ABSENT);
    }

    /// A finished object, of an upload of its own.
    protected final ObjectRef store(String name, byte[] bytes) throws Commit.TargetTaken {
        try (ObjectUpload upload = begin(name, bytes.length)) {
            upload.write(ByteBuffer.wrap(bytes));
            ObjectRef ref = commit(upload);
            storage.discard(upload.state());
            return ref;
        }
    }

    protected final byte[] read(ObjectRef ref) {
        return read(storage, ref);
    }

    protected final byte[] read(Storage from, ObjectRef ref) {
        try (ObjectContent content = from.read(ref, new ByteRange(0, ref.size()), stop)) {
            return drained(content);
        }
    }

    /// Read through a small buffer, so that it takes more than one turn.
    protected static byte[] drained(ObjectContent content) {
        ByteBuffer all = ByteBuffer.allocate((int) content.remaining());
        ByteBuffer some = ByteBuffer.allocateDirect(60_013);
        while (content.read(some) >= 0) {
            all.put(some.flip());
            some.clear();
        }
        assertThat(all.hasRemaining()).isFalse();
        return all.array();
    }

    protected static byte[] bytes(int count) {
        var bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    protected static ProblemException assertProblem(ErrorCode code, ThrowingCallable call) {
        var problem = catchThrowableOfType(ProblemException.class, call);
        assertThat(problem).as("a problem %s", code).isNotNull();
        assertThat(problem.code()).isEqualTo(code);
        return problem;
    }
}
