package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;

/// What a file's bytes are to add up to.
record Checksum(Algorithm algorithm, String hex) {
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

        /// As `MessageDigest` calls it.
        String javaName() {
            return javaName;
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
