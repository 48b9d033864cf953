package dev.sluice.download;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/// What a list of pieces names: they, what they begin with, and what they are encrypted with. Used by one thread at a
/// time.
final class Pieces {
    /// Bytes that a list has at the most.
    static final int LONGEST_LIST = 8 << 20;
    private static final int LONGEST_HEAD = 1 << 20;
    private static final int KEY = 16;
    private static final int STEP = 64 << 10;
    private static final String KNOWN = "AES-128";

    private final Origin list;
    private @Nullable String keyUri;
    private byte[] secret = {};

    Pieces(Origin list) {
        this.list = list;
    }

    /// @throws ProblemException `upstream_refused` where it is none
    static PieceList list(Reply reply) throws IOException {
        Target target = reply.line().target();
        Found.requirePlain(target, reply);
        String range = reply.header(HttpHeader.CONTENT_RANGE);
        // One that is made while it is sent has no length yet.
        long size = range != null && range.strip().endsWith("/*")
                ? Found.UNKNOWN
                : Found.of(target, reply).size();
        String text = new String(new Content(reply, size, null).all(LONGEST_LIST), UTF_8);
        if (!text.startsWith(PieceList.BEGIN)) {
            throw new ProblemException(ErrorCode.UPSTREAM_REFUSED, "what came is no list of pieces");
        }
        return PieceList.of(text);
    }

    /// Why a piece cannot be recorded.
    static Optional<String> whyNot(PieceList.Piece piece) {
        PieceList.Key key = piece.key();
        if (piece.part()) {
            return Optional.of("its pieces are parts of files");
        }
        if (key != null && !key.method().equals(KNOWN)) {
            return Optional.of("it is encrypted by " + Complaint.harmless(key.method()));
        }
        return key != null && piece.head() != null
                ? Optional.of("it is encrypted together with what its pieces begin with")
                : Optional.empty();
    }

    /// What stands before pieces.
    byte[] head(String uri) throws IOException {
        return small(uri, LONGEST_HEAD);
    }

    private byte[] small(String uri, int most) throws IOException {
        try (Content content = content(uri, null)) {
            return content.all(most);
        }
    }

    /// @param number that it has in its list
    Content open(long number, PieceList.Piece piece) throws IOException {
        PieceList.Key key = piece.key();
        return content(piece.uri(), key == null ? null : cipher(number, key));
    }

    private Content content(String uri, @Nullable Cipher cipher) throws IOException {
        Reply reply = list.of(list.found().to(uri)).ask("bytes=0-", null);
        try {
            Target target = reply.line().target();
            Found.requirePlain(target, reply);
            return new Content(reply, Found.of(target, reply).size(), cipher);
        } catch (ProblemException e) {
            reply.close();
            throw e;
        }
    }

    /// RFC 8216 §4.3.2.4, §5.2.
    private Cipher cipher(long number, PieceList.Key key) throws IOException {
        if (!key.uri().equals(keyUri)) {
            secret = small(key.uri(), 2 * KEY);
            if (secret.length != KEY) {
                throw new IOException("the key of a piece has " + secret.length + " bytes, not " + KEY);
            }
            keyUri = key.uri();
        }
        try {
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(secret, "AES"), new IvParameterSpec(iv(number, key)));
            return cipher;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("a piece cannot be decrypted: " + e.getMessage(), e);
        }
    }

    private static byte[] iv(long number, PieceList.Key key) {
        return key.iv() == null
                ? ByteBuffer.allocate(KEY).putLong(KEY - Long.BYTES, number).array()
                : HexFormat.of().parseHex(key.iv());
    }

    /// The bytes of an answer, decrypted where they are not plain.
    static final class Content implements AutoCloseable {
        private final Reply reply;
        private final long size;
        private final @Nullable Cipher cipher;
        private final ByteBuffer raw = ByteBuffer.allocate(STEP);
        private long came;
        private boolean ended;

        /// @param size how many there are to be; [Found#UNKNOWN]: nobody knows
        private Content(Reply reply, long size, @Nullable Cipher cipher) {
            this.reply = reply;
            this.size = size;
            this.cipher = cipher;
        }

        String host() {
            return reply.line().target().host();
        }

        /// @param into at least 64 KiB and a block
        /// @return bytes read; -1 at the end
        /// @throws EOFException where it is the end and should not be: a server, or a cache, may answer with a part
        int read(ByteBuffer into) throws IOException {
            if (ended) {
                return -1;
            }
            int count = reply.read(cipher == null ? into : raw.clear());
            ended = count < 0;
            came += Math.max(0, count);
            if (ended && size != Found.UNKNOWN && came != size) {
                throw new EOFException("of " + size + " bytes " + came + " came");
            }
            if (cipher == null) {
                return count;
            }
            try {
                return ended ? cipher.doFinal(ByteBuffer.allocate(0), into) : cipher.update(raw.flip(), into);
            } catch (GeneralSecurityException e) {
                throw new IOException("a piece cannot be decrypted: " + e.getMessage(), e);
            }
        }

        private byte[] all(int most) throws IOException {
            var all = new ByteArrayOutputStream();
            ByteBuffer some = ByteBuffer.allocate(STEP);
            while (read(some.clear()) >= 0) {
                all.write(some.array(), 0, some.position());
                if (all.size() > most) {
                    throw new IOException("what came has more than " + most + " bytes");
                }
            }
            return all.toByteArray();
        }

        @Override
        public void close() {
            reply.close();
        }
    }
}
