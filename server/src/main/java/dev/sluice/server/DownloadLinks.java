package dev.sluice.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.app.Sluice;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.ProblemException;
import java.net.URI;
import java.net.URLEncoder;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/// Links to what jobs have stored: `/d/ID/NAME?expires=SECONDS&signature=HEX`, with `&link=ID` where a user has made it
/// by itself. Whoever has one needs nothing else to read the file, until it expires or is revoked; the name in it is
/// there to be read. The one that a job's status shows is the same each time. Safe for use by many threads.
final class DownloadLinks {
    static final String PATH = "/d/";

    private static final String CONTEXT = "download links";

    private final BiFunction<String, String, String> signer;
    private final Duration age;
    private final @Nullable URI publicUrl;
    private final Supplier<String> own;
    private final Clock clock;
    private final Function<JobId, Optional<Instant>> created;
    private final Revocations revocations;

    /// What is known of links that were made.
    interface Revocations {
        /// @param link null: the one that the job's status shows
        boolean revoked(@Nullable String link, JobId job, Instant created);
    }

    /// What a link leads to: a job, and no other that has its id after it.
    record Opened(JobId job, Instant created) {}

    DownloadLinks(Sluice sluice, Supplier<String> own) {
        this(
                sluice::sign,
                sluice.settings().download().linkAge(),
                sluice.publicUrl().orElse(null),
                own,
                Clock.systemUTC(),
                id -> sluice.jobs().find(id).map(Job::created),
                (link, job, created) -> sluice.accounts().links().isRevoked(link, job, created));
    }

    /// @param signer makes a word of a context and a text that nobody else can make
    /// @param publicUrl what links begin with; null: as the request for them came
    /// @param own where this server can be reached by whoever came through the socket in its data folder
    /// @param created when the job was made that has an id now
    DownloadLinks(
            BiFunction<String, String, String> signer,
            Duration age,
            @Nullable URI publicUrl,
            Supplier<String> own,
            Clock clock,
            Function<JobId, Optional<Instant>> created,
            Revocations revocations) {
        this.signer = signer;
        this.age = age;
        this.publicUrl = publicUrl;
        this.own = own;
        this.clock = clock;
        this.created = created;
        this.revocations = revocations;
    }

    /// What the links of an answer begin with.
    String base(Request request) {
        if (publicUrl != null) {
            return publicUrl.toString();
        }
        if (Guard.isOurUser(request)) {
            return own.get();
        }
        String host = request.getHeaders().get(HttpHeader.HOST);
        return (request.isSecure() ? "https://" : "http://")
                + (host == null ? request.getHttpURI().getAuthority() : host).toLowerCase(Locale.ROOT);
    }

    /// @param job that has ended
    String of(Job job, String base) {
        Instant ended = Objects.requireNonNull(job.ended());
        return of(job, base, ended.plus(age), null);
    }

    /// @param link that was made for it, by its id
    String of(Job job, String base, Instant until, @Nullable String link) {
        long expires = until.getEpochSecond();
        return base + PATH + job.id() + "/" + segment(StoredFile.nameOf(job)) + "?expires=" + expires
                + (link == null ? "" : "&link=" + link) + "&signature="
                + signature(job.id(), job.created(), expires, link);
    }

    /// An id is its client's own, and free again once the job is removed: when it was made tells it from the next.
    private String signature(JobId job, Instant made, long expires, @Nullable String link) {
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, made);
        return signer.apply(CONTEXT, job + " " + micros + " " + expires + (link == null ? "" : " " + link));
    }

    /// A server, or a proxy before it, may refuse a path that can be read in two ways.
    private static String segment(String name) {
        return URLEncoder.encode(name.replaceAll("[%/\\\\;\\p{Cntrl}]", "_"), UTF_8)
                .replace("+", "%20");
    }

    /// The job whose bytes a link leads to.
    ///
    /// @param path that begins with [#PATH]
    /// @throws ProblemException `forbidden` where we have not made it, or its job is removed; `gone` where it has
    ///     expired
    Opened open(String path, Fields query) {
        String id = path.substring(PATH.length()).replaceFirst("/.*", "");
        String expires = query.getValue("expires");
        String signature = query.getValue("signature");
        String link = query.getValue("link");
        boolean readable =
                expires != null && signature != null && expires.matches("[0-9]{1,12}") && Ids.isIdentifier(id);
        Optional<Instant> made = readable ? created.apply(new JobId(id)) : Optional.empty();
        if (made.isEmpty() || !isOurs(signature, signature(new JobId(id), made.get(), Long.parseLong(expires), link))) {
            throw new ProblemException(
                    ErrorCode.FORBIDDEN,
                    "this link is not whole, or what it led to is removed: ask whoever gave it to you for another");
        }
        Instant until = Instant.ofEpochSecond(Long.parseLong(expires));
        if (!clock.instant().isBefore(until)) {
            throw new ProblemException(
                    ErrorCode.GONE,
                    "this link worked until " + until + "; who may use this server finds the file at"
                            + " /api/v1/download/stream/" + id + ", and download.link-age says how long links work");
        }
        if (revocations.revoked(link, new JobId(id), made.get())) {
            throw new ProblemException(ErrorCode.GONE, "this link was revoked: ask whoever gave it to you for another");
        }
        return new Opened(new JobId(id), made.get());
    }

    private static boolean isOurs(String signature, String ours) {
        return MessageDigest.isEqual(signature.getBytes(UTF_8), ours.getBytes(UTF_8));
    }
}
