package dev.sluice.server;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.upload.Tail;
import dev.sluice.upload.Tails;
import dev.sluice.upload.UploadSession;
import dev.sluice.upload.Uploads;
import dev.sluice.wire.Tus;
import dev.sluice.wire.UploadChecksum;
import java.time.Instant;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// The bytes that a tus request brings: of a PATCH, or of a POST that makes the upload with them. As many as
/// arrive are kept.
final class TusBody extends SessionBody {
    private final Uploads uploads;
    private final Tails tails;
    private final @Nullable UploadChecksum checksum;
    private final UploadChecksum.@Nullable Sum sum;
    private final @Nullable String location;
    private @Nullable Tail tail;

    /// @param checksum of the body: then nothing of it is stored before all has come and is right
    /// @param location of the upload where the request has made it; nobody else knows it yet
    TusBody(
            Uploads uploads,
            UploadSession session,
            Tails tails,
            @Nullable UploadChecksum checksum,
            @Nullable String location,
            Request request,
            Response response,
            Callback callback) {
        super(session, request, response, callback);
        this.uploads = uploads;
        this.tails = tails;
        this.checksum = checksum;
        this.sum = checksum == null ? null : checksum.begin();
        this.location = location;
    }

    static Problem tooMuch(long room) {
        return new Problem(ErrorCode.TOO_LARGE, "only " + room + " more bytes are taken here", Map.of("limit", room));
    }

    @Override
    void store(Content.Chunk chunk) {
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
    void complete() {
        if (!verified()) {
            refuse(new Problem(
                    ErrorCode.CHECKSUM_MISMATCH,
                    "the bytes are not those of the checksum; nothing of them was kept",
                    Map.of("offset", session.offset())));
            return;
        }
        long offset = session.offset();
        Instant expires = session.whole() ? session.finish().expires() : keep();
        if (mayAnswer()) {
            response.getHeaders().put(Tus.UPLOAD_OFFSET, offset);
            TusRoutes.expires(response, expires);
            if (location != null) {
                response.getHeaders().put(HttpHeader.LOCATION, location);
            }
            TusRoutes.answer(response, callback, location == null ? 204 : 201);
        }
    }

    /// The next chunk follows, most likely.
    private @Nullable Instant keep() {
        leaveSession();
        return uploads.keep(session);
    }

    @Override
    public void broken(Throwable cause) {
        if (location != null) {
            // Nobody was told where the upload is that this request has made.
            var cut = new Problem(ErrorCode.SIZE_MISMATCH, "the request that made this upload was cut");
            BodyReader.letGo(session.job().id(), () -> session.fail(cut));
        }
        super.broken(cause);
    }

    @Override
    void letGo() {
        Tail dropped = tail;
        try {
            if (dropped != null) {
                dropped.close();
            }
        } finally {
            super.letGo();
        }
    }
}
