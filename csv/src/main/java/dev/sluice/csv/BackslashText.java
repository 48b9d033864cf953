package dev.sluice.csv;

import java.io.IOException;
import java.io.Reader;

/// Text in which a quote after a backslash is doubled instead, and of two backslashes one is left: what was written as
/// `\"` can be read as `""`. Used by one thread.
final class BackslashText extends Reader {
    private final Reader text;
    private final char quote;
    private final char[] read = new char[8192];
    private int at;
    private int end;

    BackslashText(Reader text, char quote) {
        this.text = text;
        this.quote = quote;
    }

    @Override
    public int read(char[] into, int offset, int length) throws IOException {
        int to = offset;
        while (to < offset + length) {
            if (at == end && !fill()) {
                break;
            }
            char c = read[at];
            if (c == '\\') {
                if (at + 1 == end) {
                    if (to > offset) {
                        break;
                    }
                    more();
                }
                if (at + 1 < end && read[at + 1] == quote) {
                    c = quote;
                } else if (at + 1 < end && read[at + 1] == '\\') {
                    at++;
                }
                if (c == quote && to + 1 == offset + length) {
                    break;
                }
                if (c == quote) {
                    into[to++] = quote;
                    at++;
                }
            }
            into[to++] = c;
            at++;
        }
        return to > offset ? to - offset : -1;
    }

    private boolean fill() throws IOException {
        int more = text.read(read, 0, read.length);
        at = 0;
        end = Math.max(more, 0);
        return more > 0;
    }

    /// Reads on behind the one character that is left.
    private void more() throws IOException {
        read[0] = read[at];
        int more = text.read(read, 1, read.length - 1);
        at = 0;
        end = 1 + Math.max(more, 0);
    }

    @Override
    public void close() throws IOException {
        text.close();
    }
}
