package dev.sluice.csv;

/// Whether a field has what every date and every number has.
final class Digits {
    private Digits() {}

    static boolean within(char[] text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text[i] >= '0' && text[i] <= '9') {
                return true;
            }
        }
        return false;
    }
}
