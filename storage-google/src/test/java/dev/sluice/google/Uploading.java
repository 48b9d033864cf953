package dev.sluice.google;

import static java.nio.charset.StandardCharsets.UTF_8;
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
import dev.sluice.storage.UploadState;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.NullMarked;

/// An upload as the jobs do it: the state that was saved last, and the debt of its object with what was known when
/// the commit began.
@NullMarked
final class Uploading {
    private static final AtomicInteger IDS = new AtomicInteger();

    final AtomicReference<UploadState> saved = new AtomicReference<>();
    final StopToken stop = new StopToken();
    private final GoogleStorage storage;
    private final ObjectSpec spec;
    private volatile UploadState owed;
    private volatile ObjectRef target;

    Uploading(GoogleStorage storage, String name, long size) {
        this.storage = storage;
        this.spec = new ObjectSpec("u-" + IDS.incrementAndGet(), name, size, "application/octet-stream");
        this.owed = storage.intend(spec);
        this.target = new ObjectRef(name, size);
        saved.set(owed);
    }

    static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    static ProblemException problem(ErrorCode code, ThrowingCallable call) {
        var problem = catchThrowableOfType(ProblemException.class, call);
        assertThat(problem).as("a problem %s", code).isNotNull();
        assertThat(problem.code()).as(problem.getMessage()).isEqualTo(code);
        return problem;
    }

    ObjectUpload begin() {
        return storage.begin(saved.get(), saved::set, stop);
    }

    ObjectUpload resume(GoogleStorage by) {
        if (by.resume(saved.get(), saved::set, new StopToken()) instanceof Resumed.Open open) {
            return open.upload();
        }
        throw new AssertionError("upload " + spec.id() + " is not open any more");
    }

    /// As [dev.sluice.core.Session#commit] does it.
    ObjectRef commit(ObjectUpload upload) {
        while (true) {
            target = upload.target();
            owed = upload.state();
            try {
                return upload.commit(target, Precondition.ABSENT);
            } catch (Commit.TargetTaken taken) {
                // Another name is asked for.
            }
        }
    }

    /// Everything from the first byte to the last.
    ObjectRef all(byte[] bytes) {
        try (ObjectUpload upload = begin()) {
            upload.write(ByteBuffer.wrap(bytes));
            return commit(upload);
        }
    }

    /// What a cancel and a failure owe.
    void pay(GoogleStorage by) {
        by.takeBack(owed, target);
        by.discard(saved.get());
    }

    static byte[] read(GoogleStorage storage, ObjectRef ref) {
        ByteBuffer all = ByteBuffer.allocate((int) ref.size());
        try (ObjectContent content = storage.read(ref, new ByteRange(0, ref.size()), new StopToken())) {
            while (content.read(all) >= 0) {}
        }
        return all.array();
    }

    static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }
}
