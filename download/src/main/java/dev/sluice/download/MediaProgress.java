package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Meter;
import dev.sluice.core.ProblemException;
import java.util.HashMap;
import java.util.Map;

/// How far yt-dlp is, counted through all the files that it fetches for one: picture, sound. What it estimates of a
/// stream moves; how far the job is never goes back by that.
final class MediaProgress {
    /// What a line has, in this order; `NA` where it is not known.
    static final String TEMPLATE = "%(info.format_id)s %(progress.downloaded_bytes)s %(progress.total_bytes)s"
            + " %(progress.total_bytes_estimate)s %(progress.fragment_index)s %(progress.fragment_count)s"
            + " %(progress.tmpfilename)s";
    private static final int WORDS = 7;

    private final Meter meter;
    private final long most;
    private long announced;
    private String form = "";
    private long before;
    private long current;
    private double best;
    private boolean begun;
    private final Map<String, Long> pieceCounts = new HashMap<>();

    /// @param most bytes that are taken
    MediaProgress(Meter meter, long most) {
        this.meter = meter;
        this.most = most;
    }

    /// What all files have together, as the page says; 0: it does not.
    void announced(long bytes) {
        announced = bytes;
    }

    /// @throws ProblemException `too_large`
    void line(String line) {
        String[] words = line.split(" ", WORDS);
        if (words.length < WORDS) {
            return;
        }
        if (!words[0].equals(form)) {
            before += current;
            current = 0;
            form = words[0];
        }
        long total = number(words[2]);
        current = Math.max(current, Math.max(0, number(words[1])));
        require(before + Math.max(current, total));
        long expected = Math.max(announced, before + Math.max(total, number(words[3])));
        long count = number(words[5]);
        if (count > 0) {
            pieceCounts.put(words[6], count);
        }
        move(before + current, expected, number(words[4]), count);
    }

    /// Of how many pieces files have been put together, by what these were called meanwhile.
    Map<String, Long> pieceCounts() {
        return Map.copyOf(pieceCounts);
    }

    private void move(long bytes, long expected, long part, long parts) {
        if (!begun || bytes > meter.bytes()) {
            meter.from(bytes);
        }
        begun = true;
        if (parts > 0) {
            meter.items(Math.max(0, part), parts);
        }
        if (expected > 0 && bytes > 0) {
            best = Math.max(best, Math.min(1, (double) bytes / expected));
            meter.total(Math.max(bytes, (long) (bytes / best)));
        }
    }

    private void require(long bytes) {
        if (bytes > most) {
            throw tooLarge(most);
        }
    }

    static ProblemException tooLarge(long most) {
        return new ProblemException(
                ErrorCode.TOO_LARGE, "the file has more than the " + most + " bytes that download.max-size allows");
    }

    /// -1 where it is none.
    private static long number(String word) {
        try {
            return (long) Double.parseDouble(word);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
