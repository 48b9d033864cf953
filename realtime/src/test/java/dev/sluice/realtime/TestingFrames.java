package dev.sluice.realtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import dev.sluice.core.Event;
import dev.sluice.core.Job;
import dev.sluice.core.Progress;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/// Words in place of JSON.
@NullMarked
final class TestingFrames implements Frames {
    final LongAdder events = new LongAdder();
    final LongAdder progress = new LongAdder();

    @Override
    public byte[] job(Job job, @Nullable Progress live) {
        return bytes(job.name() + (live == null ? "" : "@" + live.bytes()));
    }

    @Override
    public byte[] snapshot(String epoch, long seq, List<byte[]> jobs, boolean more) {
        return bytes("snapshot " + seq + (more ? " more" : "")
                + jobs.stream().map(job -> " " + new String(job, UTF_8)).collect(joining()));
    }

    @Override
    public byte[] resumed(String epoch, long seq) {
        return bytes("resumed " + seq);
    }

    @Override
    public byte[] gap(String epoch, long seq) {
        return bytes("gap " + seq);
    }

    @Override
    public byte[] event(Event event) {
        events.increment();
        return bytes("event " + event.seq() + " " + event.job() + " "
                + event.type().word() + event.data().json());
    }

    @Override
    public byte[] progress(Instant at, List<Progress> jobs) {
        progress.increment();
        return bytes("progress"
                + jobs.stream().map(job -> " " + job.job() + "=" + job.bytes()).collect(joining()));
    }

    @Override
    public byte[] pong() {
        return bytes("pong");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
