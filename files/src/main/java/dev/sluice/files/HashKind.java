package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The hashes by which a file is checked.
public enum HashKind {
    /// XXH64 with seed 0: as fast as memory, and enough against what disks and cables do. The default when asked.
    XXH64("xxh64", 16),
    /// Also enough against somebody who means harm.
    SHA256("sha256", 64),
    /// For what was hashed long ago.
    MD5("md5", 32);

    private final String word;
    private final Pattern form;

    HashKind(String word, int digits) {
        this.word = word;
        this.form = Pattern.compile("[0-9a-f]{" + digits + "}");
    }

    /// As it is asked for and reported: `xxh64`.
    public String word() {
        return word;
    }

    /// @throws ProblemException where no kind has this word
    public static HashKind of(String word) {
        String small = word.toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(kind -> kind.word.equals(small))
                .findFirst()
                .orElseThrow(() -> new ProblemException(
                        ErrorCode.INVALID_REQUEST,
                        "there is no hash \"" + word + "\": name one of "
                                + Arrays.stream(values()).map(HashKind::word).collect(Collectors.joining(", "))));
    }

    /// Whether `hex` could be a hash of this kind.
    boolean fits(String hex) {
        return form.matcher(hex).matches();
    }

    /// Whether ASC MHL 2.0 has a word for it: it has none for SHA-256.
    boolean inManifests() {
        return this != SHA256;
    }

    Digest start() {
        return switch (this) {
            case XXH64 -> new Xxh64();
            case SHA256 -> new JdkDigest("SHA-256");
            case MD5 -> new JdkDigest("MD5");
        };
    }

    /// One of the JDK's. It copies a direct buffer out in pieces of 4 KiB.
    private static final class JdkDigest implements Digest {
        private final MessageDigest digest;

        JdkDigest(String algorithm) {
            try {
                digest = MessageDigest.getInstance(algorithm);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has " + algorithm, e);
            }
        }

        @Override
        public void update(ByteBuffer bytes) {
            digest.update(bytes);
        }

        @Override
        public String hex() {
            return HexFormat.of().formatHex(digest.digest());
        }
    }
}
