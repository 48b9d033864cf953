package dev.sluice.csv;

import dev.sluice.core.StopToken;
import java.io.IOException;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/// The characters of a file from some place on, read in steps of 128 KiB, each of which waits for a decision on
/// whether to stop and tells how far it is. What is no character becomes U+FFFD and is counted. Used by one thread.
final class DecodedFile extends Reader {
    static final Charset WINDOWS = Charset.forName("windows-1252");
    private static final char[] WINDOWS_CHARACTERS = windowsCharacters();

    private static final int STEP = 1 << 17;
    /// After so many broken bytes, with hardly a character beyond ASCII among them, it is no UTF-8.
    private static final long ENOUGH = 1000;

    private final FileChannel channel;
    private final StopToken stop;
    private final LongConsumer bytesRead;
    private final boolean undecided;
    private final boolean refuseNuls;
    private final ByteBuffer bytes = ByteBuffer.allocate(STEP).limit(0);
    private CharsetDecoder decoder;
    private boolean utf8;
    private long position;
    private boolean ended;

    private long invalid;
    private long undefined;
    private long firstInvalid = -1;
    private long excess;

    /// A byte of zero in what should be text.
    static final class NulFound extends IOException {
        private static final long serialVersionUID = 1L;

        final long offset;

        NulFound(long offset) {
            super("a NUL at byte " + offset);
            this.offset = offset;
        }
    }

    /// @param undecided whether it is read as UTF-8 only to see whether it is
    /// @param refuseNuls whether a NUL is thrown as [NulFound]
    DecodedFile(
            Path file,
            long offset,
            Charset charset,
            boolean undecided,
            boolean refuseNuls,
            StopToken stop,
            LongConsumer bytesRead)
            throws IOException {
        channel = FileChannel.open(file);
        position = offset;
        this.undecided = undecided;
        this.refuseNuls = refuseNuls && !charset.name().startsWith("UTF-16");
        this.stop = stop;
        this.bytesRead = bytesRead;
        decoder = decoder(charset);
        utf8 = charset.equals(StandardCharsets.UTF_8);
    }

    private static CharsetDecoder decoder(Charset charset) {
        return charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    @Override
    public int read(char[] text, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        CharBuffer out = CharBuffer.wrap(text, offset, length);
        while (true) {
            int before = bytes.position();
            if (utf8) {
                Utf8.decode(bytes, out);
            }
            CoderResult result = out.position() > offset ? CoderResult.OVERFLOW : decoder.decode(bytes, out, ended);
            int read = out.position() - offset;
            excess += bytes.position() - before - read;
            if (read > 0) {
                return read;
            }
            if (result.isError()) {
                text[offset] = broken(result);
                return 1;
            }
            if (result.isUnderflow()) {
                if (ended) {
                    return -1;
                }
                fill();
            }
        }
    }

    private void fill() throws IOException {
        stop.awaitDecision();
        bytes.compact();
        int from = bytes.position();
        while (bytes.hasRemaining()) {
            int read = channel.read(bytes, position);
            if (read < 0) {
                ended = true;
                break;
            }
            position += read;
        }
        if (refuseNuls) {
            refuseNuls(from, bytes.position());
        }
        bytes.flip();
        bytesRead.accept(position);
    }

    private void refuseNuls(int from, int to) throws NulFound {
        ByteBuffer words = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).limit(bytes.capacity());
        int at = from;
        for (; at + Long.BYTES <= to; at += Long.BYTES) {
            long word = words.getLong(at);
            if (((word - 0x0101_0101_0101_0101L) & ~word & 0x8080_8080_8080_8080L) != 0) {
                break;
            }
        }
        for (; at < to; at++) {
            if (bytes.get(at) == 0) {
                throw new NulFound(position - (to - at));
            }
        }
    }

    /// @return what stands in its place: as long as it is undecided, what it is in Windows-1252, so that amounts with a
    ///     euro sign or an unbreakable space are seen to be amounts
    private char broken(CoderResult result) {
        if (firstInvalid < 0) {
            firstInvalid = position - bytes.remaining();
        }
        int at = bytes.position();
        int length = undecided ? 1 : result.length();
        char instead = undecided ? WINDOWS_CHARACTERS[bytes.get(at) & 0xff] : '\ufffd';
        for (int i = at; i < at + length; i++) {
            invalid++;
            int b = bytes.get(i) & 0xff;
            if (b == 0x81 || b == 0x8d || b == 0x8f || b == 0x90 || b == 0x9d) {
                undefined++;
            }
        }
        bytes.position(at + length);
        if (undecided && invalid >= ENOUGH && !mostlyUtf8() && utf8) {
            decoder = decoder(WINDOWS);
            utf8 = false;
        }
        return instead;
    }

    private static char[] windowsCharacters() {
        var all = new byte[1 << Byte.SIZE];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        return new String(all, WINDOWS).toCharArray();
    }

    private boolean mostlyUtf8() {
        return excess > 10 * invalid;
    }

    /// Whether it has shown to be UTF-8, or to be so but for a few broken bytes.
    boolean isUtf8() {
        return utf8 && (invalid == 0 || mostlyUtf8());
    }

    /// How many bytes are no characters.
    long invalid() {
        return invalid;
    }

    /// How many of them are no characters in Windows-1252 either.
    long undefined() {
        return undefined;
    }

    /// Where the first of them is, in bytes; negative: nowhere.
    long firstInvalid() {
        return firstInvalid;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
