package dev.sluice.wire;

import dev.sluice.core.ProblemException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The checksum of a request's body (`Upload-Checksum`).
public final class UploadChecksum {
    /// `crc32c` is the four bytes of the sum, the highest first.
    public static final String ALGORITHMS =
            Arrays.stream(Algorithm.values()).map(Algorithm::word).collect(Collectors.joining(","));

    private final Algorithm algorithm;
    private final byte[] expected;

    /// How a checksum is made.
    public enum Algorithm {
        SHA1(20),
        SHA256(32),
        MD5(16),
        CRC32C(4);

        private final int length;

        Algorithm(int length) {
            this.length = length;
        }

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        private Sum begin() {
            return switch (this) {
                case SHA1 -> new Digest("SHA-1");
                case SHA256 -> new Digest("SHA-256");
                case MD5 -> new Digest("MD5");
                case CRC32C -> new Crc();
            };
        }
    }

    private UploadChecksum(Algorithm algorithm, byte[] expected) {
        this.algorithm = algorithm;
        this.expected = expected;
    }

    /// @return null where the header is missing
    /// @throws ProblemException `invalid_request`, also where the algorithm is unknown
    public static @Nullable UploadChecksum parse(@Nullable String header) {
        if (header == null) {
            return null;
        }
        String[] words = header.strip().split(" ", 2);
        Algorithm algorithm = Arrays.stream(Algorithm.values())
                .filter(known -> known.word().equals(words[0]))
                .findFirst()
                .orElseThrow(() -> invalid("names the algorithm \"" + Texts.printable(words[0]) + "\""));
        byte[] value = words.length == 2 ? decoded(words[1]) : new byte[0];
        if (value.length != algorithm.length) {
            throw invalid("has " + value.length + " bytes for " + algorithm.word() + ", which has " + algorithm.length);
        }
        return new UploadChecksum(algorithm, value);
    }

    private static byte[] decoded(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw invalid("is not Base64");
        }
    }

    public Algorithm algorithm() {
        return algorithm;
    }

    /// A sum over no bytes yet.
    public Sum begin() {
        return algorithm.begin();
    }

    /// Whether the bytes of `sum` are those that were meant.
    public boolean fits(Sum sum) {
        return MessageDigest.isEqual(expected, sum.value());
    }

    /// Adds up bytes; used by one thread at a time.
    public sealed interface Sum {
        /// Takes the remaining bytes of `bytes`, whose position stays.
        void add(ByteBuffer bytes);

        /// Ends the sum.
        byte[] value();
    }

    private static final class Digest implements Sum {
        private final MessageDigest digest;

        Digest(String name) {
            try {
                digest = MessageDigest.getInstance(name);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has " + name, e);
            }
        }

        @Override
        public void add(ByteBuffer bytes) {
            digest.update(bytes.duplicate());
        }

        @Override
        public byte[] value() {
            return digest.digest();
        }
    }

    private static final class Crc implements Sum {
        private final CRC32C sum = new CRC32C();

        @Override
        public void add(ByteBuffer bytes) {
            sum.update(bytes.duplicate());
        }

        @Override
        public byte[] value() {
            return ByteBuffer.allocate(4).putInt((int) sum.getValue()).array();
        }
    }

    private static ProblemException invalid(String state) {
        return Tus.invalid(
                Tus.UPLOAD_CHECKSUM, state, "one of " + ALGORITHMS + ", a space, and the checksum in Base64");
    }
}
