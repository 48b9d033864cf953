package dev.sluice.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;

/// One line of a row's table. Several values are told as their median, and the least and the most in
/// parentheses.
///
/// @param theirs empty where nobody stands beside it
/// @param ratio of the pairs, as their median
record Figure(String what, String ours, String theirs, String ratio, String target, String verdict) {
    /// Measured in pairs.
    ///
    /// @param target of ours divided by theirs
    static Figure compared(String what, int decimals, double[] ours, double[] theirs, Target target) {
        double ratio = median(IntStream.range(0, ours.length)
                .mapToDouble(pair -> ours[pair] / theirs[pair])
                .toArray());
        return new Figure(
                what,
                spread(ours, decimals),
                spread(theirs, decimals),
                Double.isFinite(ratio) ? text(ratio, 2) + " ×" : "",
                target.toString(),
                Double.isFinite(ratio) ? target.verdict(ratio) : "");
    }

    /// Measured alone; the median has to meet the target.
    static Figure alone(String what, int decimals, Target target, double... ours) {
        return new Figure(what, spread(ours, decimals), "", "", target.toString(), target.verdict(median(ours)));
    }

    /// Measured in pairs; the median of ours has to meet the target.
    static Figure beside(String what, int decimals, Target target, double[] ours, double[] theirs) {
        Figure alone = alone(what, decimals, target, ours);
        return new Figure(what, alone.ours, spread(theirs, decimals), "", alone.target, alone.verdict);
    }

    /// Single events; their 99th percentile has to meet the target.
    static Figure events(String what, int decimals, Target p99, double[] ours) {
        return new Figure(
                what,
                percentiles(ours, decimals),
                "",
                "",
                p99.equals(Target.NONE) ? "" : "p99 " + p99,
                p99.verdict(percentile(ours, 99)));
    }

    /// The same, with a word before its name.
    Figure of(String whom) {
        return new Figure(whom + ": " + what, ours, theirs, ratio, target, verdict);
    }

    static double median(double[] values) {
        double[] sorted = sorted(values);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// The value that `percent` of all are not above (nearest rank).
    static double percentile(double[] values, double percent) {
        double[] sorted = sorted(values);
        return sorted[Math.max(0, (int) Math.ceil(percent / 100 * sorted.length) - 1)];
    }

    private static double[] sorted(double[] values) {
        if (values.length == 0) {
            throw new BenchException("nothing was measured");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted;
    }

    private static String spread(double[] values, int decimals) {
        double[] sorted = sorted(values);
        String median = text(median(values), decimals);
        return sorted.length == 1
                ? median
                : median + " (" + text(sorted[0], decimals) + "–" + text(sorted[sorted.length - 1], decimals) + ")";
    }

    private static String percentiles(double[] values, int decimals) {
        return "p50 " + text(percentile(values, 50), decimals) + ", p99 " + text(percentile(values, 99), decimals)
                + ", max " + text(percentile(values, 100), decimals);
    }

    private static String text(double value, int decimals) {
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }

    /// As a line of a Markdown table.
    String line() {
        return String.join(" | ", "| " + what, ours, theirs, ratio, target, verdict + " |");
    }
}
