package dev.sluice.csv;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The first bytes of a file, by which its encoding is chosen for now, and its dialect found.
///
/// @param undecided whether it is UTF-8 only until something in the file says otherwise
/// @param whole whether this is all of the file
/// @param text without a byte order mark
record Head(long size, Encoding encoding, boolean undecided, boolean whole, String text) {
    private static final int LENGTH = 1 << 18;
    private static final int LONGEST_CHARACTER = 4;

    static Head read(Path file, @Nullable Charset told) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
        long size;
        try (var channel = FileChannel.open(file)) {
            size = channel.size();
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
        }
        bytes.flip();
        boolean whole = bytes.limit() >= size;
        Encoding encoding = encoding(bytes, told);
        boolean undecided = encoding.bom() == 0 && encoding.assumed();
        ByteBuffer text = bytes.position(encoding.bom()).slice();
        if (!undecided) {
            return new Head(
                    size,
                    encoding,
                    false,
                    whole,
                    encoding.charset().decode(text).toString());
        }
        try {
            int cut = whole ? text.limit() : wholeCharacters(text);
            String utf8 = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(text.slice(0, cut))
                    .toString();
            return new Head(size, encoding, true, whole, utf8);
        } catch (CharacterCodingException e) {
            return new Head(
                    size,
                    encoding,
                    true,
                    whole,
                    DecodedFile.WINDOWS.decode(text).toString());
        }
    }

    private static int wholeCharacters(ByteBuffer text) {
        int at = text.limit() - 1;
        while (at > text.limit() - LONGEST_CHARACTER && at > 0 && (text.get(at) & 0xc0) == 0x80) {
            at--;
        }
        return (text.get(at) & 0x80) == 0 ? text.limit() : at;
    }

    private static Encoding encoding(ByteBuffer bytes, @Nullable Charset told) {
        Encoding marked = marked(bytes);
        if (told != null) {
            return new Encoding(told, marked != null && marked.charset().equals(told) ? marked.bom() : 0, false);
        }
        if (marked != null) {
            return marked;
        }
        int even = 0;
        int odd = 0;
        int looked = Math.min(bytes.limit(), 4096) & ~1;
        for (int i = 0; i < looked; i += 2) {
            even += bytes.get(i) == 0 ? 1 : 0;
            odd += bytes.get(i + 1) == 0 ? 1 : 0;
        }
        int enough = looked / 2 * 2 / 5;
        if (looked >= 4 && odd > enough && even <= looked / 40) {
            return new Encoding(StandardCharsets.UTF_16LE, 0, false);
        }
        if (looked >= 4 && even > enough && odd <= looked / 40) {
            return new Encoding(StandardCharsets.UTF_16BE, 0, false);
        }
        return new Encoding(StandardCharsets.UTF_8, 0, true);
    }

    private static @Nullable Encoding marked(ByteBuffer bytes) {
        int first = bytes.limit() > 0 ? bytes.get(0) & 0xff : 0;
        int second = bytes.limit() > 1 ? bytes.get(1) & 0xff : 0;
        if (first == 0xff && second == 0xfe) {
            return new Encoding(StandardCharsets.UTF_16LE, 2, false);
        }
        if (first == 0xfe && second == 0xff) {
            return new Encoding(StandardCharsets.UTF_16BE, 2, false);
        }
        boolean utf8 = first == 0xef && second == 0xbb && bytes.limit() > 2 && (bytes.get(2) & 0xff) == 0xbf;
        return utf8 ? new Encoding(StandardCharsets.UTF_8, 3, false) : null;
    }
}
