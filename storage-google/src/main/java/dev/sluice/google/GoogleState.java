package dev.sluice.google;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import org.jspecify.annotations.Nullable;

/// What an upload to Google must remember.
///
/// @param partSize of the first part, from which the others follow
/// @param account that it was begun with; null where it was not begun
/// @param name under which it was begun
/// @param file the id that its object is to have, where that is known before
/// @param session its address, a secret; null where none was begun, or its answer never came
/// @param parts that have landed
/// @param crc32 of their bytes
/// @param digest the state of the service's digest over them
/// @param whole that digest of all bytes, once the last ones are about to be sent
record GoogleState(
        long partSize,
        @Nullable String account,
        @Nullable String name,
        @Nullable String file,
        @Nullable URI session,
        int parts,
        long crc32,
        @Nullable String digest,
        @Nullable String whole) {
    private static final String NONE = "-";

    static GoogleState intent(long partSize) {
        return new GoogleState(partSize, null, null, null, null, 0, 0, null, null);
    }

    static GoogleState of(String token) {
        String[] words = token.split(" ", -1);
        try {
            if (words.length == 10 && words[0].equals("google")) {
                String session = read(words[5]);
                return new GoogleState(
                        Long.parseLong(words[1]),
                        read(words[2]),
                        read(words[3]),
                        read(words[4]),
                        session == null ? null : URI.create(session),
                        Integer.parseInt(words[6]),
                        Long.parseLong(words[7], 16),
                        read(words[8]),
                        read(words[9]));
            }
        } catch (IllegalArgumentException e) {
            throw new ProblemException(ErrorCode.INTERNAL, "not the state of an upload to Google", e);
        }
        throw new ProblemException(ErrorCode.INTERNAL, "not the state of an upload to Google");
    }

    String token() {
        return String.join(
                " ",
                "google",
                Long.toString(partSize),
                written(account),
                written(name),
                written(file),
                written(session == null ? null : session.toString()),
                Integer.toString(parts),
                Long.toHexString(crc32),
                written(digest),
                written(whole));
    }

    private static String written(@Nullable String word) {
        return word == null ? NONE : "=" + URLEncoder.encode(word, UTF_8);
    }

    private static @Nullable String read(String word) {
        return word.equals(NONE) ? null : URLDecoder.decode(word.substring(1), UTF_8);
    }

    /// A session is about to be begun.
    GoogleState meant(String by, String as, @Nullable String id) {
        return new GoogleState(partSize, by, as, id, null, 0, 0, null, null);
    }

    GoogleState begun(URI at) {
        return new GoogleState(partSize, account, name, file, at, 0, 0, null, null);
    }

    GoogleState moved(URI at) {
        return new GoogleState(partSize, account, name, file, at, parts, crc32, digest, whole);
    }

    GoogleState landed(int newParts, long newCrc32, String newDigest) {
        return new GoogleState(partSize, account, name, file, session, newParts, newCrc32, newDigest, null);
    }

    /// Its last bytes are about to be sent.
    GoogleState ending(String all) {
        return new GoogleState(partSize, account, name, file, session, parts, crc32, digest, all);
    }

    /// Secrets stay out of logs.
    @Override
    public String toString() {
        return "upload of " + name + " by " + account + ", " + parts + " parts";
    }
}
