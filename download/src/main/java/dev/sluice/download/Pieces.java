package dev.sluice.download;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// What a list of pieces names: they, what they begin with, and what they are encrypted with. Used by one thread at a
/// time.
final class Pieces {
    private static final int LONGEST_LIST = 8 << 20;
    private static final int LONGEST_SMALL = 1 << 20;
    private static final int KEY = 16;
    private static final String KNOWN = "AES-128";

    private final Origin list;
    private final Map<String, byte[]> keys = new HashMap<>();

    Pieces(Origin list) {
        this.list = list;
    }

    /// @throws ProblemException `upstream_refused` where it is none
    static PieceList list(Reply reply) throws IOException {
        String text = new String(all(reply, LONGEST_LIST), UTF_8);
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

    /// What is small enough for the memory.
    byte[] small(String uri) throws IOException {
        try (Reply reply = ask(uri)) {
            return all(reply, LONGEST_SMALL);
        }
    }

    /// @param number that it has in its list
    Content open(long number, PieceList.Piece piece) throws IOException {
        PieceList.Key key = piece.key();
        Cipher cipher = key == null ? null : cipher(number, key);
        return new Content(ask(piece.uri()), cipher);
    }

    private Reply ask(String uri) throws IOException {
        Reply reply = list.of(list.found().to(uri)).ask("bytes=0-", null);
        if (reply.status() == 416) {
            reply.close();
            throw new EOFException("a piece is empty");
        }
        return reply;
    }

    private static byte[] all(Reply reply, int most) throws IOException {
        ByteBuffer room = ByteBuffer.allocate(most + 1);
        while (room.hasRemaining() && reply.read(room) >= 0) {
            // On.
        }
        if (!room.hasRemaining()) {
            throw new IOException("it has more than " + most + " bytes");
        }
        return Arrays.copyOf(room.array(), room.position());
    }

    /// RFC 8216 §4.3.2.4, §5.2.
    private Cipher cipher(long number, PieceList.Key key) throws IOException {
        byte[] secret = keys.get(key.uri());
        if (secret == null) {
            secret = small(key.uri());
            if (secret.length != KEY) {
                throw new IOException("the key of a piece has " + secret.length + " bytes, not " + KEY);
            }
            keys.put(key.uri(), secret);
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

    /// The bytes of a piece, decrypted where they are not plain.
    static final class Content implements AutoCloseable {
        private final Reply reply;
        private final @Nullable Cipher cipher;
        private final ByteBuffer raw = ByteBuffer.allocate(64 << 10);
        private boolean ended;

        private Content(Reply reply, @Nullable Cipher cipher) {
            this.reply = reply;
            this.cipher = cipher;
        }

        String host() {
            return reply.line().target().host();
        }

        /// @param into at least 64 KiB and a block
        /// @return bytes read; -1 at the end
        int read(ByteBuffer into) throws IOException {
            if (cipher == null) {
                return reply.read(into);
            }
            if (ended) {
                return -1;
            }
            try {
                ended = reply.read(raw.clear()) < 0;
                return ended ? cipher.doFinal(ByteBuffer.allocate(0), into) : cipher.update(raw.flip(), into);
            } catch (GeneralSecurityException e) {
                throw new IOException("a piece cannot be decrypted: " + e.getMessage(), e);
            }
        }

        @Override
        public void close() {
            reply.close();
        }
    }
}
