package dev.sluice.server;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.Problem;
import dev.sluice.core.StopReason;
import dev.sluice.core.Stopped;
import dev.sluice.upload.Tail;
import dev.sluice.upload.Tails;
import dev.sluice.upload.UploadSession;
import dev.sluice.wire.Tus;
import dev.sluice.wire.UploadChecksum;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The bytes that a tus request brings: of a PATCH, or of a POST that makes the upload with them. As many as
/// arrive are kept.
final class TusBody implements BodyReader.Sink {
    private static final Logger log = LoggerFactory.getLogger(TusBody.class);

    private final UploadSession session;
    private final Tails tails;
    private final @Nullable UploadChecksum checksum;
    private final UploadChecksum.@Nullable Sum sum;
    private final @Nullable String location;
    private final Response response;
    private final Callback callback;
    private final Lane lane = new Lane();
    private final AtomicBoolean answered = new AtomicBoolean();
    private final BodyReader reader;
    private @Nullable Tail tail;

    /// @param checksum of the body: then nothing of it is stored before all has come and is right
    /// @param location of the upload where the request has made it; nobody else knows it yet
    TusBody(
            UploadSession session,
            Tails tails,
            @Nullable UploadChecksum checksum,
            @Nullable String location,
            Request request,
            Response response,
            Callback callback) {
        this.session = session;
        this.tails = tails;
        this.checksum = checksum;
        this.sum = checksum == null ? null : checksum.begin();
        this.location = location;
        this.response = response;
        this.callback = callback;
        this.reader = new BodyReader(request, lane, session.executor(), this);
    }

    void start() {
        session.stop().onStop(why -> lane.run(session.executor(), () -> stopped(why)));
        reader.start();
    }

    static Problem tooMuch(long room) {
        return new Problem(ErrorCode.TOO_LARGE, "only " + room + " more bytes are taken here", Map.of("limit", room));
    }

    @Override
    public void take(Content.Chunk chunk) {
        try {
            Tail unverified = tail;
            long room = session.room() - (unverified == null ? 0 : unverified.size());
            if (chunk.remaining() > room) {
                refuse(tooMuch(session.room()));
            } else if (sum == null) {
                session.write(chunk.getByteBuffer());
            } else {
                sum.add(chunk.getByteBuffer());
                unverified().write(chunk.getByteBuffer());
            }
        } catch (Stopped e) {
            stopped(e.reason());
        } catch (RuntimeException e) {
            refuse(Answers.of(e));
        }
    }

    private Tail unverified() {
        Tail begun = tail;
        if (begun == null) {
            begun = tails.begin();
            tail = begun;
        }
        return begun;
    }

    private boolean verified() {
        if (checksum == null || sum == null) {
            return true;
        }
        if (!checksum.fits(sum)) {
            return false;
        }
        Tail right = tail;
        if (right != null) {
            right.replay(session::write);
            right.close();
        }
        return true;
    }

    @Override
    public void end() {
        try {
            if (!verified()) {
                refuse(new Problem(
                        ErrorCode.CHECKSUM_MISMATCH,
                        "the bytes are not those of the checksum; nothing of them was kept",
                        Map.of("offset", session.offset())));
                return;
            }
            Job job = session.whole() ? session.finish() : session.released();
            if (answered.compareAndSet(false, true)) {
                response.getHeaders().put(Tus.UPLOAD_OFFSET, session.offset());
                TusRoutes.expires(response, job);
                if (location != null) {
                    response.getHeaders().put(HttpHeader.LOCATION, location);
                }
                TusRoutes.answer(response, callback, location == null ? 204 : 201);
            }
        } catch (Stopped e) {
            stopped(e.reason());
        } catch (RuntimeException e) {
            refuse(Answers.of(e));
        }
    }

    @Override
    public void broken(Throwable cause) {
        if (location != null) {
            abandon();
        }
        letGo();
        if (answered.compareAndSet(false, true)) {
            callback.failed(cause);
        }
    }

    /// Nobody was told where the upload is that this request has made.
    private void abandon() {
        try {
            session.fail(new Problem(ErrorCode.SIZE_MISMATCH, "the request that made this upload was cut"));
        } catch (Stopped e) {
            log.debug("[{}] decided otherwise meanwhile", session.job().id());
        } catch (RuntimeException e) {
            log.warn("[{}] it could not be ended; it expires", session.job().id(), e);
        }
    }

    private void stopped(StopReason why) {
        refuse(Answers.stopped(why));
    }

    private void refuse(Problem problem) {
        reader.stop();
        letGo();
        if (answered.compareAndSet(false, true)) {
            Answers.problemAndClose(response, callback, problem, reader::discard);
        }
    }

    /// Whatever becomes of the session, its request is answered.
    private void letGo() {
        Tail dropped = tail;
        try {
            if (dropped != null) {
                dropped.close();
            }
            session.close();
        } catch (RuntimeException e) {
            log.warn(
                    "[{}] its upload could not be let go of; the sweep will do it",
                    session.job().id(),
                    e);
        }
    }
}
