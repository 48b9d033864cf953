package dev.sluice.csv;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/// Where the lines of a file begin, for those few that are asked for: looks through it from the last one on, and from
/// the beginning where an earlier one is wanted. Lines end with `\n`, `\r\n` or `\r`. Used by one thread.
final class Lines implements AutoCloseable {
    private static final int STEP = 1 << 16;
    private static final int NOTHING = -1;

    private final FileChannel channel;
    private final Encoding encoding;
    private final int unit;
    private final ByteBuffer bytes = ByteBuffer.allocate(STEP).limit(0);
    private long bytesAt;
    private long line = 1;
    private long offset;

    Lines(Path file, Encoding encoding) throws IOException {
        channel = FileChannel.open(file);
        this.encoding = encoding;
        this.unit = encoding.unit();
        this.offset = encoding.bom();
    }

    /// Where a line begins, in bytes; the end of the file where there is no such line.
    long offset(long wanted) throws IOException {
        if (wanted < line) {
            rewind();
        }
        while (line < wanted && skipLine()) {}
        return offset;
    }

    /// In which line a byte is.
    long at(long place) throws IOException {
        if (place < offset) {
            rewind();
        }
        while (true) {
            long before = offset;
            if (!skipLine() || offset > place) {
                long found = offset > place ? line - 1 : line;
                line = found;
                offset = before;
                return found;
            }
        }
    }

    /// So many lines as they stand in the file, without the last one's end.
    String text(long first, int lines) throws IOException {
        long from = offset(first);
        long to = endOfLine(offset(first + lines - 1));
        offset(first);
        ByteBuffer text = ByteBuffer.allocate((int) Math.min(to - from, 4L * CsvRow.LONGEST));
        while (text.hasRemaining() && channel.read(text, from + text.position()) >= 0) {}
        return encoding.charset().decode(text.flip()).toString();
    }

    private void rewind() {
        line = 1;
        offset = encoding.bom();
    }

    private boolean skipLine() throws IOException {
        long end = endOfLine(offset);
        int ending = unit(end);
        if (ending == NOTHING) {
            return false;
        }
        long next = end + unit;
        if (ending == '\r' && unit(next) == '\n') {
            next += unit;
        }
        offset = next;
        line++;
        return true;
    }

    private long endOfLine(long from) throws IOException {
        long at = from;
        int c = unit(at);
        while (c != NOTHING && c != '\n' && c != '\r') {
            at += unit;
            c = unit(at);
        }
        return at;
    }

    private int unit(long at) throws IOException {
        int place = (int) (at - bytesAt);
        if (at < bytesAt || at + unit > bytesAt + bytes.limit()) {
            bytes.clear();
            while (bytes.hasRemaining() && channel.read(bytes, at + bytes.position()) >= 0) {}
            bytes.flip();
            bytesAt = at;
            place = 0;
            if (bytes.limit() < unit) {
                return NOTHING;
            }
        }
        if (unit == 1) {
            return bytes.get(place) & 0xff;
        }
        int first = bytes.get(place) & 0xff;
        int second = bytes.get(place + 1) & 0xff;
        return encoding.bigEndian() ? first << 8 | second : second << 8 | first;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
