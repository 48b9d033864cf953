package dev.sluice.scan;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A [Verdict] as it is kept in documents: flat, with words in place of types.
///
/// @param verdict `clean`, `infected`, `refused` or `not_scanned`
/// @param engine `built-in` where no virus scanner looked
/// @param databaseVersion of a clean one
/// @param signature of an infected one
/// @param reason why it was not scanned, or the code of the finding that refuses
public record StoredVerdict(
        String verdict,
        String engine,
        @Nullable String databaseVersion,
        @Nullable String signature,
        @Nullable String reason,
        String sentence,
        String sha256,
        List<StoredFinding> findings) {

    public StoredVerdict {
        findings = List.copyOf(findings);
    }

    /// A [Finding] as it is kept.
    public record StoredFinding(String code, boolean refuses, String sentence, long offset, long count) {
        static StoredFinding of(Finding finding) {
            return new StoredFinding(
                    finding.kind().code(), finding.refuses(), finding.sentence(), finding.offset(), finding.count());
        }

        Finding finding() {
            return new Finding(Finding.Kind.valueOf(code.toUpperCase(Locale.ROOT)), sentence, offset, count);
        }
    }

    public static StoredVerdict of(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Clean clean -> of(clean, "clean", clean.databaseVersion(), null, null);
            case Verdict.Infected infected -> of(infected, "infected", null, infected.signature(), null);
            case Verdict.Refused refused ->
                of(refused, "refused", null, null, refused.because().kind().code());
            case Verdict.NotScanned not ->
                of(not, "not_scanned", null, null, not.reason().code());
        };
    }

    private static StoredVerdict of(
            Verdict verdict,
            String word,
            @Nullable String databaseVersion,
            @Nullable String signature,
            @Nullable String reason) {
        return new StoredVerdict(
                word,
                verdict.engine(),
                databaseVersion,
                signature,
                reason,
                verdict.sentence(),
                verdict.sha256(),
                verdict.findings().stream().map(StoredFinding::of).toList());
    }

    /// What was stored.
    ///
    /// @throws IllegalArgumentException where the words are none of those that [#of] writes
    public Verdict toVerdict() {
        List<Finding> seen = findings.stream().map(StoredFinding::finding).toList();
        return switch (verdict) {
            case "clean" -> new Verdict.Clean(engine, given(databaseVersion), sha256, seen);
            case "infected" -> new Verdict.Infected(engine, given(signature), sha256, seen);
            case "refused" -> new Verdict.Refused(because(seen), sha256, seen);
            case "not_scanned" ->
                new Verdict.NotScanned(
                        Verdict.Reason.valueOf(given(reason).toUpperCase(Locale.ROOT)), sentence, sha256, seen);
            default -> throw new IllegalArgumentException("no verdict: " + verdict);
        };
    }

    private Finding because(List<Finding> seen) {
        return seen.stream()
                .filter(finding -> finding.kind().code().equals(reason))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no finding refuses: " + reason));
    }

    private static String given(@Nullable String word) {
        if (word == null) {
            throw new IllegalArgumentException("a word of a verdict is missing");
        }
        return word;
    }
}
