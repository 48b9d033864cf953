package dev.sluice.server;

import dev.sluice.accounts.Right;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.Stopped;
import dev.sluice.realtime.CloseCode;
import dev.sluice.upload.Opening;
import dev.sluice.upload.UploadSession;
import dev.sluice.upload.Uploads;
import dev.sluice.wire.UploadMessage;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The upload proxy of the first front end: binary messages are a file's bytes, in order. The next frame is
/// read when the last one's bytes have left for the storage. Wire contract §1.
final class UploadSocket extends Socket {
    static final long MAX_MESSAGE = 16L << 20;
    private static final Logger log = LoggerFactory.getLogger(UploadSocket.class);
    private static final long PROGRESS_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final Executor VIRTUAL = Thread::startVirtualThread;

    private final Engine engine;
    private final Uploads uploads;
    private final Request request;
    private final Duration idleTimeout;
    private final Lane lane = new Lane();
    private final Lane besideCommit = new Lane();
    private final AtomicBoolean sending = new AtomicBoolean();
    private final ReentrantLock words = new ReentrantLock();
    private boolean lastWord;
    private volatile boolean writing;
    private volatile boolean committing;
    private volatile @Nullable UploadSession session;
    private boolean textual;
    private long message;
    private int told = -1;
    private long toldNanos;

    /// What the client asked for.
    ///
    /// @param handle the `gdrive_url` that it was given at initiation, or null on the path that needs none
    /// @param offset `auto`: it goes on from where its bytes end; or null
    record Request(
            String file,
            @Nullable String handle,
            boolean handleNeeded,
            @Nullable String offset) {
        boolean resume() {
            return offset != null;
        }
    }

    UploadSocket(OpenSockets all, Engine engine, Uploads uploads, Request request, Duration idleTimeout) {
        super(all);
        this.engine = engine;
        this.uploads = uploads;
        this.request = request;
        this.idleTimeout = idleTimeout;
    }

    @Override
    void opened() {
        core().setIdleTimeout(idleTimeout);
        core().addIdleTimeoutListener(timeout -> !writing);
        lane.run(VIRTUAL, () -> {
            try {
                attach();
            } catch (RuntimeException e) {
                failed(Answers.of(e));
            }
        });
    }

    private void attach() {
        Admission.Refusal refusal = refusal();
        if (refusal != null) {
            close(refusal.code(), refusal.reason());
            demand();
            return;
        }
        Optional<Job> found = uploads.find(request.file()).filter(job -> caller().sees(job.owner()));
        if (found.isEmpty()) {
            refuse("File ID not found");
            return;
        }
        Job job = found.get();
        if (!handleFits(job)) {
            refuse("this upload address was not handed out for this file");
            return;
        }
        if (request.resume() && !"auto".equals(request.offset())) {
            refuse("offset can only be auto");
            return;
        }
        if (answerWithoutBytes(job)) {
            return;
        }
        try {
            UploadSession opened = uploads.open(job.id(), request.resume() ? Opening.RESUME : Opening.FRESH);
            session = opened;
            opened.stop().onStop(this::stopped);
            if (request.resume()) {
                tell(new UploadMessage.Ready(opened.offset()));
            }
            if (opened.whole()) {
                committing = true;
                lane.run(opened.executor(), () -> finish(opened));
            }
            demand();
        } catch (Stopped e) {
            stopped(e.reason());
            demand();
        } catch (ProblemException e) {
            boolean takesNone = e.code() == ErrorCode.CONFLICT || e.code() == ErrorCode.GONE;
            if (!takesNone || !answerWithoutBytes(engine.job(job.id()))) {
                failed(e.problem());
            }
        }
    }

    /// Why nobody sends anything here; null where the caller does.
    private Admission.@Nullable Refusal refusal() {
        Admission.Refusal refused = admission().refused();
        return refused == null && !caller().may(Right.WRITE)
                ? new Admission.Refusal(CloseCode.REFUSED, "you may look here, and send nothing")
                : refused;
    }

    private boolean handleFits(Job job) {
        String handle = request.handle();
        return handle == null ? !request.handleNeeded() : Handles.fits(handle, job);
    }

    /// Answers a socket that is opened on a file that takes no bytes.
    private boolean answerWithoutBytes(Job job) {
        switch (job.state()) {
            case COMPLETED -> {
                tell(new UploadMessage.Progress(100));
                tell(UploadMessage.Success.of(job.id()));
                close(CloseCode.DONE, "completed");
            }
            case CANCELLED -> {
                tell(new UploadMessage.Cancelled());
                close(CloseCode.CANCELLED, "cancelled");
            }
            case FAILED -> {
                Problem error = job.error();
                tell(new UploadMessage.Failure(error == null ? "the upload has failed" : error.message()));
                close(CloseCode.REFUSED, "the file has failed");
            }
            case PAUSED -> close(CloseCode.PAUSED, "paused");
            case PENDING, RUNNING -> {
                return false;
            }
        }
        demand();
        return true;
    }

    /// Runs a step that reads: on the threads of the storage, in turn with all else that uses the session; during
    /// the commit beside it.
    void read(Runnable step) {
        UploadSession open = session;
        if (committing) {
            besideCommit.run(VIRTUAL, step);
        } else {
            lane.run(open == null ? VIRTUAL : open.executor(), step);
        }
    }

    /// Whether all bytes have come.
    boolean committing() {
        return committing;
    }

    @Override
    void data(Frame frame, Callback done) {
        UploadSession open = session;
        int opCode = frame.getOpCode();
        if (opCode != OpCode.CONTINUATION) {
            textual = opCode == OpCode.TEXT;
        }
        if (open != null && committing && textual) {
            // All bytes have come: what else the client says does not undo that.
            done.succeeded();
            demand();
            return;
        }
        if (open == null || textual) {
            done.succeeded();
            refuse("only binary messages are taken here");
            return;
        }
        if (opCode == OpCode.BINARY) {
            message = 0;
        }
        message += frame.getPayloadLength();
        if (message > MAX_MESSAGE) {
            done.succeeded();
            close(CloseCode.MESSAGE_TOO_LARGE, "a message has at most 16 MiB");
            letGo();
            demand();
            return;
        }
        if (committing) {
            if (frame.getPayloadLength() > 0) {
                open.overrun();
            }
            done.succeeded();
            demand();
            return;
        }
        take(open, frame, done);
    }

    private void take(UploadSession open, Frame frame, Callback done) {
        try {
            writing = true;
            open.write(frame.getPayload());
            done.succeeded();
            tellProgress(open);
            if (frame.isFin() && open.whole()) {
                committing = true;
                lane.run(open.executor(), () -> finish(open));
            }
            demand();
        } catch (Stopped e) {
            done.succeeded();
            demand();
        } catch (RuntimeException e) {
            done.succeeded();
            failed(Answers.of(e));
        } finally {
            writing = false;
        }
    }

    private void finish(UploadSession open) {
        try {
            writing = true;
            Job completed = open.finish();
            tell(new UploadMessage.Progress(100));
            tell(UploadMessage.Success.of(completed.id()));
            close(CloseCode.DONE, "completed");
        } catch (Stopped e) {
            open.close();
        } catch (RuntimeException e) {
            failed(Answers.of(e));
        } finally {
            writing = false;
        }
    }

    private void tellProgress(UploadSession open) {
        Long size = open.size();
        if (size == null) {
            return;
        }
        int percent =
                Math.min(99, UploadMessage.Progress.of(open.offset(), size).value());
        long now = System.nanoTime();
        if (percent <= told || now - toldNanos < PROGRESS_NANOS || !sending.compareAndSet(false, true)) {
            return;
        }
        told = percent;
        toldNanos = now;
        tell(new UploadMessage.Progress(percent), Callback.from(() -> sending.set(false)));
    }

    private void stopped(StopReason why) {
        switch (why) {
            case CANCELLED -> {
                tell(new UploadMessage.Cancelled());
                close(CloseCode.CANCELLED, "cancelled");
            }
            case PAUSED -> close(CloseCode.PAUSED, "paused");
            case DRAINING -> close(CloseCode.DRAINING, "draining");
            case FENCED -> {
                if (engine.holds(new JobId(request.file()))) {
                    refuse("superseded");
                } else {
                    close(CloseCode.DRAINING, "another node has this upload");
                }
            }
        }
        letGo();
    }

    private void failed(Problem problem) {
        tell(new UploadMessage.Failure(problem.message()));
        boolean client = problem.code().blame() == ErrorCode.Blame.USER;
        close(client ? CloseCode.REFUSED : CloseCode.FAILED, problem.code().code());
        letGo();
        demand();
    }

    private void refuse(String reason) {
        close(CloseCode.REFUSED, reason);
        letGo();
        demand();
    }

    private void letGo() {
        UploadSession open = session;
        if (open != null) {
            lane.run(open.executor(), open::close);
        }
    }

    private void tell(UploadMessage message) {
        tell(message, Callback.NOOP);
    }

    /// Nothing follows a message that ends the upload, whoever sends it: progress comes from other threads. Under the
    /// lock a message is only queued; nobody waits there for the client.
    private void tell(UploadMessage message, Callback sent) {
        words.lock();
        try {
            if (lastWord) {
                sent.succeeded();
                return;
            }
            lastWord = message.ends();
            send(message.text(), sent);
        } finally {
            words.unlock();
        }
    }

    @Override
    void gone(@Nullable CloseStatus status) {
        int code = status == null ? CloseStatus.NO_CLOSE : status.getCode();
        boolean wantsNoMore = code == CloseStatus.NORMAL
                || code == CloseStatus.NO_CODE
                || (code == CloseStatus.SHUTDOWN && !request.resume());
        lane.run(VIRTUAL, () -> {
            UploadSession open = session;
            if (open != null && wantsNoMore && !open.job().state().ended()) {
                cancel(open.job());
            }
            if (open != null) {
                lane.run(open.executor(), open::close);
            }
        });
    }

    private void cancel(Job job) {
        try {
            engine.cancel(job.id(), Engine.Asked.now(CancelSource.WEBSOCKET));
        } catch (ProblemException e) {
            if (e.code() != ErrorCode.NOT_CANCELLABLE) {
                log.warn("[{}] the client left for good and its upload could not be cancelled", job.id(), e);
            }
        }
    }
}
