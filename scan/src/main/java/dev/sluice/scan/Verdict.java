package dev.sluice.scan;

import java.util.List;
import java.util.Locale;

/// What is known of a file after a scan: who looked, and what they saw. Immutable; [StoredVerdict] is its form in
/// documents.
public sealed interface Verdict {
    /// The engine's name where only our own checks looked.
    String BUILT_IN = "built-in";

    /// Who says so: `ClamAV 1.4.3`, or [#BUILT_IN].
    String engine();

    /// The verdict for people, in one sentence.
    String sentence();

    /// Of the whole file, in hexadecimal digits.
    String sha256();

    /// What the built-in checks have seen; in no verdict but [Infected] and [Refused] is there one that refuses.
    List<Finding> findings();

    /// A virus scanner has looked at the whole file, within its limits, and found nothing.
    ///
    /// @param databaseVersion of its signatures, such as `27500/Wed Jan  1 08:00:00 2025`, or [#UNKNOWN]. It is asked
    ///     for before the scan: what looked is as new as that or newer
    record Clean(String engine, String databaseVersion, String sha256, List<Finding> findings) implements Verdict {
        /// Where the scanner does not say of what version its signatures are.
        public static final String UNKNOWN = "unknown";

        public Clean {
            findings = List.copyOf(findings);
        }

        @Override
        public String sentence() {
            return engine + " found nothing in the file (signatures: " + databaseVersion + ")";
        }
    }

    /// Somebody found what he knows to be malicious, or the harmless string that stands for it.
    ///
    /// @param signature its name, as the engine says it
    record Infected(String engine, String signature, String sha256, List<Finding> findings) implements Verdict {
        public Infected {
            findings = List.copyOf(findings);
        }

        @Override
        public String sentence() {
            return engine + " found " + signature + " in the file; it is not taken in";
        }
    }

    /// By the built-in checks it is something else than a table, or hides something. No virus scanner was asked.
    ///
    /// @param because the first of the findings that refuse
    record Refused(Finding because, String sha256, List<Finding> findings) implements Verdict {
        public Refused {
            findings = List.copyOf(findings);
        }

        @Override
        public String engine() {
            return BUILT_IN;
        }

        @Override
        public String sentence() {
            return because.sentence();
        }
    }

    /// No virus scanner has looked at it, or none at all of it. The built-in checks have, and have nothing against it.
    ///
    /// @param sentence why, and what to do
    record NotScanned(Reason reason, String sentence, String sha256, List<Finding> findings) implements Verdict {
        public NotScanned {
            findings = List.copyOf(findings);
        }

        @Override
        public String engine() {
            return BUILT_IN;
        }
    }

    /// Why no virus scanner has looked.
    enum Reason {
        /// None was to be asked.
        OFF,
        /// One was to be asked if there is one, and there is none.
        NOT_CONFIGURED,
        /// It takes no connection.
        UNREACHABLE,
        /// It took longer than it may.
        SLOW,
        /// The file is larger than what it looks at.
        OVER_LIMIT,
        /// It said that it failed.
        ERROR,
        /// It had the whole file and ended without a word.
        EMPTY,
        /// It ended before it had the whole file, without a word.
        CLOSED_EARLY,
        /// What it said is no answer.
        NONSENSE;

        /// The code as it stands in documents: `over_limit`.
        public String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
