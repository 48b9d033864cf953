package dev.sluice.download;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// The processes that have a word in their environment, which all that they start inherit (proc_pid_environ(5)).
/// Elsewhere than on Linux none is found.
final class Marked {
    static final String VARIABLE = "SLUICE_WORK";

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int LONGEST = 1 << 17;

    private Marked() {}

    static List<ProcessHandle> living(String mark) {
        byte[] wanted = (VARIABLE + "=" + mark).getBytes(StandardCharsets.UTF_8);
        return ProcessHandle.allProcesses()
                .filter(process -> hasIn(environment(process.pid()), wanted))
                .toList();
    }

    /// Kills them, and what they start meanwhile, until there are none.
    ///
    /// @throws IOException where there still are some
    static void kill(String mark) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        List<ProcessHandle> found = living(mark);
        while (!found.isEmpty()) {
            // A handle knows when its process began: a number that was given anew meanwhile is not meant.
            found.forEach(ProcessHandle::destroyForcibly);
            if (System.nanoTime() > deadline) {
                throw new IOException("processes that were killed are still there: " + found);
            }
            rest();
            found = living(mark);
        }
    }

    private static void rest() throws IOException {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while processes end", e);
        }
    }

    private static byte[] environment(long pid) {
        try (InputStream in = Files.newInputStream(Path.of("/proc/" + pid + "/environ"))) {
            return in.readNBytes(LONGEST);
        } catch (IOException e) {
            // Gone, or somebody else's.
            return new byte[0];
        }
    }

    private static boolean hasIn(byte[] environment, byte[] wanted) {
        int begin = 0;
        for (int at = 0; at <= environment.length; at++) {
            if (at == environment.length || environment[at] == 0) {
                if (Arrays.equals(environment, begin, at, wanted, 0, wanted.length)) {
                    return true;
                }
                begin = at + 1;
            }
        }
        return false;
    }
}
