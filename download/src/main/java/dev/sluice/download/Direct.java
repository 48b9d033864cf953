package dev.sluice.download;

import dev.sluice.core.Boot;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Note;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Reachable;
import dev.sluice.core.Session;
import dev.sluice.core.Stage;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.Deposit;
import dev.sluice.storage.ObjectContent;
import dev.sluice.storage.ObjectSpec;
import dev.sluice.storage.Storage;
import dev.sluice.storage.Storages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// Brings a plain file straight from its server into its storage: nothing of it lies on a disk of ours in between.
final class Direct {
    /// How often a file that changes while it is fetched is begun anew.
    private static final int ANEW = 3;
    private static final int STEP = 1 << 20;

    private final Storages storages;
    private final Reachable reachable;
    private final Supplier<SSLSocketFactory> secure;
    private final Transfer.Means means;

    Direct(Storages storages, Reachable reachable, Supplier<SSLSocketFactory> secure, Transfer.Means means) {
        this.storages = storages;
        this.reachable = reachable;
        this.secure = secure;
        this.means = means;
    }

    /// Does the job.
    ///
    /// @return false where the URL is not that of what is wanted but of a page that shows it, or of a film whose sound
    ///     it is
    boolean run(Session session, DownloadSpec spec, Target target) {
        Progressed progressed = session.checkpoint(Progressed.class).orElse(null);
        for (int round = 1; ; round++) {
            try (var lines = new Lines(reachable, means.patience(), secure, session.stop())) {
                var origin = new Origin(target, lines, session.stop());
                return progressed == null
                        ? begin(session, spec, origin, lines)
                        : goOn(session, spec, origin, lines, progressed);
            } catch (Found.Changed e) {
                if (round > ANEW) {
                    throw given(target, e);
                }
                session.note(new Note(
                        Note.Level.WARNING,
                        e.brokeOff() ? ErrorCode.UPSTREAM_UNAVAILABLE.code() : ErrorCode.SOURCE_CHANGED.code(),
                        e.brokeOff()
                                ? "the file broke off, and its server sends no parts; it is fetched anew"
                                : "the file has changed at its source, or its server does not say whether it has; it is"
                                        + " fetched anew",
                        Map.of("bytes", session.meter().bytes())));
                progressed = null;
            }
        }
    }

    /// Why it is given up: what breaks off may do better after a while.
    private static ProblemException given(Target target, Found.Changed e) {
        return e.brokeOff()
                ? new ProblemException(
                        ErrorCode.UPSTREAM_UNAVAILABLE,
                        "what " + target + " gives breaks off each time, and its server sends no parts",
                        e)
                : new ProblemException(
                        ErrorCode.SOURCE_CHANGED, "what " + target + " gives changes while it is fetched", e);
    }

    private boolean begin(Session session, DownloadSpec spec, Origin origin, Lines lines) throws Found.Changed {
        try (Reply reply = first(session, origin, lines)) {
            Found there = Found.of(origin.found(), reply);
            if (there.isPage()) {
                requireEnd(origin, lines, reply, spec.maxDuration());
                return false;
            }
            Found.requirePlain(origin.found(), reply);
            if (there.isToBeMade(MediaChoice.of(spec.quality(), spec.format()))) {
                return false;
            }
            if (spec.maxDuration() != null) {
                session.note(LiveStream.notLive(spec.maxDuration()));
            }
            Found found = named(there, spec);
            requireSize(found.size());
            session.meter().from(0);
            if (found.size() != Found.UNKNOWN) {
                session.total(found.size());
            }
            session.facts(DownloadFacts.found(
                    new Video(session.id().value(), found.name(), null, null, null),
                    found.name(),
                    found.type(),
                    found.size() == Found.UNKNOWN ? null : (Long) found.size()));
            if (session.job().stages().current().filter(Direct::isProbe).isPresent()) {
                session.stage(Downloads.PREPARE);
            }
            try (Deposit deposit = open(session, spec, found, true)) {
                deposit.storage().call(() -> {
                    deposit.storage().requireSpace(Math.max(0, found.size()));
                    return deposit;
                });
                var missing = Progressed.Missing.all(found);
                boolean scattered = isScattered(deposit.storage(), found);
                session.save(new Progressed(found, scattered ? missing.gaps() : null, boot(), null, 0));
                transfer(session, spec, origin, lines, deposit, found, missing, reply);
            }
            return true;
        }
    }

    private boolean goOn(Session session, DownloadSpec spec, Origin origin, Lines lines, Progressed progressed)
            throws Found.Changed {
        Found found = progressed.found();
        try (Deposit deposit = open(session, spec, found, false)) {
            long durable = deposit.upload().durable();
            boolean scattered = isScattered(deposit.storage(), found);
            Progressed.Missing missing = progressed
                    .missing(durable, boot(), scattered, takesSums(deposit.storage(), spec))
                    .orElse(null);
            if (missing != null) {
                session.meter().from(scattered ? found.size() - missing.bytes() : durable);
                transfer(session, spec, origin, lines, deposit, found, missing, null);
                return true;
            }
            if (durable > 0) {
                throw new Found.Changed();
            }
        }
        return begin(session, spec, origin, lines);
    }

    /// The answer to the first request, which tries what may pass again.
    private Reply first(Session session, Origin origin, Lines lines) {
        var watched = new Watched(lines);
        for (int failures = 1; ; failures++) {
            try {
                return watched.call(() -> origin.ask("bytes=0-", null));
            } catch (IOException e) {
                session.stop().check();
                if (failures >= means.patience().failures()) {
                    throw new ProblemException(
                            new Problem(
                                    ErrorCode.UPSTREAM_UNAVAILABLE,
                                    origin.found().host() + " cannot be reached: " + e.getMessage()),
                            e);
                }
            }
            session.stop().sleep(means.patience().firstWait().multipliedBy(1L << failures));
        }
    }

    private static void requireEnd(Origin origin, Lines lines, Reply page, @Nullable Integer most) {
        try {
            new Watched(lines)
                    .call(() -> LiveStream.of(origin, page))
                    .ifPresent(live -> live.requireLimit("this", most));
        } catch (IOException e) {
            throw new ProblemException(
                    ErrorCode.UPSTREAM_UNAVAILABLE,
                    origin.found().host() + " breaks off a list of pieces: " + e.getMessage(),
                    e);
        }
    }

    private static Found named(Found found, DownloadSpec spec) {
        String name = spec.name();
        return name == null
                ? found
                : new Found(found.size(), found.ranges(), found.etag(), found.modified(), name, found.type());
    }

    private void requireSize(long size) {
        long most = means.settings().maxSize();
        if (size > most) {
            throw new ProblemException(
                    ErrorCode.TOO_LARGE,
                    "the file has " + size + " bytes; a download may have " + most,
                    Map.of("announced", size));
        }
    }

    private Deposit open(Session session, DownloadSpec spec, Found found, boolean fresh) {
        Storage storage = storages.named(spec.storage());
        var order = new Deposit.Order(
                storages,
                spec.storage(),
                found.name(),
                found.size() == Found.UNKNOWN ? ObjectSpec.UNKNOWN : found.size(),
                found.type(),
                isScattered(storage, found));
        return storage.call(() -> Deposit.open(session, order, fresh));
    }

    private static boolean isScattered(Storage storage, Found found) {
        return storage.shape().scatters() && found.ranges() && found.size() > 2 * Segments.LEAST;
    }

    /// Whether a checksum is taken as the bytes come, since they cannot be read back.
    private static boolean takesSums(Storage storage, DownloadSpec spec) {
        return spec.checksum() != null && !storage.shape().readsBack();
    }

    private void transfer(
            Session session,
            DownloadSpec spec,
            Origin origin,
            Lines lines,
            Deposit deposit,
            Found found,
            Progressed.Missing missing,
            @Nullable Reply first)
            throws Found.Changed {
        enter(session, Downloads.DOWNLOAD);
        Checksum checksum = spec.checksum() == null ? null : Checksum.of(spec.checksum());
        RunningDigest digest = checksum != null && takesSums(deposit.storage(), spec)
                ? new RunningDigest(checksum.algorithm(), missing.digest())
                : null;
        List<Gap> gaps = missing.gaps();
        if (!gaps.isEmpty()) {
            boolean scattered = isScattered(deposit.storage(), found);
            Landing landing = scattered
                    ? new Scattered(deposit)
                    : new InOrder(deposit, gaps.getFirst().from(), session.stop(), digest);
            var segments = new Segments(gaps, scattered || !found.ranges() ? Long.MAX_VALUE : Pockets.LARGE);
            new Transfer(session, deposit, origin, lines, found, segments, landing, means, digest).run(first);
        }
        if (checksum != null) {
            checksum.require(digest == null ? readBack(session, deposit, checksum) : digest.end());
        }
        session.stage(Downloads.COMMIT);
        deposit.storage().call(() -> deposit.commit(DownloadFacts::stored, List.of()));
    }

    private static boolean isProbe(Stage stage) {
        return stage.name().equals(Downloads.PROBE);
    }

    /// A stage that an earlier session had entered is not entered again.
    private static void enter(Session session, String stage) {
        Optional<Stage> current = session.job().stages().current();
        if (current.isEmpty() || !current.get().name().equals(stage)) {
            session.stage(stage);
        }
    }

    private static byte[] readBack(Session session, Deposit deposit, Checksum checksum) {
        return deposit.storage().call(() -> {
            MessageDigest digest = checksum.algorithm().digest();
            ByteBuffer buffer = ByteBuffer.allocateDirect(STEP);
            var all = new ByteRange(0, deposit.upload().durable());
            try (ObjectContent content = deposit.upload().written(all)) {
                while (content.read(buffer.clear()) >= 0) {
                    session.stop().check();
                    digest.update(buffer.flip());
                }
            }
            return digest.digest();
        });
    }

    /// Since when this machine runs.
    static String boot() {
        try {
            return Boot.id();
        } catch (IOException e) {
            throw new ProblemException(ErrorCode.INTERNAL, "this machine does not say when it was started: " + e, e);
        }
    }
}
