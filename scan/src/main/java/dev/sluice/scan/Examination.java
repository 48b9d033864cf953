package dev.sluice.scan;

import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.LongConsumer;

/// One pass over a file, 1 MiB at a time: its digest, and the built-in checks.
final class Examination {
    static final int WINDOW = 1 << 20;

    private Examination() {}

    /// @param charset in which the file is read, once it is taken in
    static Examined of(Path file, Charset charset, StopToken stop, LongConsumer bytesDone) throws IOException {
        MessageDigest digest = sha256();
        var findings = new Findings();
        var window = new byte[WINDOW];
        long size = 0;
        stop.awaitDecision();
        try (var bytes = FileChannel.open(file, StandardOpenOption.READ)) {
            int length = fill(bytes, window);
            Units units = Units.of(charset, window, length);
            byte[] view = units.room(window);
            var sweep = new Sweep(units, findings);
            Opening.of(window, length).ifPresent(findings::add);
            boolean first = true;
            while (length > 0) {
                digest.update(window, 0, length);
                int count = units.view(window, length, view);
                if (first) {
                    Opening.ofText(view, count, units).ifPresent(findings::add);
                    first = false;
                }
                sweep.over(view, count);
                size += length;
                bytesDone.accept(size);
                stop.awaitDecision();
                length = fill(bytes, window);
            }
            sweep.end();
        } catch (IOException e) {
            stop.check();
            throw e;
        }
        return new Examined(size, HexFormat.of().formatHex(digest.digest()), findings.list());
    }

    /// Fills the window, but for the end of the file.
    private static int fill(FileChannel bytes, byte[] window) throws IOException {
        var room = ByteBuffer.wrap(window);
        while (room.hasRemaining() && bytes.read(room) >= 0) {}
        return room.position();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
