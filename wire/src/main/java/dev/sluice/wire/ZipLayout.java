package dev.sluice.wire;

import dev.sluice.storage.SafeName;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Every byte of a ZIP archive whose entries are stored uncompressed, known before the first one is read: its
/// length, its entity tag, and what any range of it consists of (PKWARE APPNOTE 6.3.10).
///
/// Sizes and CRC-32 stand in the local headers, so there are no data descriptors; Zip64 is used where an entry,
/// an offset or the number of entries asks for it. Names are [sanitized][SafeName] and UTF-8; equal ones,
/// whatever their case, are numbered: `a.txt`, `a (2).txt`. Times are UTC, also as the extended timestamp.
/// Immutable.
public final class ZipLayout {
    private static final long MAX_32 = 0xffff_ffffL;
    private static final int MAX_16 = 0xffff;
    private static final int LOCAL_HEADER = 30;
    private static final int CENTRAL_HEADER = 46;
    private static final int ZIP64_LOCAL = 20;
    private static final int TIMESTAMP = 9;
    private static final int END = 22;
    private static final int ZIP64_END = 56 + 20;
    private static final int UTF_8_FLAG = 1 << 11;
    private static final Instant EARLIEST = Instant.parse("1980-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("2107-12-31T23:59:58Z");

    /// A file of the archive.
    ///
    /// @param crc32 unsigned, as [java.util.zip.CRC32] tells it
    public record Entry(String name, long size, long crc32, Instant modified) {
        public Entry {
            if (size < 0 || crc32 < 0 || crc32 > MAX_32) {
                throw new IllegalArgumentException("no ZIP entry has size " + size + " and CRC-32 " + crc32);
            }
        }
    }

    /// A run of bytes of the archive.
    public sealed interface Segment {
        /// Bytes of the archive's own.
        @SuppressWarnings("ArrayRecordComponent") // handed on to a socket, never compared
        record Bytes(byte[] bytes) implements Segment {}

        /// `length` bytes of the content of entry `index`, from its byte `offset` on.
        record Content(int index, long offset, long length) implements Segment {}
    }

    private final List<Entry> entries;
    private final List<byte[]> names;
    private final long[] localAt;
    private final long[] centralAt;
    private final long endAt;
    private final boolean zip64;
    private final long length;
    private final String etag;

    public ZipLayout(List<Entry> entries) {
        this.entries = List.copyOf(entries);
        this.names = numbered(this.entries);
        int count = this.entries.size();
        localAt = new long[count + 1];
        for (int i = 0; i < count; i++) {
            localAt[i + 1] = Math.addExact(
                    localAt[i], localLength(i) + this.entries.get(i).size());
        }
        centralAt = new long[count + 1];
        centralAt[0] = localAt[count];
        for (int i = 0; i < count; i++) {
            centralAt[i + 1] = centralAt[i] + centralLength(i);
        }
        endAt = centralAt[count];
        zip64 = count >= MAX_16 || centralAt[0] >= MAX_32 || endAt - centralAt[0] >= MAX_32;
        length = endAt + END + (zip64 ? ZIP64_END : 0);
        etag = digest();
    }

    /// Bytes of the whole archive.
    public long length() {
        return length;
    }

    /// A strong entity tag with its quotes: the same for the same names, sizes, checksums and times in the same
    /// order.
    public String etag() {
        return etag;
    }

    /// The name of an entry in the archive.
    public String name(int index) {
        return new String(names.get(index), StandardCharsets.UTF_8);
    }

    /// The whole archive.
    public List<Segment> segments() {
        return segments(0, length);
    }

    /// What the archive's bytes from `first` on consist of, in their order; no segment is empty.
    ///
    /// @throws IllegalArgumentException where the range is not within the archive
    public List<Segment> segments(long first, long count) {
        if (first < 0 || count < 0 || first > length - count) {
            throw new IllegalArgumentException("no range of " + length + " bytes: " + first + " + " + count);
        }
        var found = new ArrayList<Segment>();
        long until = first + count;
        for (int i = indexOf(localAt, first); i < entries.size() && localAt[i] < until; i++) {
            long contentAt = localAt[i] + localLength(i);
            if (first < contentAt) {
                cut(local(i), localAt[i], first, until, found);
            }
            long from = Math.max(first, contentAt);
            long to = Math.min(until, localAt[i + 1]);
            if (from < to) {
                found.add(new Segment.Content(i, from - contentAt, to - from));
            }
        }
        for (int i = indexOf(centralAt, first); i < entries.size() && centralAt[i] < until; i++) {
            cut(central(i), centralAt[i], first, until, found);
        }
        if (until > endAt) {
            cut(end(), endAt, first, until, found);
        }
        return found;
    }

    private static int indexOf(long[] starts, long position) {
        int at = Arrays.binarySearch(starts, position);
        return at >= 0 ? at : Math.max(0, -at - 2);
    }

    private static void cut(byte[] record, long at, long first, long until, List<Segment> found) {
        int from = Math.clamp(first - at, 0, record.length);
        int to = Math.clamp(until - at, 0, record.length);
        if (from < to) {
            found.add(new Segment.Bytes(Arrays.copyOfRange(record, from, to)));
        }
    }

    private boolean isLarge(int i) {
        return entries.get(i).size() >= MAX_32;
    }

    private boolean isFar(int i) {
        return localAt[i] >= MAX_32;
    }

    private boolean hasTimestamp(int i) {
        long seconds = entries.get(i).modified().getEpochSecond();
        return seconds == (int) seconds;
    }

    private int localLength(int i) {
        return LOCAL_HEADER + names.get(i).length + localExtra(i);
    }

    private int localExtra(int i) {
        return (isLarge(i) ? ZIP64_LOCAL : 0) + (hasTimestamp(i) ? TIMESTAMP : 0);
    }

    private int centralLength(int i) {
        return CENTRAL_HEADER + names.get(i).length + centralExtra(i);
    }

    private int centralZip64(int i) {
        return (isLarge(i) ? 16 : 0) + (isFar(i) ? 8 : 0);
    }

    private int centralExtra(int i) {
        int wide = centralZip64(i);
        return (wide > 0 ? 4 + wide : 0) + (hasTimestamp(i) ? TIMESTAMP : 0);
    }

    private byte[] local(int i) {
        var record = new byte[localLength(i)];
        ByteBuffer out = over(record);
        out.putInt(0x04034b50).putShort(version(isLarge(i)));
        common(out, i);
        out.putShort((short) names.get(i).length).putShort((short) localExtra(i));
        out.put(names.get(i));
        if (isLarge(i)) {
            out.putShort((short) 1).putShort((short) 16);
            out.putLong(entries.get(i).size()).putLong(entries.get(i).size());
        }
        timestamp(out, i);
        return record;
    }

    private byte[] central(int i) {
        boolean wide = centralZip64(i) > 0;
        var record = new byte[centralLength(i)];
        ByteBuffer out = over(record);
        out.putInt(0x02014b50).putShort((short) (3 << 8 | 45)).putShort(version(wide));
        common(out, i);
        out.putShort((short) names.get(i).length).putShort((short) centralExtra(i));
        out.putShort((short) 0).putShort((short) 0).putShort((short) 0);
        out.putInt(0100644 << 16);
        out.putInt((int) Math.min(localAt[i], MAX_32));
        out.put(names.get(i));
        if (wide) {
            out.putShort((short) 1).putShort((short) centralZip64(i));
            if (isLarge(i)) {
                out.putLong(entries.get(i).size()).putLong(entries.get(i).size());
            }
            if (isFar(i)) {
                out.putLong(localAt[i]);
            }
        }
        timestamp(out, i);
        return record;
    }

    /// What local and central headers share, from the flags to the sizes.
    private void common(ByteBuffer out, int i) {
        Entry entry = entries.get(i);
        int size = (int) Math.min(entry.size(), MAX_32);
        LocalDateTime at = LocalDateTime.ofInstant(clamped(entry.modified()), ZoneOffset.UTC);
        int date = (at.getYear() - 1980) << 9 | at.getMonthValue() << 5 | at.getDayOfMonth();
        int time = at.getHour() << 11 | at.getMinute() << 5 | at.getSecond() / 2;
        out.putShort((short) UTF_8_FLAG).putShort((short) 0);
        out.putShort((short) time).putShort((short) date);
        out.putInt((int) entry.crc32()).putInt(size).putInt(size);
    }

    private static Instant clamped(Instant at) {
        return at.isBefore(EARLIEST) ? EARLIEST : at.isAfter(LATEST) ? LATEST : at;
    }

    private void timestamp(ByteBuffer out, int i) {
        if (hasTimestamp(i)) {
            out.putShort((short) 0x5455).putShort((short) 5).put((byte) 1);
            out.putInt((int) entries.get(i).modified().getEpochSecond());
        }
    }

    private byte[] end() {
        int count = entries.size();
        long centralLength = endAt - centralAt[0];
        var record = new byte[(int) (length - endAt)];
        ByteBuffer out = over(record);
        if (zip64) {
            out.putInt(0x06064b50).putLong(44).putShort((short) (3 << 8 | 45)).putShort((short) 45);
            out.putInt(0).putInt(0).putLong(count).putLong(count);
            out.putLong(centralLength).putLong(centralAt[0]);
            out.putInt(0x07064b50).putInt(0).putLong(endAt).putInt(1);
        }
        short few = (short) Math.min(count, MAX_16);
        out.putInt(0x06054b50)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort(few)
                .putShort(few);
        out.putInt((int) Math.min(centralLength, MAX_32)).putInt((int) Math.min(centralAt[0], MAX_32));
        out.putShort((short) 0);
        return record;
    }

    private static short version(boolean wide) {
        return (short) (wide ? 45 : 20);
    }

    private static ByteBuffer over(byte[] record) {
        return ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
    }

    private String digest() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (int i = 0; i < entries.size(); i++) {
                digest.update(central(i));
            }
            digest.update(end());
            return "\"zip-" + HexFormat.of().formatHex(digest.digest(), 0, 16) + "\"";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /// The names as they stand in the archive, none twice.
    private static List<byte[]> numbered(List<Entry> entries) {
        Set<String> taken = new HashSet<>();
        Map<String, Integer> last = new HashMap<>();
        var names = new ArrayList<byte[]>(entries.size());
        for (Entry entry : entries) {
            String name = SafeName.of(entry.name());
            String numbered = name;
            while (!taken.add(folded(numbered))) {
                numbered = number(name, last.merge(folded(name), 2, (before, first) -> before + 1));
            }
            names.add(numbered.getBytes(StandardCharsets.UTF_8));
        }
        return names;
    }

    private static String number(String name, int number) {
        int dot = name.lastIndexOf('.');
        return dot > 0
                ? name.substring(0, dot) + " (" + number + ")" + name.substring(dot)
                : name + " (" + number + ")";
    }

    private static String folded(String name) {
        return name.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    }
}
