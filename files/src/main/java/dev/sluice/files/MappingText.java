package dev.sluice.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/// The characters of a mapping file, without its byte order mark. The first bytes that are not UTF-8 end it with a
/// problem that says where they stand.
final class MappingText extends Reader {
    private static final char BYTE_ORDER_MARK = '\ufeff';

    private final InputStream in;
    private final Mapping mapping;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    private final ByteBuffer bytes = ByteBuffer.allocate(1 << 16).flip();
    private final CharBuffer chars = CharBuffer.allocate(1 << 16).flip();
    private boolean begun;
    private boolean ended;
    private long line = 1;
    private long column = 1;
    private char last;

    MappingText(InputStream in, Mapping mapping) {
        this.in = in;
        this.mapping = mapping;
    }

    @Override
    public int read(char[] target, int offset, int length) throws IOException {
        while (!chars.hasRemaining()) {
            if (ended) {
                return -1;
            }
            decode();
        }
        int count = Math.min(length, chars.remaining());
        chars.get(target, offset, count);
        return count;
    }

    private void decode() throws IOException {
        bytes.compact();
        int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
        bytes.position(bytes.position() + Math.max(0, count)).flip();
        chars.clear();
        CoderResult result = decoder.decode(bytes, chars, count < 0);
        ended = count < 0 && result.isUnderflow();
        chars.flip();
        if (!begun && chars.hasRemaining()) {
            begun = true;
            if (chars.get(chars.position()) == BYTE_ORDER_MARK) {
                chars.get();
            }
        }
        for (int i = chars.position(); i < chars.limit(); i++) {
            pass(chars.get(i));
        }
        if (result.isError()) {
            throw mapping.wrong(line, column, "this is not UTF-8; save the file as UTF-8");
        }
    }

    private void pass(char c) {
        if (c == '\r' || (c == '\n' && last != '\r')) {
            line++;
            column = 1;
        } else if (c != '\n') {
            column++;
        }
        last = c;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
