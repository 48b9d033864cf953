package dev.sluice.bench;

import java.util.Locale;

/// What a figure has to be.
sealed interface Target {
    Target NONE = new Nothing();

    /// Whether `value` will do, or by how much it will not.
    String verdict(double value);

    /// Nothing is asked for.
    record Nothing() implements Target {
        @Override
        public String verdict(double value) {
            return "";
        }

        @Override
        public String toString() {
            return "";
        }
    }

    /// At least `bound`.
    ///
    /// @param unit as it is written behind the number
    record AtLeast(double bound, String unit) implements Target {
        @Override
        public String verdict(double value) {
            return value >= bound ? "met" : missed((bound - value) / bound);
        }

        @Override
        public String toString() {
            return "≥ " + number(bound) + unit;
        }
    }

    /// At most `bound`.
    ///
    /// @param unit as it is written behind the number
    record AtMost(double bound, String unit) implements Target {
        @Override
        public String verdict(double value) {
            if (value <= bound) {
                return "met";
            }
            return bound == 0 ? "missed" : missed((value - bound) / bound);
        }

        @Override
        public String toString() {
            return "≤ " + number(bound) + unit;
        }
    }

    static Target atLeastTimes(double bound) {
        return new AtLeast(bound, " ×");
    }

    static Target atMostTimes(double bound) {
        return new AtMost(bound, " ×");
    }

    private static String missed(double part) {
        return "**missed by " + Math.max(1, Math.round(part * 100)) + " %**";
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.format(Locale.ROOT, "%,.0f", value) : Double.toString(value);
    }
}
