package dev.sluice.upload;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobRunner;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Session;
import dev.sluice.core.StopReason;
import dev.sluice.core.Stopped;
import dev.sluice.storage.ObjectContent;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Makes a file of pieces that were uploaded one by one: reads each from its storage and writes it behind the
/// one before. After a crash it goes on where the file's bytes end. While a piece is read nobody else gets hold
/// of it; with the file's completion all its pieces complete, and their bytes are freed.
final class Composer implements JobRunner {
    private static final int STEP = 1 << 20;

    private final Uploads uploads;

    Composer(Uploads uploads) {
        this.uploads = uploads;
    }

    @Override
    public boolean takes(Job job) {
        return job.kind().equals(Uploads.KIND) && Uploads.spec(job).isComposed();
    }

    @Override
    public void run(Session session) {
        try (UploadSession target = uploads.compose(session)) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(STEP);
            long begin = 0;
            for (Composition.Piece piece : Uploads.spec(session.job()).pieces()) {
                if (target.offset() < begin + piece.size()) {
                    append(piece, target.offset() - begin, target, buffer);
                }
                begin += piece.size();
            }
            target.finish();
        }
    }

    private void append(Composition.Piece piece, long from, UploadSession target, ByteBuffer buffer) {
        try (UploadSession source = uploads.open(piece.upload(), Opening.RESUME)) {
            if (source.offset() != piece.size()) {
                throw changed(piece, null);
            }
            try (ObjectContent content = source.stored(from)) {
                while (content.read(buffer.clear()) >= 0) {
                    source.stop().check();
                    target.write(buffer.flip());
                }
            }
        } catch (Stopped e) {
            target.stop().check();
            throw e.reason() == StopReason.DRAINING ? e : inUse(piece, e);
        } catch (ProblemException e) {
            target.stop().check();
            throw switch (e.code()) {
                case NOT_FOUND, GONE -> changed(piece, e);
                case CONFLICT ->
                    "paused".equals(e.problem().details().get("state")) ? inUse(piece, e) : changed(piece, e);
                default -> e;
            };
        }
    }

    private static ProblemException changed(Composition.Piece piece, @Nullable Throwable cause) {
        return new ProblemException(
                new Problem(
                        ErrorCode.SOURCE_CHANGED,
                        "the piece " + piece.upload() + " of this file is not there any more with its " + piece.size()
                                + " bytes"),
                cause);
    }

    private static ProblemException inUse(Composition.Piece piece, Throwable cause) {
        return new ProblemException(
                ErrorCode.UPSTREAM_UNAVAILABLE, "the piece " + piece.upload() + " of this file is in use", cause);
    }
}
