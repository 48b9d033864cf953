package dev.sluice.server;

import dev.sluice.core.Problem;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import dev.sluice.upload.UploadSession;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// A request's body that goes into one upload: read on the storage's threads, cut where the upload is stopped,
/// answered once.
abstract class SessionBody implements BodyReader.Sink {
    final UploadSession session;
    final Response response;
    final Callback callback;
    private final Lane lane = new Lane();
    private final AtomicBoolean answered = new AtomicBoolean();
    private final BodyReader reader;
    private StopToken.@Nullable Registration stopping;
    private boolean left;

    SessionBody(UploadSession session, Request request, Response response, Callback callback) {
        this.session = session;
        this.response = response;
        this.callback = callback;
        this.reader = new BodyReader(request, lane, session.executor(), this);
    }

    final void start() {
        stopping = session.stop().onStop(why -> lane.run(session.executor(), () -> stopped(why)));
        reader.start();
    }

    /// All of the body has been taken: what becomes of the session now is not this request's business.
    final void leaveSession() {
        left = true;
        StopToken.Registration registration = stopping;
        if (registration != null) {
            registration.close();
        }
    }

    /// Takes a piece of the body.
    ///
    /// @throws Stopped where the upload was stopped
    abstract void store(Content.Chunk chunk);

    /// All of the body has come.
    ///
    /// @throws Stopped where the upload was stopped
    abstract void complete();

    @Override
    public final void take(Content.Chunk chunk) {
        unlessRefused(() -> store(chunk));
    }

    @Override
    public final void end() {
        unlessRefused(this::complete);
    }

    private void unlessRefused(Runnable step) {
        try {
            step.run();
        } catch (Stopped e) {
            stopped(e.reason());
        } catch (RuntimeException e) {
            refuse(Answers.of(e));
        }
    }

    @Override
    public void broken(Throwable cause) {
        release();
        if (mayAnswer()) {
            callback.failed(cause);
        }
    }

    private void stopped(StopReason why) {
        refuse(Answers.stopped(why));
    }

    final void refuse(Problem problem) {
        reader.stop();
        BodyReader.letGo(session.job().id(), () -> refused(problem));
        release();
        if (mayAnswer()) {
            Answers.problemAndClose(response, callback, problem, reader::discard);
        }
    }

    /// What a refusal means for the upload: by itself nothing, what has come of it stays.
    void refused(Problem problem) {}

    /// Whether nobody has answered yet; who asks answers.
    final boolean mayAnswer() {
        return answered.compareAndSet(false, true);
    }

    private void release() {
        BodyReader.letGo(session.job().id(), this::letGo);
    }

    /// Gives back what the body holds.
    void letGo() {
        if (!left) {
            session.close();
        }
    }
}
