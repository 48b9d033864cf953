package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;

/// What a file's bytes are to add up to.
record Checksum(Algorithm algorithm, String hex) {
    private static final int STEP = 1 << 20;

    enum Algorithm {
        MD5("MD5", 16),
        SHA1("SHA-1", 20),
        SHA256("SHA-256", 32),
        SHA512("SHA-512", 64);

        private final String javaName;
        private final int bytes;

        Algorithm(String javaName, int bytes) {
            this.javaName = javaName;
            this.bytes = bytes;
        }

        /// A fresh one.
        MessageDigest digest() {
            try {
                return MessageDigest.getInstance(javaName);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has " + javaName, e);
            }
        }
    }

    /// @param text as `sha256:` and hexadecimal digits, of any case
    /// @throws ProblemException `invalid_request`
    static Checksum of(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw invalid(text);
        }
        String hex = text.substring(colon + 1).strip().toLowerCase(Locale.ROOT);
        for (Algorithm algorithm : Algorithm.values()) {
            if (algorithm.name().equalsIgnoreCase(text.substring(0, colon).replace("-", ""))) {
                if (hex.length() != 2 * algorithm.bytes || !hex.chars().allMatch(HexFormat::isHexDigit)) {
                    throw invalid(text);
                }
                return new Checksum(algorithm, hex);
            }
        }
        throw invalid(text);
    }

    private static ProblemException invalid(String text) {
        return new ProblemException(
                ErrorCode.INVALID_REQUEST,
                "\"" + text
                        + "\" is no checksum: write md5, sha1, sha256 or sha512, a colon and its hexadecimal digits",
                Map.of("field", "checksum"));
    }

    /// Reads a file.
    ///
    /// @throws ProblemException `checksum_mismatch`
    void require(Path file, StopToken stop) throws IOException {
        MessageDigest digest = algorithm.digest();
        ByteBuffer buffer = ByteBuffer.allocate(STEP);
        try (FileChannel all = FileChannel.open(file, StandardOpenOption.READ)) {
            while (all.read(buffer.clear()) >= 0) {
                stop.check();
                digest.update(buffer.flip());
            }
        }
        require(digest.digest());
    }

    /// @throws ProblemException `checksum_mismatch`
    void require(byte[] digest) {
        String found = HexFormat.of().formatHex(digest);
        if (!found.equals(hex)) {
            throw new ProblemException(
                    ErrorCode.CHECKSUM_MISMATCH,
                    "the file that came has the " + algorithm.name().toLowerCase(Locale.ROOT) + " " + found
                            + ", not the one that was asked for",
                    Map.of("found", found));
        }
    }
}
