package dev.sluice.scan;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What clamd has said of a stream. Strict where it says that all is well, generous where it says that it is not.
sealed interface ClamdReply {
    /// The whole stream is clean.
    record Ok() implements ClamdReply {}

    /// In the stream, or in what it has seen of it.
    record Found(String signature) implements ClamdReply {}

    /// @param what goes on from clamd's name
    record Unusable(Verdict.Reason reason, String what) implements ClamdReply {}

    Pattern FOUND = Pattern.compile("stream: (.{1,500}?)(?:\\([0-9a-f]{32}:[0-9]+\\))? FOUND");
    int LONGEST_SHOWN = 200;

    /// @param said all that it said, with the NUL that ends it
    /// @param whole whether it had the whole stream before it said so
    static ClamdReply of(byte[] said, boolean whole) {
        if (said.length == 0) {
            return whole
                    ? new Unusable(Verdict.Reason.EMPTY, "ended without an answer")
                    : new Unusable(Verdict.Reason.CLOSED_EARLY, "went away before it had the whole file");
        }
        String line = line(said);
        Matcher found = FOUND.matcher(line);
        if (found.matches()) {
            return found(found.group(1));
        }
        if (line.startsWith("INSTREAM size limit exceeded")) {
            return new Unusable(
                    Verdict.Reason.OVER_LIMIT,
                    "takes no file of this size; raise its StreamMaxLength, MaxFileSize and MaxScanSize");
        }
        if (line.endsWith(" ERROR")) {
            return new Unusable(Verdict.Reason.ERROR, "failed: " + printable(line));
        }
        if (!whole) {
            return new Unusable(
                    Verdict.Reason.CLOSED_EARLY, "answered before it had the whole file: " + printable(line));
        }
        return line.equals("stream: OK") && said.length == line.length() + 1
                ? new Ok()
                : new Unusable(Verdict.Reason.NONSENSE, "gave no answer that makes sense: " + printable(line));
    }

    /// What is over a limit of clamd's and so was not looked at has such a name, where `AlertExceedsMax` is set.
    private static ClamdReply found(String signature) {
        return signature.startsWith("Heuristics.Limits.Exceeded")
                ? new Unusable(
                        Verdict.Reason.OVER_LIMIT,
                        "has not looked at all of it (" + printable(signature) + "); raise its limits")
                : new Found(printable(signature));
    }

    /// What stands before the first NUL.
    static String line(byte[] said) {
        int end = 0;
        while (end < said.length && said[end] != 0) {
            end++;
        }
        return new String(said, 0, end, ISO_8859_1);
    }

    /// For people to read: no control characters, and not without end.
    static String printable(String text) {
        String shown = text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "…" : text;
        return shown.replaceAll("[^\\x20-\\x7e…]", "?");
    }
}
