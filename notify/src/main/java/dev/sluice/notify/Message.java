package dev.sluice.notify;

import dev.sluice.core.Event;
import dev.sluice.core.Job;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is said of the end of a job.
final class Message {
    private static final int NAME = 200;
    private static final int COMPLAINT = 200;

    private Message() {}

    static String type(JobEnd end) {
        return "job." + end.word();
    }

    /// For a webhook: all that the event has.
    ///
    /// @param job null where it is not there any more
    static String forHook(JobEnd end, Event event, @Nullable Job job) {
        Map<String, Object> data = job(event, job);
        data.put("event", event.data().members());
        return envelope(type(end), event.at(), data);
    }

    /// For a browser, which has little room.
    static String forDevice(JobEnd end, Event event, @Nullable Job job) {
        Map<String, Object> data = job(event, job);
        if (event.data().members().get("error") instanceof Map<?, ?> error) {
            var said = new LinkedHashMap<String, String>();
            said.put("code", String.valueOf(error.get("code")));
            said.put("message", shortened(String.valueOf(error.get("message")), COMPLAINT));
            data.put("error", said);
        }
        return envelope(type(end), event.at(), data);
    }

    static String test(Instant at) {
        return envelope(Delivery.TEST, at, Map.of("message", "This is a test by Sluice."));
    }

    private static Map<String, Object> job(Event event, @Nullable Job job) {
        var data = new LinkedHashMap<String, Object>();
        data.put("job", event.job().value());
        data.put("kind", event.kind().value());
        if (job != null) {
            data.put("name", shortened(job.name(), NAME));
        }
        if (event.batch() != null) {
            data.put("batch", event.batch().value());
        }
        data.put("owner", event.owner().name());
        data.put("seq", event.seq());
        return data;
    }

    private static String shortened(String text, int most) {
        return text.codePointCount(0, text.length()) <= most
                ? text
                : text.substring(0, text.offsetByCodePoints(0, most - 1)) + "…";
    }

    private static String envelope(String type, Instant at, Map<String, Object> data) {
        var whole = new LinkedHashMap<String, Object>();
        whole.put("type", type);
        whole.put("timestamp", at.toString());
        whole.put("data", data);
        return Json.text(whole);
    }
}
