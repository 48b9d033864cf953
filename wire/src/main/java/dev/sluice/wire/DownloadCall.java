package dev.sluice.wire;

import dev.sluice.core.Ids;
import dev.sluice.core.JobId;
import dev.sluice.download.DownloadRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The body of `POST /api/download`: something that is to be fetched. Wire contract §2.
///
/// @param job the client's own word for it, or null
public record DownloadCall(
        DownloadRequest request, @Nullable JobId job) {
    private static final int MOST_URLS = 10_000;
    private static final Duration LONGEST = Duration.ofDays(7);
    private static final Instant LATEST = Instant.parse("9999-12-31T00:00:00Z");

    /// @throws ProblemException `invalid_request` or `unknown_field`
    public static DownloadCall parse(byte[] body) {
        Fields fields = Json.object(body);
        var call = new DownloadCall(
                request(
                        fields,
                        fields.string("url"),
                        fields.flag("playlist").orElse(false),
                        word(fields, "name"),
                        word(fields, "checksum")),
                job(fields));
        fields.end();
        return call;
    }

    /// The body of `POST /api/v1/downloads`: as many, which have all but their URLs in common.
    ///
    /// @throws ProblemException `invalid_request` or `unknown_field`
    public static List<DownloadRequest> parseAll(byte[] body) {
        Fields fields = Json.object(body);
        List<String> urls = fields.strings("urls", MOST_URLS);
        List<DownloadRequest> requests = urls.stream()
                .map(url -> request(fields, url, false, null, null))
                .toList();
        if (requests.isEmpty()) {
            throw fields.refuse("urls", "has no elements", "1 to " + MOST_URLS + " URLs");
        }
        fields.end();
        return requests;
    }

    private static DownloadRequest request(
            Fields fields, String url, boolean playlist, @Nullable String name, @Nullable String checksum) {
        return new DownloadRequest(
                url,
                word(fields, "quality"),
                word(fields, "format"),
                fields.flag("subtitles").orElse(false),
                maxDuration(fields),
                playlist,
                word(fields, "storageProvider"),
                name,
                checksum,
                notBefore(fields));
    }

    /// The forms of the front ends in the field send what was left empty.
    private static @Nullable String word(Fields fields, String name) {
        return fields.optionalOrEmptyString(name).orElse(null);
    }

    private static @Nullable Integer maxDuration(Fields fields) {
        OptionalLong said = fields.integer("maxDuration");
        if (said.isEmpty()) {
            return null;
        }
        if (said.getAsLong() < 1 || said.getAsLong() > LONGEST.toSeconds()) {
            throw fields.refuse("maxDuration", "is " + said.getAsLong(), "1 to " + LONGEST.toSeconds() + " seconds");
        }
        return (int) said.getAsLong();
    }

    private static @Nullable Instant notBefore(Fields fields) {
        String said = word(fields, "notBefore");
        if (said == null) {
            return null;
        }
        try {
            Instant at = Instant.parse(said);
            if (at.isAfter(Instant.EPOCH) && at.isBefore(LATEST)) {
                return at;
            }
        } catch (DateTimeParseException e) {
            // It is told below.
        }
        throw fields.refuse("notBefore", "is no time of these days", "a time as 2026-11-21T12:00:00Z");
    }

    private static @Nullable JobId job(Fields fields) {
        String said = word(fields, "jobId");
        if (said == null) {
            return null;
        }
        if (!Ids.isIdentifier(said)) {
            throw fields.refuse("jobId", "is no id", Ids.SHAPE);
        }
        return new JobId(said);
    }
}
