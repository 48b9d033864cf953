package dev.sluice.csv;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds the dialect of a text by trying those that there are.
///
/// @param best the one that fits best
/// @param confidence from 0 to 1
/// @param others that fit half as well at least
record Dialects(Candidate best, double confidence, List<Dialect> others) {
    private static final char[] DELIMITERS = {',', ';', '\t', '|'};
    private static final int TRIED = 1 << 17;

    /// @param delimiter that is known; null: find it
    /// @param quote that is known; null: find it
    static Dialects of(
            String all, long linesBefore, boolean whole, @Nullable Character delimiter, @Nullable Character quote) {
        boolean tryWhole = whole && all.length() <= TRIED;
        String text = tryWhole ? all : cut(all);
        var tried = new ArrayList<Candidate>();
        for (char d : delimiter == null ? DELIMITERS : new char[] {delimiter}) {
            if (text.indexOf(d) < 0 && delimiter == null) {
                continue;
            }
            for (char q : quotes(text, d, quote)) {
                if (q != d) {
                    tried.add(best(text, linesBefore, tryWhole, d, q));
                }
            }
        }
        if (tried.isEmpty()) {
            char q = quote == null ? '"' : quote;
            tried.add(Candidate.of(text, linesBefore, tryWhole, new Dialect(',', q, Dialect.Escape.DOUBLED, false)));
        }
        tried.sort(Comparator.comparingDouble(Candidate::score).reversed());
        Candidate best = tried.getFirst();
        var others = new ArrayList<Dialect>();
        double second = 0;
        for (Candidate other : tried) {
            if (other.dialect().delimiter() != best.dialect().delimiter()) {
                second = Math.max(second, other.score());
                if (2 * other.score() >= best.score() && best.even()) {
                    others.add(other.dialect());
                }
            }
        }
        double confidence = best.score() == 0 ? 0 : best.score() / (best.score() + second);
        return new Dialects(best, confidence, List.copyOf(others));
    }

    private static String cut(String all) {
        String text = all.substring(0, Math.min(TRIED, all.length()));
        int end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r'));
        return end > 0 ? text.substring(0, end + 1) : text;
    }

    private static char[] quotes(String text, char delimiter, @Nullable Character quote) {
        if (quote != null) {
            return new char[] {quote};
        }
        boolean apostrophes = text.indexOf(delimiter + "'") >= 0 || text.indexOf("'" + delimiter) >= 0;
        return apostrophes ? new char[] {'"', '\''} : new char[] {'"'};
    }

    private static Candidate best(String text, long linesBefore, boolean whole, char delimiter, char quote) {
        Candidate doubled =
                Candidate.of(text, linesBefore, whole, new Dialect(delimiter, quote, Dialect.Escape.DOUBLED, false));
        if (!doubled.wrong() || text.indexOf("\\" + quote) < 0) {
            return doubled;
        }
        Candidate backslash =
                Candidate.of(text, linesBefore, whole, new Dialect(delimiter, quote, Dialect.Escape.BACKSLASH, false));
        return backslash.score() > doubled.score() ? backslash : doubled;
    }
}
