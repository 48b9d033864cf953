package dev.sluice.csv;

import java.util.Arrays;

/// One record, all of whose fields lie one behind the other in one array. The reader fills the same one again and
/// again: what is to be kept of it is copied out. Used by one thread.
public final class CsvRow {
    /// Of all fields together, in characters.
    static final int LONGEST = 1 << 20;
    static final int LONGEST_FIELD = 1 << 16;
    static final int MOST_FIELDS = 256;

    private char[] text = new char[1024];
    private int[] ends = new int[32];
    private int size;
    private long line;
    private int lineBreaks;
    private boolean afterBlank;

    void begin(long line) {
        this.line = line;
        size = 0;
        lineBreaks = 0;
    }

    void add(char[] from, int offset, int length) {
        int start = size == 0 ? 0 : ends[size - 1];
        if (start + length > text.length) {
            text = Arrays.copyOf(text, Math.max(2 * text.length, start + length));
        }
        if (size == ends.length) {
            ends = Arrays.copyOf(ends, 2 * size);
        }
        System.arraycopy(from, offset, text, start, length);
        ends[size++] = start + length;
    }

    void addBreaks(int more) {
        lineBreaks += more;
    }

    void afterBlank(boolean is) {
        afterBlank = is;
    }

    /// Whether an empty line stands above.
    boolean afterBlank() {
        return afterBlank;
    }

    /// Line breaks within its fields.
    int lineBreaks() {
        return lineBreaks;
    }

    int length() {
        return size == 0 ? 0 : ends[size - 1];
    }

    /// Whether there is nothing in any of its fields but spaces.
    boolean blank() {
        int end = length();
        for (int i = 0; i < end; i++) {
            if (!Blank.is(text[i])) {
                return false;
            }
        }
        return true;
    }

    /// In which line it begins, from 1.
    public long line() {
        return line;
    }

    /// How many fields it has.
    public int size() {
        return size;
    }

    /// Where the fields lie: from [#from] to before [#to].
    public char[] chars() {
        return text;
    }

    /// Where a field begins, spaces at its beginning left out.
    public int from(int field) {
        int at = field == 0 ? 0 : ends[field - 1];
        int end = ends[field];
        while (at < end && Blank.is(text[at])) {
            at++;
        }
        return at;
    }

    /// Where a field ends, spaces at its end left out; not before [#from].
    public int to(int field) {
        int start = field == 0 ? 0 : ends[field - 1];
        int end = ends[field];
        while (end > start && Blank.is(text[end - 1])) {
            end--;
        }
        return end == start ? from(field) : end;
    }

    /// Whether there is nothing in a field but spaces, or no such field.
    public boolean blank(int field) {
        return field >= size || from(field) == to(field);
    }

    /// A field without the spaces around it.
    public String text(int field) {
        int from = from(field);
        return new String(text, from, to(field) - from);
    }

    /// A field as it stands in the file, without its quotes.
    public String field(int field) {
        int start = field == 0 ? 0 : ends[field - 1];
        return new String(text, start, ends[field] - start);
    }
}
