package dev.sluice.testing;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A request under way. Its two threads write, everybody reads.
final class Exchange {
    private record End(Call.Ending how, Instant when) {}

    private final int number;
    private final int connection;
    private final HttpHead head;
    private final Instant firstByte;
    private final AtomicReference<@Nullable End> end = new AtomicReference<>();
    private final CountDownLatch over = new CountDownLatch(1);

    private volatile Instant lastByte;
    private volatile long bodyBytes;
    private volatile int status;

    /// The client may send the body, or has begun to.
    private volatile boolean bodyAllowed;

    private volatile @Nullable Fault fault;

    Exchange(int number, int connection, HttpHead head, Instant firstByte) {
        this.number = number;
        this.connection = connection;
        this.head = head;
        this.firstByte = firstByte;
        this.lastByte = Instant.now();
        this.bodyAllowed = !head.says("Expect", "100-continue");
    }

    HttpHead head() {
        return head;
    }

    void suffer(Fault planned) {
        fault = planned;
    }

    @Nullable
    Fault fault() {
        return fault;
    }

    /// @param bytes how many have come by now
    void arrived(long bytes) {
        lastByte = Instant.now();
        bodyBytes = bytes;
        bodyAllowed = true;
    }

    void allowBody() {
        bodyAllowed = true;
    }

    boolean bodyAllowed() {
        return bodyAllowed;
    }

    void status(int answered) {
        status = answered;
    }

    /// The first to say so is right.
    void end(Call.Ending how) {
        if (end.compareAndSet(null, new End(how, Instant.now()))) {
            over.countDown();
        }
    }

    boolean ended() {
        return end.get() != null;
    }

    void awaitEnd() throws InterruptedException {
        over.await();
    }

    Call now() {
        End at = end.get();
        return new Call(
                number,
                connection,
                head.method(),
                head.target(),
                head.headers(),
                firstByte,
                lastByte,
                bodyBytes,
                status == 0 ? OptionalInt.empty() : OptionalInt.of(status),
                at == null ? Call.Ending.NOT_YET : at.how(),
                Optional.ofNullable(at).map(End::when));
    }
}
