package dev.sluice.scan;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Has clamd look at files, by its command `INSTREAM` (clamd(8)). Immutable, for use by many threads.
///
/// It is clean only if clamd says so with the whole file in its hands, and the file is within the limits above which it
/// says so unseen. Each command has a connection of its own; a stop closes it at once.
final class Clamd {
    private static final int CHUNK = 256 << 10;
    private static final int LENGTH = Integer.BYTES;

    /// `ClamAV 1.4.3/27500/Wed Jan  1 08:00:00 2025`; without a database of ClamAV's own it ends before the first
    /// slash.
    private static final Pattern VERSION = Pattern.compile("(ClamAV [^/]{1,60})(?:/(.{1,100}))?");

    private final ClamdAddress address;
    private final ScanSettings settings;

    Clamd(ClamdAddress address, ScanSettings settings) {
        this.address = address;
        this.settings = settings;
    }

    /// @param sent told how many bytes clamd has taken
    /// @throws IOException where the file cannot be read, or is not any more what has been examined
    Verdict scan(Path file, Examined seen, StopToken stop, LongConsumer sent) throws IOException {
        if (seen.size() > settings.streamLimit()) {
            return not(
                    Verdict.Reason.OVER_LIMIT,
                    "the file has " + seen.size() + " bytes, and clamd is only trusted with " + settings.streamLimit()
                            + "; where its own limits are higher, say so in the configuration",
                    seen);
        }
        try (var bytes = FileChannel.open(file, StandardOpenOption.READ)) {
            if (bytes.size() != seen.size()) {
                throw changed(file);
            }
            return asked(file, bytes, seen, stop, sent);
        } catch (IOException e) {
            stop.check();
            throw e;
        }
    }

    private Verdict asked(Path file, FileChannel bytes, Examined seen, StopToken stop, LongConsumer sent)
            throws IOException {
        try {
            Version version = version(stop);
            try (var connection = connect(stop)) {
                boolean whole = stream(connection, file, bytes, seen.size(), sent);
                byte[] said = connection.reply(whole ? settings.answer() : settings.connect());
                return verdict(ClamdReply.of(said, whole), version, seen);
            }
        } catch (ClamdException e) {
            stop.check();
            return not(e.reason(), "clamd at " + address + " " + e.getMessage(), seen);
        }
    }

    private Verdict verdict(ClamdReply reply, Version version, Examined seen) {
        return switch (reply) {
            case ClamdReply.Ok ok ->
                new Verdict.Clean(version.engine(), version.database(), seen.sha256(), seen.findings());
            case ClamdReply.Found found ->
                new Verdict.Infected(version.engine(), found.signature(), seen.sha256(), seen.findings());
            case ClamdReply.Unusable unusable ->
                not(unusable.reason(), "clamd at " + address + " " + unusable.what(), seen);
        };
    }

    private static Verdict not(Verdict.Reason reason, String sentence, Examined seen) {
        return new Verdict.NotScanned(
                reason, sentence + "; no virus scanner has looked at the file", seen.sha256(), seen.findings());
    }

    // ---- Commands

    private record Version(String engine, String database) {}

    /// What it says it is.
    ///
    /// @throws ProblemException `scanner_unavailable` where it does not
    String introduction(StopToken stop) {
        try {
            Version version = version(stop);
            return version.engine() + ", database " + version.database() + ", at " + address;
        } catch (ClamdException e) {
            throw new ProblemException(ErrorCode.SCANNER_UNAVAILABLE, "clamd at " + address + " " + e.getMessage(), e);
        }
    }

    private Version version(StopToken stop) throws ClamdException {
        byte[] said;
        try (var connection = connect(stop)) {
            connection.send(ByteBuffer.wrap("zVERSION\0".getBytes(US_ASCII)));
            said = connection.reply(settings.stall());
        }
        if (said.length == 0) {
            throw new ClamdException(Verdict.Reason.EMPTY, "ended without telling its version", null);
        }
        String line = ClamdReply.line(said);
        Matcher parts = VERSION.matcher(line);
        if (!parts.matches()) {
            throw new ClamdException(
                    Verdict.Reason.NONSENSE, "told no version but: " + ClamdReply.printable(line), null);
        }
        String database = Optional.ofNullable(parts.group(2)).orElse(Verdict.Clean.UNKNOWN);
        return new Version(parts.group(1), ClamdReply.printable(database));
    }

    private ClamdConnection connect(StopToken stop) throws ClamdException {
        return ClamdConnection.open(address, settings.connect(), settings.stall(), stop);
    }

    /// @return whether clamd has taken everything; where it has not, it has answered or gone
    private static boolean stream(
            ClamdConnection connection, Path file, FileChannel bytes, long size, LongConsumer sent)
            throws IOException, ClamdException {
        if (!connection.send(ByteBuffer.wrap("zINSTREAM\0".getBytes(US_ASCII)))) {
            return false;
        }
        var chunk = ByteBuffer.allocate(LENGTH + CHUNK);
        for (long at = 0; at < size; ) {
            chunk.clear().position(LENGTH).limit(LENGTH + (int) Math.min(CHUNK, size - at));
            if (bytes.read(chunk) < 0) {
                throw changed(file);
            }
            int length = chunk.position() - LENGTH;
            chunk.flip().putInt(0, length);
            if (!connection.send(chunk)) {
                return false;
            }
            at += length;
            sent.accept(at);
        }
        return connection.send(ByteBuffer.allocate(LENGTH));
    }

    private static IOException changed(Path file) {
        return new EOFException(file + " has changed while it was scanned");
    }
}
