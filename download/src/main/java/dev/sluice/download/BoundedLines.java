package dev.sluice.download;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/// What another program writes, line by line; of lines that are too long only the beginning is kept.
record BoundedLines(InputStream in, int longest) {
    /// Gives on each until there are no more, or `wantsMore` says so.
    ///
    /// @return whether it was the program that had no more
    boolean forEach(Predicate<String> wantsMore) throws IOException {
        var line = new ByteArrayOutputStream();
        var buffer = new byte[8192];
        int count;
        while ((count = in.read(buffer)) >= 0) {
            for (int i = 0; i < count; i++) {
                if (buffer[i] == '\n') {
                    if (!wantsMore.test(line.toString(StandardCharsets.UTF_8))) {
                        return false;
                    }
                    line.reset();
                } else if (line.size() < longest) {
                    line.write(buffer[i]);
                }
            }
        }
        return line.size() == 0 || wantsMore.test(line.toString(StandardCharsets.UTF_8));
    }
}
