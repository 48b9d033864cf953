package dev.sluice.wire;

import dev.sluice.core.Ids;
import dev.sluice.core.JobId;
import dev.sluice.core.ProblemException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What a watcher tells the server. What cannot be read is a message too: a socket answers it and lives on.
public sealed interface WatcherMessage {
    /// The longest message, in characters.
    int MAX_LENGTH = 64 * 1024;

    /// Watch these jobs from now on, beside those watched before.
    record Subscribe(Set<JobId> jobs) implements WatcherMessage {}

    /// Watch these no longer; none named stands for all.
    record Unsubscribe(Set<JobId> jobs) implements WatcherMessage {}

    /// Answer with a pong.
    record Ping() implements WatcherMessage {}

    /// @param why what is wrong with it, in a sentence
    record Invalid(String why) implements WatcherMessage {}

    /// Reads one message; never throws. Members that nobody knows are passed over, so that newer pages can talk
    /// to older servers.
    static WatcherMessage parse(String text) {
        if (text.length() > MAX_LENGTH) {
            return new Invalid(
                    "The message has " + text.length() + " characters; at most " + MAX_LENGTH + " are read.");
        }
        try {
            Fields fields = Json.object(text);
            String type = fields.string("type");
            return switch (type) {
                case "subscribe" -> new Subscribe(jobs(fields));
                case "unsubscribe" -> new Unsubscribe(fields.has("jobs") ? jobs(fields) : Set.of());
                case "ping" -> new Ping();
                default ->
                    new Invalid(
                            "The type is unknown: " + Texts.printable(type.substring(0, Math.min(50, type.length()))));
            };
        } catch (ProblemException e) {
            return new Invalid(e.problem().message());
        }
    }

    private static Set<JobId> jobs(Fields fields) {
        List<String> words = fields.strings("jobs", 10_000);
        Set<JobId> jobs = new LinkedHashSet<>();
        for (String word : words) {
            if (!Ids.isIdentifier(word)) {
                throw fields.refuse("jobs", "holds a word that is no job id", "1 to 64 of A-Z a-z 0-9 . _ - each");
            }
            jobs.add(new JobId(word));
        }
        return jobs;
    }
}
