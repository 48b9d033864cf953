package dev.sluice.csv;

import org.jspecify.annotations.Nullable;

/// Sees whether a field is a number, what stands around its digits, and with which decimal mark it makes sense: signs
/// before and behind, brackets, `CR`, `DR`, `S` and `H`, currencies, groups of digits. Filled again and again, used by
/// one thread.
final class NumberScan {
    private static final int LONGEST = 64;

    /// Below zero, by a sign, by brackets, or because it is a debit.
    boolean negative;
    /// As ISO 4217; null: none is named, or not clearly.
    @Nullable
    String currency;

    char[] text = {};
    /// Where the digits begin, and what is between them.
    int from;
    int to;

    /// Whether there is a point or a comma at all.
    boolean marked;

    private boolean fitsPoint;
    private boolean fitsComma;
    private boolean signed;
    private boolean bracket;
    private boolean closed;
    private boolean money;
    private boolean directed;
    private boolean credit;

    /// Whether there is a number, whatever its decimal mark may be.
    boolean scan(char[] chars, int start, int end) {
        if (end - start > LONGEST || start >= end) {
            return false;
        }
        text = chars;
        from = start;
        to = end;
        negative = false;
        currency = null;
        signed = false;
        bracket = false;
        closed = false;
        money = false;
        directed = false;
        credit = false;
        if (!front() || !back() || bracket != closed || from >= to) {
            return false;
        }
        if (directed) {
            if (credit && negative) {
                return false;
            }
            negative = !credit;
        }
        return core();
    }

    private boolean front() {
        while (from < to) {
            char c = text[from];
            if (isDigit(c) || c == '.' || c == ',') {
                return true;
            }
            if (c == '(') {
                if (bracket || signed) {
                    return false;
                }
                bracket = true;
                negative = true;
                from++;
            } else if (Blank.is(c)) {
                from++;
            } else if (c == '+' || isMinus(c)) {
                if (!sign(c)) {
                    return false;
                }
                from++;
            } else {
                int length = currencyLength(from, wordEnd(from));
                if (length == 0) {
                    return false;
                }
                from += length;
            }
        }
        return false;
    }

    private boolean back() {
        while (to > from) {
            char c = text[to - 1];
            if (isDigit(c) || c == '.' || c == ',') {
                return true;
            }
            if (c == ')') {
                if (closed) {
                    return false;
                }
                closed = true;
                to--;
            } else if (Blank.is(c)) {
                to--;
            } else if (c == '+' || isMinus(c)) {
                if (!noCents() && !sign(c)) {
                    return false;
                }
                to--;
            } else {
                int start = wordStart(to);
                if (!direction(start, to) && currencyLength(start, to) != to - start) {
                    return false;
                }
                to = start;
            }
        }
        return false;
    }

    /// `12,-` and `12,--` have no cents, and no sign either.
    private boolean noCents() {
        int at = to - 1;
        while (at > from && isMinus(text[at])) {
            at--;
        }
        if (text[at] == '.' || text[at] == ',') {
            to = at + 1;
            return true;
        }
        return false;
    }

    private boolean sign(char c) {
        if (signed || bracket) {
            return false;
        }
        signed = true;
        negative = c != '+';
        return true;
    }

    private boolean direction(int start, int end) {
        if (directed) {
            return false;
        }
        int length = end - start;
        int stop = length > 0 && text[end - 1] == '.' ? end - 1 : end;
        char a = text[start];
        if (stop - start == 1 && (a == 'S' || a == 'H')) {
            directed = true;
            credit = a == 'H';
        } else if (stop - start == 2 && (text[start + 1] == 'R' || text[start + 1] == 'r')) {
            boolean isCredit = a == 'C' || a == 'c';
            if (isCredit || a == 'D' || a == 'd') {
                directed = true;
                credit = isCredit;
            }
        }
        return directed;
    }

    private int wordEnd(int start) {
        int at = start;
        while (at < to && at - start < 4 && isWord(text[at])) {
            at++;
        }
        return at;
    }

    private int wordStart(int end) {
        int at = end;
        while (at > from && end - at < 4 && isWord(text[at - 1])) {
            at--;
        }
        return at == end ? end - 1 : at;
    }

    private static boolean isWord(char c) {
        if (c < 128) {
            return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '$';
        }
        return Character.isLetter(c) || Character.getType(c) == Character.CURRENCY_SYMBOL;
    }

    /// How much of this word is a currency: 0 for none.
    private int currencyLength(int start, int end) {
        if (money || start >= end) {
            return 0;
        }
        int length = end - start;
        char a = text[start];
        if (length == 3 && Currencies.isCode(a, text[start + 1], text[start + 2])) {
            currency = new String(text, start, 3);
            money = true;
        } else if (length == 1 && Character.getType(a) == Character.CURRENCY_SYMBOL) {
            currency = Currencies.ofSign(a);
            money = true;
        } else if (length == 2) {
            money = pair(a, text[start + 1]);
        } else if (length == 3 && a == 'U' && text[start + 1] == 'S' && text[start + 2] == '$') {
            currency = "USD";
            money = true;
        }
        if (!money) {
            return 0;
        }
        return start == from && end < to && text[end] == '.' && length == 2 ? length + 1 : length;
    }

    private boolean pair(char a, char b) {
        if (a == 'z' && (b == 'ł' || b == '³')) {
            currency = "PLN";
        } else if (a == 'K' && b == 'č') {
            currency = "CZK";
        } else if (a == 'R' && b == '$') {
            currency = "BRL";
        } else if (a == 'F' && b == 'r') {
            currency = "CHF";
        } else {
            return a == 'k' && b == 'r';
        }
        return true;
    }

    private boolean core() {
        int marks = 0;
        int mark = 0;
        boolean digit = false;
        for (int i = from; i < to; i++) {
            char c = text[i];
            if (isDigit(c)) {
                digit = true;
            } else if (c == '.' || c == ',' || isGroup(c)) {
                marks++;
                mark = i;
            } else {
                return false;
            }
        }
        marked = false;
        if (marks == 0) {
            fitsPoint = true;
            fitsComma = true;
        } else if (marks == 1 && (text[mark] == '.' || text[mark] == ',')) {
            oneMark(mark);
        } else {
            fitsPoint = makesSense('.');
            fitsComma = makesSense(',');
            for (int i = from; i < to; i++) {
                marked |= text[i] == '.' || text[i] == ',';
            }
        }
        return digit && (fitsPoint || fitsComma);
    }

    private void oneMark(int at) {
        int before = at - from;
        boolean group = to - at == 4 && before >= 1 && before <= 3 && (before > 1 || text[from] != '0');
        boolean point = text[at] == '.';
        marked = true;
        fitsPoint = point || group;
        fitsComma = !point || group;
    }

    /// Whether the digits make sense with this decimal mark.
    boolean fits(DecimalMark mark) {
        return mark == DecimalMark.POINT ? fitsPoint : fitsComma;
    }

    /// What is between digits before the mark are groups of three, or of two before a last one of three, as in
    /// India.
    private boolean makesSense(char mark) {
        char group = 0;
        int run = 0;
        boolean decimals = false;
        for (int i = from; i < to; i++) {
            char c = text[i];
            if (isDigit(c)) {
                run++;
            } else if (decimals) {
                return false;
            } else if (c == mark) {
                if (group != 0 && run != 3) {
                    return false;
                }
                decimals = true;
            } else {
                boolean begun = group != 0;
                if ((begun && (c != group || run < 2 || run > 3)) || (!begun && (run < 1 || run > 3))) {
                    return false;
                }
                if (!begun && run == 1 && text[i - 1] == '0') {
                    return false;
                }
                group = c;
                run = 0;
            }
        }
        return decimals || group == 0 || run == 3;
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    static boolean isMinus(char c) {
        return c == '-' || c == '\u2212' || c == '\u2013';
    }

    private static boolean isGroup(char c) {
        return c == ' ' || c == '\'' || c == '\u00a0' || c == '\u202f' || c == '\u2009' || c == '\u2019';
    }
}
