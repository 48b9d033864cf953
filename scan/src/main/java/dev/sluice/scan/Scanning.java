package dev.sluice.scan;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Note;
import dev.sluice.core.Problem;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// Says whether an uploaded file that claims to be a CSV may be taken in. Immutable, for use by many threads.
///
/// [#scan] finds out what there is to know, [#refusal] and [#notes] say what the configured [ScanMode] makes of it.
public final class Scanning {
    private static final Set<Finding.Kind> ILL_FORMED =
            EnumSet.of(Finding.Kind.NULS, Finding.Kind.BINARY, Finding.Kind.LONG_LINE);

    private final ScanSettings settings;
    private final @Nullable Clamd clamd;

    public Scanning(ScanSettings settings) {
        this.settings = settings;
        ClamdAddress address = settings.clamd();
        this.clamd = address == null || settings.mode() == ScanMode.OFF ? null : new Clamd(address, settings);
    }

    /// What clamd says it is; empty where it is not asked.
    ///
    /// @throws ProblemException `scanner_unavailable` where it does not answer, or not as clamd does
    public Optional<String> introduction() {
        return Optional.ofNullable(clamd).map(asked -> asked.introduction(new StopToken()));
    }

    /// Reads the file, once for the built-in checks and, where these have nothing against it, once for clamd. On a
    /// platform thread: it reads from a disk. Without clamd 120 MB take 0.3 s of a processor (`ExaminationSpeed`).
    ///
    /// Whatever is wrong with clamd is a verdict and no exception.
    ///
    /// @param charset in which the file is read, once it is taken in
    /// @param bytesDone told how much of the scan is done, never less than before, measured by the size of the file,
    ///     which is its last word
    /// @throws IOException where the file cannot be read, or changes while it is
    /// @throws dev.sluice.core.Stopped where the token fires: within 1 MiB, or at once while clamd is waited for
    public Verdict scan(Path file, Charset charset, StopToken stop, LongConsumer bytesDone) throws IOException {
        Clamd asked = clamd;
        Examined seen =
                Examination.of(file, charset, stop, asked == null ? bytesDone : done -> bytesDone.accept(done / 2));
        Optional<Finding> refusing = seen.refusing();
        Verdict verdict;
        if (refusing.isPresent()) {
            verdict = refused(refusing.get(), seen);
        } else if (asked == null) {
            verdict = notAsked(seen);
        } else {
            verdict = asked.scan(file, seen, stop, sent -> bytesDone.accept(seen.size() / 2 + sent / 5 * 2));
        }
        bytesDone.accept(seen.size());
        return verdict;
    }

    /// What a file is that is no table, by the built-in checks alone; nothing where they have no name for it. What
    /// whoever reads tables says better, NULs and endless lines, does not count.
    ///
    /// @throws IOException as [#scan]
    /// @throws dev.sluice.core.Stopped as [#scan]
    public Optional<Verdict> otherThanTable(Path file, StopToken stop) throws IOException {
        Examined seen = Examination.of(file, StandardCharsets.UTF_8, stop, done -> {});
        return seen.refusing()
                .filter(finding -> !ILL_FORMED.contains(finding.kind()))
                .map(finding -> refused(finding, seen));
    }

    private static Verdict refused(Finding because, Examined seen) {
        return because.kind() == Finding.Kind.EICAR
                ? new Verdict.Infected(Verdict.BUILT_IN, "Eicar-Test-Signature", seen.sha256(), seen.findings())
                : new Verdict.Refused(because, seen.sha256(), seen.findings());
    }

    private Verdict notAsked(Examined seen) {
        boolean off = settings.mode() == ScanMode.OFF;
        return new Verdict.NotScanned(
                off ? Verdict.Reason.OFF : Verdict.Reason.NOT_CONFIGURED,
                off
                        ? "virus scanning is off: only the built-in checks looked at the file"
                        : "no virus scanner is configured: only the built-in checks looked at the file",
                seen.sha256(),
                seen.findings());
    }

    /// Why a file with this verdict must not be taken in; nothing where it may.
    public Optional<Problem> refusal(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Clean clean -> Optional.empty();
            case Verdict.Infected infected ->
                Optional.of(new Problem(
                        ErrorCode.INFECTED,
                        infected.sentence(),
                        Map.of("engine", infected.engine(), "signature", infected.signature())));
            case Verdict.Refused refused ->
                Optional.of(new Problem(
                        ErrorCode.MALFORMED,
                        refused.sentence(),
                        Map.of(
                                "engine",
                                refused.engine(),
                                "finding",
                                refused.because().kind().code(),
                                "offset",
                                refused.because().offset())));
            case Verdict.NotScanned not ->
                settings.mode() == ScanMode.REQUIRED
                        ? Optional.of(new Problem(
                                // What is too large stays so, however often it is tried.
                                not.reason() == Verdict.Reason.OVER_LIMIT
                                        ? ErrorCode.TOO_LARGE
                                        : ErrorCode.SCANNER_UNAVAILABLE,
                                not.sentence(),
                                Map.of("reason", not.reason().code())))
                        : Optional.empty();
        };
    }

    /// What is to be told of a file that is taken in: a warning for each finding, and one where a virus scanner should
    /// have looked and has not.
    public List<Note> notes(Verdict verdict) {
        var notes = new ArrayList<Note>();
        if (verdict instanceof Verdict.NotScanned not && settings.mode() != ScanMode.OFF) {
            notes.add(new Note(
                    Note.Level.WARNING,
                    "not_scanned",
                    not.sentence(),
                    Map.of("reason", not.reason().code())));
        }
        for (Finding finding : verdict.findings()) {
            notes.add(new Note(
                    Note.Level.WARNING,
                    finding.kind().code(),
                    finding.sentence(),
                    Map.of("offset", finding.offset(), "count", finding.count())));
        }
        return List.copyOf(notes);
    }
}
