package dev.sluice.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.core.Commit;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.ObjectContent;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectSpec;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Precondition;
import dev.sluice.storage.Resumed;
import dev.sluice.storage.Storage;
import dev.sluice.storage.UploadState;
import dev.sluice.testing.FaultyProxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/// A storage and its service with a proxy between them, which sees every call and goes wrong when it is told to.
@NullMarked
public abstract class BehindAProxy {
    protected static final int MIB = 1 << 20;
    /// Three parts and most of a fourth.
    protected static final int SIZE = 30 * MIB;

    private static final AtomicInteger IDS = new AtomicInteger();

    protected final FaultyProxy proxy;
    protected final StopToken stop = new StopToken();
    /// What was remembered last of the upload that was begun last.
    protected final AtomicReference<UploadState> saved = new AtomicReference<>();

    private final Transport transport = Transport.open(Duration.ofSeconds(2), Duration.ofSeconds(10));
    private final Buffers buffers = new Buffers(128L * MIB);

    @TempDir
    protected Path data;

    @SuppressWarnings("NullAway.Init")
    protected BehindAProxy(URI service) {
        proxy = FaultyProxy.before(service);
    }

    @AfterEach
    final void nothingIsTaken() {
        assertThat(buffers.used()).isZero();
        proxy.close();
        transport.close();
    }

    /// Opens the storage behind the proxy, as a new process would.
    protected abstract Storage storage();

    /// All that the place holds by the service's own account.
    protected abstract Set<String> held();

    protected final Supplies supplies() {
        return supplies(buffers);
    }

    protected final Supplies supplies(Buffers memory) {
        return CloudStorageContract.supplies(transport, memory, data);
    }

    protected static ObjectSpec spec(String name, long size) {
        return new ObjectSpec("u-" + IDS.incrementAndGet(), name, size, "application/octet-stream");
    }

    protected final ObjectUpload begin(Storage storage, String name, long size) {
        return begin(storage, name, size, stop);
    }

    protected final ObjectUpload begin(Storage storage, String name, long size, StopToken by) {
        UploadState intent = storage.intend(spec(name, size));
        saved.set(intent);
        return storage.begin(intent, saved::set, by);
    }

    /// Goes on with the upload that was begun last.
    protected final ObjectUpload resumed(Storage by) {
        if (by.resume(saved.get(), saved::set, new StopToken()) instanceof Resumed.Open open) {
            return open.upload();
        }
        throw new AssertionError("the upload is not open any more");
    }

    protected static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    protected static ObjectRef commit(ObjectUpload upload) throws Commit.TargetTaken {
        return upload.commit(upload.target(), Precondition.ABSENT);
    }

    /// As [#commit], of a name that nobody takes in between.
    protected static ObjectRef committed(ObjectUpload upload) {
        try {
            return commit(upload);
        } catch (Commit.TargetTaken e) {
            throw new AssertionError(e);
        }
    }

    protected static byte[] read(Storage storage, ObjectRef ref) {
        ByteBuffer all = ByteBuffer.allocate((int) ref.size());
        try (ObjectContent content = storage.read(ref, new ByteRange(0, ref.size()), new StopToken())) {
            while (content.read(all) >= 0) {}
        }
        return all.array();
    }

    protected final void nothingIsHeld() {
        assertThat(held()).isEmpty();
        assertThat(data.resolve("tails").toFile().list()).isEmpty();
    }

    protected static ProblemException problem(ErrorCode code, ThrowingCallable call) {
        var problem = catchThrowableOfType(ProblemException.class, call);
        assertThat(problem).as("a problem %s", code).isNotNull();
        assertThat(problem.code()).as(problem.getMessage()).isEqualTo(code);
        return problem;
    }
}
