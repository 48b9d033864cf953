package dev.sluice.download;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.core.JobId;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is told apart by all that was asked for. It cannot be read off: there may be a password in it.
final class Fingerprint {
    private Fingerprint() {}

    static String of(String word) {
        return sum(word);
    }

    /// @param id that the client has brought, or null
    static String of(@Nullable JobId id, DownloadRequest request) {
        return sum("one", id, wanted(request));
    }

    static String of(List<DownloadRequest> requests) {
        return sum("several", requests.stream().map(Fingerprint::wanted).toList());
    }

    private static String wanted(DownloadRequest request) {
        return sum(
                request.url(),
                request.quality(),
                request.format(),
                request.subtitles(),
                request.maxDuration(),
                request.playlist(),
                request.storage(),
                request.name(),
                request.checksum(),
                request.notBefore());
    }

    /// Each with its length before it: where one ends and the next begins cannot be mistaken.
    private static String sum(@Nullable Object... parts) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            Arrays.stream(parts).forEach(part -> {
                byte[] bytes = part == null ? new byte[0] : part.toString().getBytes(UTF_8);
                digest.update((part == null ? "-" : bytes.length + ":").getBytes(UTF_8));
                digest.update(bytes);
            });
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
