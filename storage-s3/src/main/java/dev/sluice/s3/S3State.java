package dev.sluice.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a bucket's upload must remember. The digest is that of the first `parts` parts, so that the whole can be
/// verified where the service does not tell the digests of parts.
///
/// @param partSize of the first part, from which the others follow
/// @param key where a multipart upload is to become an object; null where none was begun
/// @param since when it was begun, or about to be
/// @param uploadId the service's word for it, a secret; null where its answer never came
record S3State(
        long partSize,
        @Nullable String key,
        Instant since,
        @Nullable String uploadId,
        int parts,
        long crc32) {
    private static final String NONE = "-";

    static S3State intent(long partSize) {
        return new S3State(partSize, null, Instant.EPOCH, null, 0, 0);
    }

    static S3State of(String token) {
        String[] words = token.split(" ", -1);
        try {
            if (words.length == 7 && words[0].equals("s3")) {
                return new S3State(
                        Long.parseLong(words[1]),
                        read(words[2]),
                        Instant.ofEpochMilli(Long.parseLong(words[3])),
                        read(words[4]),
                        Integer.parseInt(words[5]),
                        Long.parseLong(words[6], 16));
            }
        } catch (IllegalArgumentException e) {
            throw new ProblemException(ErrorCode.INTERNAL, "not the state of an upload to S3", e);
        }
        throw new ProblemException(ErrorCode.INTERNAL, "not the state of an upload to S3");
    }

    String token() {
        return String.join(
                " ",
                "s3",
                Long.toString(partSize),
                written(key),
                Long.toString(since.toEpochMilli()),
                written(uploadId),
                Integer.toString(parts),
                Long.toHexString(crc32));
    }

    private static String written(@Nullable String word) {
        return word == null ? NONE : "=" + URLEncoder.encode(word, UTF_8);
    }

    private static @Nullable String read(String word) {
        return word.equals(NONE) ? null : URLDecoder.decode(word.substring(1), UTF_8);
    }

    S3State begun(String newKey, Instant now) {
        return new S3State(partSize, newKey, now, null, 0, 0);
    }

    S3State known(String id) {
        return new S3State(partSize, key, since, id, parts, crc32);
    }

    S3State stored(int newParts, long newCrc32) {
        return new S3State(partSize, key, since, uploadId, newParts, newCrc32);
    }

    /// Secrets stay out of logs.
    @Override
    public String toString() {
        return "multipart upload of " + key + " since " + since;
    }
}
