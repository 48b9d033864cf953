package dev.sluice.azure;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import org.jspecify.annotations.Nullable;

/// What an upload into a container must remember. That some blocks are there the service tells, and their ids tell
/// their digests; the sums are for who wants to know without asking it.
///
/// @param partSize of the first part, from which the others follow
/// @param key where blocks are to become an object; null where none were sent
/// @param parts how many have landed without a gap
/// @param bytes in those
/// @param crc32 of those
record AzureState(long partSize, @Nullable String key, int parts, long bytes, long crc32) {
    private static final String NONE = "-";

    static AzureState intent(long partSize) {
        return new AzureState(partSize, null, 0, 0, 0);
    }

    static AzureState of(String token) {
        String[] words = token.split(" ", -1);
        try {
            if (words.length == 6 && words[0].equals("azure")) {
                return new AzureState(
                        Long.parseLong(words[1]),
                        words[2].equals(NONE) ? null : URLDecoder.decode(words[2].substring(1), UTF_8),
                        Integer.parseInt(words[3]),
                        Long.parseLong(words[4]),
                        Long.parseLong(words[5], 16));
            }
        } catch (IllegalArgumentException e) {
            throw new ProblemException(ErrorCode.INTERNAL, "not the state of an upload to Azure", e);
        }
        throw new ProblemException(ErrorCode.INTERNAL, "not the state of an upload to Azure");
    }

    String token() {
        return String.join(
                " ",
                "azure",
                Long.toString(partSize),
                key == null ? NONE : "=" + URLEncoder.encode(key, UTF_8),
                Integer.toString(parts),
                Long.toString(bytes),
                Long.toHexString(crc32));
    }

    AzureState begun(String newKey) {
        return new AzureState(partSize, newKey, 0, 0, 0);
    }

    AzureState stored(int newParts, long newBytes, long newCrc32) {
        return new AzureState(partSize, key, newParts, newBytes, newCrc32);
    }
}
