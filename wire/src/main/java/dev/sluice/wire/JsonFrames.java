package dev.sluice.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.sluice.core.Event;
import dev.sluice.core.Job;
import dev.sluice.core.Progress;
import dev.sluice.realtime.Frames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The frames of `/ws/jobs` and `/api/v1/events`. Safe for use by many threads.
public final class JsonFrames implements Frames {
    private static final byte[] PONG = utf8("{\"type\":\"pong\"}");

    private final Ends.Finder ends;

    public JsonFrames(Ends.Finder ends) {
        this.ends = ends;
    }

    public JsonFrames() {
        this(Ends::told);
    }

    @Override
    public byte[] job(Job job, @Nullable Progress live) {
        return Json.bytes(JobDocument.of(job, live, ends.of(job), null));
    }

    @Override
    public byte[] snapshot(String epoch, long seq, List<byte[]> jobs, boolean more) {
        byte[] head = place("snapshot", epoch, seq);
        var out = new ByteArrayOutputStream(
                head.length + 24 + jobs.stream().mapToInt(job -> job.length + 1).sum());
        out.write(head, 0, head.length - 1);
        out.writeBytes(utf8(",\"jobs\":["));
        boolean first = true;
        for (byte[] job : jobs) {
            if (!first) {
                out.write(',');
            }
            first = false;
            out.writeBytes(job);
        }
        out.writeBytes(utf8(more ? "],\"more\":true}" : "]}"));
        return out.toByteArray();
    }

    @Override
    public byte[] resumed(String epoch, long seq) {
        return place("resumed", epoch, seq);
    }

    @Override
    public byte[] gap(String epoch, long seq) {
        return place("gap", epoch, seq);
    }

    @Override
    public byte[] event(Event event) {
        return Json.bytes(EventDocument.of(event));
    }

    @Override
    public byte[] progress(Instant at, List<Progress> jobs) {
        return Json.write(64 + 96 * jobs.size(), json -> {
            json.writeStartObject();
            json.writeStringField("type", "progress");
            json.writeStringField("at", Json.time(at));
            json.writeArrayFieldStart("jobs");
            for (Progress job : jobs) {
                row(json, job);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    @Override
    public byte[] pong() {
        return PONG.clone();
    }

    private static void row(JsonGenerator json, Progress job) throws IOException {
        json.writeStartArray();
        json.writeString(job.job().value());
        json.writeNumber(JobDocument.percent(job.percent()));
        json.writeNumber(job.bytes());
        number(json, job.totalBytes());
        number(json, JobDocument.rate(job.rate()));
        Double eta = JobDocument.eta(job.eta());
        if (eta == null) {
            json.writeNull();
        } else {
            json.writeNumber(eta);
        }
        number(json, job.items());
        number(json, job.totalItems());
        String current = job.current();
        if (current == null) {
            json.writeNull();
        } else {
            json.writeString(current);
        }
        json.writeEndArray();
    }

    private static void number(JsonGenerator json, @Nullable Long number) throws IOException {
        if (number == null) {
            json.writeNull();
        } else {
            json.writeNumber(number);
        }
    }

    private static byte[] place(String type, String epoch, long seq) {
        return Json.write(96, json -> {
            json.writeStartObject();
            json.writeStringField("type", type);
            json.writeStringField("epoch", epoch);
            json.writeNumberField("seq", seq);
            json.writeEndObject();
        });
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
