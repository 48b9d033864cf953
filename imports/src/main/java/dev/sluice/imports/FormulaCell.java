package dev.sluice.imports;

import java.util.Locale;
import java.util.Set;

/// Texts that a spreadsheet would take for a formula (CWE-1236): they are kept as they are, and known.
final class FormulaCell {
    private static final Set<String> CALLS = Set.of(
            "HYPERLINK(", "WEBSERVICE(", "IMPORTXML(", "IMPORTDATA(", "IMPORTFEED(", "IMPORTHTML(", "CMD|", "DDE(");

    private FormulaCell() {}

    static boolean is(String text) {
        if (text.isEmpty()) {
            return false;
        }
        char first = text.charAt(0);
        if (first == '=' || first == '@' || first == '\uff1d' || first == '\uff20') {
            return true;
        }
        if ((first == '+' || first == '-' || first == '\uff0b' || first == '\uff0d') && !number(text)) {
            return true;
        }
        return (text.indexOf('(') >= 0 || text.indexOf('|') >= 0) && calls(text.toUpperCase(Locale.ROOT));
    }

    /// `-42.00` and `+49 170 1234567` are none; nor is a dash alone.
    private static boolean number(String text) {
        for (int i = 1; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean known = (c >= '0' && c <= '9') || " .,/()-'\u00a0\u202f".indexOf(c) >= 0;
            if (!known) {
                return false;
            }
        }
        return true;
    }

    private static boolean calls(String text) {
        return CALLS.stream().anyMatch(text::contains);
    }
}
