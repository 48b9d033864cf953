package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Meter;
import dev.sluice.core.ProblemException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How far yt-dlp is, counted through all the files that it fetches for one: picture, sound. What it estimates of a
/// stream moves; how far the job is never goes back by that.
final class MediaProgress {
    /// What a line has, in this order; `NA` where it is not known.
    static final String TEMPLATE = "%(info.format_id)s %(progress.downloaded_bytes)s %(progress.total_bytes)s"
            + " %(progress.total_bytes_estimate)s %(progress.fragment_index)s %(progress.fragment_count)s";

    /// What ffmpeg says of its output twice a second where it fetches by itself (`-progress`): first how many bytes it
    /// has, then how many microseconds.
    private static final Pattern RECORDED = Pattern.compile("(total_size|out_time_us)=([0-9]{1,18})");

    private static final double MICROSECONDS = 1e6;

    private final Meter meter;
    private final long most;
    private long announced;
    private double seconds;
    private String form = "";
    private long before;
    private long current;
    private double best;
    private boolean begun;
    /// Whether what is counted now is of a form of which ffmpeg does not say the name.
    private boolean unnamed;

    /// @param most bytes that are taken
    MediaProgress(Meter meter, long most) {
        this.meter = meter;
        this.most = most;
    }

    /// What all files have together, as the page says; 0: it does not.
    ///
    /// @param length in seconds; 0: nobody knows
    void announced(long bytes, double length) {
        announced = bytes;
        seconds = length;
    }

    /// What ffmpeg says of itself; other lines say nothing.
    ///
    /// @throws ProblemException `too_large`
    void recorded(String line) {
        Matcher said = RECORDED.matcher(line);
        if (!said.matches()) {
            return;
        }
        if (!unnamed) {
            unnamed = true;
            before += current;
            current = 0;
        }
        long number = Long.parseLong(said.group(2));
        if (said.group(1).equals("total_size")) {
            current = Math.max(current, number);
            require(before + current);
        } else if (number > 0) {
            move(before + current, (long) (before + current * seconds * MICROSECONDS / number), 0, 0);
        }
    }

    /// @throws ProblemException `too_large`
    void line(String line) {
        String[] words = line.split(" ");
        if (words.length < 6) {
            return;
        }
        if (!words[0].equals(form)) {
            if (!unnamed) {
                before += current;
                current = 0;
            }
            form = words[0];
        }
        unnamed = false;
        long total = number(words[2]);
        current = Math.max(current, Math.max(0, number(words[1])));
        require(before + Math.max(current, total));
        long expected = Math.max(announced, before + Math.max(total, number(words[3])));
        move(before + current, expected, number(words[4]), number(words[5]));
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
