package dev.sluice.scan;

/// Looks for patterns in a text's view ([Units]), window by window.
///
/// Each pattern has one byte that is rare in tables, and one look-up for each byte says whether it is such a one; only
/// then its neighbours are read. A window ends [#AHEAD] bytes before what has been read, and [#BEHIND] bytes of the one
/// before are kept, so that no pattern is cut.
final class Sweep {
    private static final int BEHIND = 64;
    private static final int AHEAD = 512;

    private static final int LONGEST_LINE = 1 << 20;

    /// https://www.eicar.org, in two parts, so that no scanner minds this file or its class.
    private static final String EICAR =
            "X5O!P%@AP[4\\PZX54(P^)7CC)7}".concat("$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");

    private static final int BRACE = EICAR.indexOf('}');

    private static final byte ORDINARY = 0;
    private static final byte NUL = 1;
    private static final byte CONTROL = 2;
    private static final byte LINE_END = 3;
    private static final byte LESS_THAN = 4;
    private static final byte CLOSING_BRACE = 5;
    private static final byte CAPITAL_V = 6;
    /// The first of the three bytes that U+2000–2FFF have in UTF-8.
    private static final byte PUNCTUATION = 7;
    private static final byte TURN = 8;

    /// Fewer are a warning, however small the file is.
    private static final int LEAST_BINARY = 8;
    private static final int ONE_IN = 100;

    private static final byte DOS_END = 0x1a;

    private final Findings findings;
    private final int width;
    private final byte[] kinds = new byte[256];
    private final byte[] text = new byte[BEHIND + AHEAD + Examination.WINDOW];

    /// In `text`: the next one to look at, and the end of what there is.
    private int next = BEHIND;
    private int filled = BEHIND;
    /// Of `text[0]` in the view.
    private long base = -BEHIND;

    private long lineStart;
    private long units;
    private boolean ended;

    Sweep(Units units, Findings findings) {
        this.findings = findings;
        this.width = units.width();
        for (int control = 1; control < ' '; control++) {
            kinds[control] = CONTROL;
        }
        kinds[0x7f] = CONTROL;
        kinds['\t'] = ORDINARY;
        kinds[0] = NUL;
        kinds['\r'] = LINE_END;
        kinds['\n'] = LINE_END;
        kinds['<'] = LESS_THAN;
        kinds['}'] = CLOSING_BRACE;
        kinds['V'] = CAPITAL_V;
        if (units == Units.BYTES) {
            kinds[0xe2] = PUNCTUATION;
        } else {
            kinds[Units.TURNS & 0xff] = TURN;
        }
    }

    /// @param length at most [Examination#WINDOW]
    void over(byte[] view, int length) {
        System.arraycopy(view, 0, text, filled, length);
        filled += length;
        units += length;
        sweep(filled - AHEAD);
        int gone = next - BEHIND;
        System.arraycopy(text, gone, text, 0, filled - gone);
        base += gone;
        next = BEHIND;
        filled -= gone;
    }

    /// Nothing more comes.
    void end() {
        ended = true;
        sweep(filled);
        endLine(base + filled);
        long controls = findings.count(Finding.Kind.CONTROLS);
        if (controls >= LEAST_BINARY && controls >= units / ONE_IN) {
            findings.addAt(
                    Finding.Kind.BINARY,
                    findings.offset(Finding.Kind.CONTROLS),
                    "the file is no text: one of " + ONE_IN
                            + " characters or more is a control character; export the table as CSV and send that;"
                            + " the first is");
        }
    }

    private void sweep(int end) {
        byte[] bytes = text;
        byte[] kind = kinds;
        int i = next;
        for (; i < end; i++) {
            byte what = kind[bytes[i] & 0xff];
            if (what != ORDINARY) {
                look(what, i);
            }
        }
        next = i;
    }

    private void look(byte what, int i) {
        switch (what) {
            case LINE_END -> endLine(base + i);
            case NUL ->
                found(Finding.Kind.NULS, i, "the file has NULs, which no text has; export it again; the first is");
            case CONTROL -> control(i);
            case LESS_THAN -> tag(i);
            case CLOSING_BRACE -> eicar(i - BRACE);
            case CAPITAL_V -> encoded(i);
            case PUNCTUATION -> {
                if (turns(i)) {
                    turn(i);
                }
            }
            case TURN -> turn(i);
            default -> throw new IllegalStateException("no kind of byte: " + what);
        }
    }

    private void found(Finding.Kind kind, int i, String sentence) {
        findings.addAt(kind, (base + i) * width, sentence);
    }

    // ---- Lines and control characters

    private void endLine(long end) {
        if ((end - lineStart) * width > LONGEST_LINE) {
            findings.addAt(
                    Finding.Kind.LONG_LINE,
                    lineStart * width,
                    "a line is longer than 1 MiB, which no row of a table is; it begins");
        }
        lineStart = end + 1;
    }

    private void control(int i) {
        if (text[i] == DOS_END && ended && i == filled - 1) {
            return;
        }
        found(Finding.Kind.CONTROLS, i, "the file has control characters, the first");
    }

    private boolean turns(int i) {
        if (i + 2 >= filled) {
            return false;
        }
        int last = text[i + 2] & 0xff;
        return switch (text[i + 1] & 0xff) {
            case 0x80 -> last >= 0xaa && last <= 0xae;
            case 0x81 -> last >= 0xa6 && last <= 0xa9;
            default -> false;
        };
    }

    private void turn(int i) {
        found(
                Finding.Kind.BIDI,
                i,
                "the file has characters that turn the direction of text, so that a cell may read as another; the first"
                        + " is");
    }

    // ---- Words

    private void tag(int i) {
        if (isTag(i, "<?php")) {
            found(Finding.Kind.SCRIPT, i, "the file has a PHP script in it,");
        } else if (isTag(i, "<script") || isTag(i, "<html")) {
            found(Finding.Kind.MARKUP, i, "a cell has the markup of a web page in it, which stays text here,");
        }
    }

    /// Whether the word stands there, in any case, and no letter follows it.
    private boolean isTag(int i, String word) {
        int end = i + word.length();
        return matches(i, word) && (end >= filled || !Character.isLetterOrDigit(text[end]));
    }

    private boolean matches(int i, String word) {
        if (i + word.length() > filled) {
            return false;
        }
        for (int k = 0; k < word.length(); k++) {
            byte there = text[i + k];
            int lower = there >= 'A' && there <= 'Z' ? there + ('a' - 'A') : there;
            if (lower != word.charAt(k)) {
                return false;
            }
        }
        return true;
    }

    private void eicar(int i) {
        if (i + EICAR.length() > filled) {
            return;
        }
        for (int k = 0; k < EICAR.length(); k++) {
            if (text[i + k] != EICAR.charAt(k)) {
                return;
            }
        }
        found(Finding.Kind.EICAR, i, "the file has the test string of virus scanners (EICAR) in it,");
    }

    /// @param v where a V is, as in `TVqQ` (`MZ` and 0x90 in base64) and `f0VMR` (0x7f and `ELF`)
    private void encoded(int v) {
        int start = text[v - 1] == 'T' ? v - 1 : v - 2;
        if (Base64Program.begins(text, start, filled)) {
            found(Finding.Kind.BASE64_EXECUTABLE, start, "the file has a program in base64 in it,");
        }
    }
}
