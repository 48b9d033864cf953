package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.FullDisk;
import dev.sluice.core.Job;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Reachable;
import dev.sluice.core.Session;
import dev.sluice.core.StopToken;
import dev.sluice.storage.Storages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocketFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Fetches what a page shows, by yt-dlp: into a folder of the job's, and from there into its storage.
final class Media {
    private static final Logger log = LoggerFactory.getLogger(Media.class);

    private final Storages storages;
    private final DownloadSettings settings;
    private final Reachable reachable;
    private final Patience patience;
    private final Supplier<SSLSocketFactory> secure;
    private final Throttles throttles;
    private final Entries entries;

    Media(
            Storages storages,
            DownloadSettings settings,
            Reachable reachable,
            Patience patience,
            Supplier<SSLSocketFactory> secure,
            Throttles throttles,
            Entries entries) {
        this.storages = storages;
        this.settings = settings;
        this.reachable = reachable;
        this.patience = patience;
        this.secure = secure;
        this.throttles = throttles;
        this.entries = entries;
    }

    /// Whether a session has found out before that the job's URL is of a page.
    static boolean isKnownOf(Job job) {
        return job.stages().stages().stream().anyMatch(stage -> stage.name().equals(Downloads.HANDOVER));
    }

    /// Does the job, from where an earlier session of it has come; on a platform thread.
    ///
    /// @throws ProblemException as yt-dlp's words say
    void run(Session session, DownloadSpec spec, Target page) {
        if (session.checkpoint(MediaCheckpoint.class).isEmpty()) {
            YtDlp.require(settings);
        }
        try {
            Workplace place = Workplace.of(session, settings.work());
            if (spec.playlist()) {
                expand(session, page, place);
            } else {
                session.plan(Downloads.MEDIA);
                fetchAndPut(session, spec, page, place);
            }
        } catch (IOException e) {
            throw failed(e);
        } catch (UncheckedIOException e) {
            throw failed(e);
        }
    }

    private ProblemException failed(Exception e) {
        IOException cause = e instanceof IOException broken ? broken : new IOException(e.getMessage(), e);
        return new ProblemException(
                FullDisk.code(cause),
                "the folder " + settings.work() + " could not be worked in: " + e.getMessage(),
                e);
    }

    /// Which disk it is that has no room left.
    private ProblemException withFolder(ProblemException complaint) {
        return complaint.code() == ErrorCode.DISK_FULL
                ? new ProblemException(
                        ErrorCode.DISK_FULL,
                        "the folder " + settings.work() + " has no room left; "
                                + complaint.problem().message(),
                        complaint)
                : complaint;
    }

    private void fetchAndPut(Session session, DownloadSpec spec, Target page, Workplace place) throws IOException {
        Optional<MediaCheckpoint> earlier =
                session.checkpoint(MediaCheckpoint.class).filter(fetched -> isThere(place, fetched));
        MediaCheckpoint fetched = earlier.isPresent() ? earlier.get() : fetch(session, spec, page, place);
        if (earlier.isEmpty() || !DownloadRunner.stage(session.job()).equals(Downloads.UPLOAD)) {
            session.stage(Downloads.HANDOVER);
        }
        Path file = place.folder().resolve(String.valueOf(fetched.file()));
        if (spec.checksum() != null) {
            Checksum.of(spec.checksum()).require(file, session.stop());
        }
        new MediaDeposit(storages).put(session, spec.storage(), file, fetched, earlier.isEmpty());
    }

    private static boolean isThere(Workplace place, MediaCheckpoint fetched) {
        try {
            return fetched.file() != null && Files.size(place.folder().resolve(fetched.file())) == fetched.size();
        } catch (IOException e) {
            return false;
        }
    }

    private MediaCheckpoint fetch(Session session, DownloadSpec spec, Target page, Workplace place) throws IOException {
        MediaChoice choice = MediaChoice.of(spec.quality(), spec.format());
        var recording = new Recording(
                session,
                spec,
                place,
                settings,
                new Recorder.Means(patience, throttles, settings.maxSize(), () -> lines(session)));
        Recorded recorded = recording.earlier();
        int failures = 0;
        while (!recorded.over()) {
            var fetching = new Fetching(session, spec, settings.maxSize(), form -> live(session, form));
            try {
                place.takeApart();
                call(session, page, place, ytDlp -> ytDlp.fetch(choice, spec.subtitles()), fetching::line);
                Optional<MediaForm> live = fetching.live();
                if (live.isEmpty()) {
                    return whole(fetching, place);
                }
                recorded = recording.record(live.get());
                failures = 0;
            } catch (ProblemException | IOException | UncheckedIOException e) {
                failures = recording.earlier().bytes() > recorded.bytes() ? 1 : failures + 1;
                recorded = recording.without(e instanceof ProblemException problem ? problem : failed(e), failures);
            }
        }
        return recording.contained(recorded);
    }

    private static MediaCheckpoint whole(Fetching fetching, Workplace place) throws IOException {
        fetching.requirePieces(place);
        Fetching.requireMedia(place.pieces());
        MediaCheckpoint fetched = fetching.fetched(place.folder());
        place.dropPieces();
        return fetched;
    }

    private Lines lines(Session session) {
        return new Lines(reachable, patience, secure, session.stop());
    }

    /// yt-dlp does not say of a list of pieces whether it has come to its end: it fetches what stands there and is
    /// done. A list that cannot be seen, as its server wants to be asked in another way, is taken for whole.
    private Optional<LiveStream> live(Session session, MediaForm form) {
        Optional<String> url = form.list();
        if (url.isEmpty()) {
            return Optional.empty();
        }
        try (Lines lines = lines(session)) {
            var origin = new Origin(Target.of(url.get()), form.headers(), lines, session.stop());
            return new Watched(lines).call(() -> {
                try (Reply list = origin.ask("bytes=0-", null)) {
                    return LiveStream.of(origin, list);
                }
            });
        } catch (ProblemException | IOException e) {
            session.stop().check();
            log.debug("[{}] a list of pieces cannot be looked at: {}", session.id(), e.getMessage());
            return Optional.empty();
        }
    }

    private void expand(Session session, Target page, Workplace place) throws IOException {
        var expansion = new Expansion(session, entries);
        call(session, page, place, YtDlp::list, expansion::line);
        expansion.end();
    }

    private void call(
            Session session,
            Target page,
            Workplace place,
            Function<YtDlp, List<String>> words,
            BiPredicate<YtDlp, String> wantsMore)
            throws IOException {
        YtDlp.require(settings);
        try (place) {
            place.takeCookies(settings.cookies(), session.job().owner());
            place.takePage(page);
            place.takePrograms(YtDlp.programs());
            CheckedProxy proxy = CheckedProxy.open(reachable, throttles, patience, session.stop());
            StopToken.Registration hung = session.stop().onStop(why -> proxy.close());
            StopToken.Registration cutting = session.stop().onHold(() -> {
                // A page that breaks off would be asked for anew, as another attempt; a film is gone on with.
                if (DownloadRunner.stage(session.job()).equals(Downloads.DOWNLOAD)) {
                    proxy.cut();
                }
            });
            try (proxy) {
                call(session, place, proxy, words, wantsMore);
            } finally {
                cutting.close();
                hung.close();
            }
        }
    }

    private void call(
            Session session,
            Workplace place,
            CheckedProxy proxy,
            Function<YtDlp, List<String>> words,
            BiPredicate<YtDlp, String> wantsMore)
            throws IOException {
        var ytDlp = new YtDlp(settings, UUID.randomUUID().toString(), place.folder(), proxy.url());
        try (var group = ProcessGroup.start(
                words.apply(ytDlp),
                ytDlp.exitWord(),
                ytDlp.environment(),
                place.folder(),
                settings.maxSize(),
                session.stop())) {
            boolean done = group.run(line -> wantsMore.test(ytDlp, line));
            session.stop().check();
            if (group.hasHole()) {
                throw new ProblemException(
                        ErrorCode.UPSTREAM_UNAVAILABLE,
                        "a piece of the stream broke off or is missing, without which it would have a hole");
            }
            if (!done) {
                throw place.isFull(settings.maxSize())
                        ? MediaProgress.tooLarge(settings.maxSize())
                        : proxy.explained(withFolder(Complaint.of(group.complaints())));
            }
        }
    }
}
