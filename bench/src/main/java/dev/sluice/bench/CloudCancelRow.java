package dev.sluice.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a cancel takes while parts are on their way to a provider that takes them slowly: until the last byte that its
/// sockets are given, and until the answer.
final class CloudCancelRow implements Row {
    private static final String STORAGE = "cloud";
    private static final List<PacedUploads.Door> DOORS = List.of(PacedUploads.Door.WEBSOCKET, PacedUploads.Door.PUT);
    private static final int AT_ONCE = 4;
    private static final int SENDERS = 8 << 20;
    private static final int PROVIDER = 8 << 20;
    private static final int GATHER_MILLIS = 2_500;
    private static final int SPREAD_MILLIS = 600;
    private static final int LOOKS = 50;
    private static final Pattern LAST_BYTE = Pattern.compile("\\[(\\S+)] cancelled .* last_byte_ms=([0-9.]+) ");

    @Override
    public String name() {
        return "cloud-cancel";
    }

    @Override
    public String title() {
        return "Cancel, in the middle of parts on their way into S3";
    }

    @Override
    public Result measure(Workbench bench) {
        int practice = bench.of(20, 1);
        int rounds = bench.of(40, 1);
        var random = new Random(rounds);
        var answered = new HashMap<String, Double>();
        var counted = new ArrayList<String>();
        try (var sink = S3Sink.slow(bench, PROVIDER);
                var sluice = SluiceProcess.serve(bench, bench.diskFolder("data"), "", sink.standard(STORAGE))) {
            for (int round = 0; round < practice + rounds; round++) {
                List<String> jobs = round(sluice, random, answered);
                if (round >= practice) {
                    counted.addAll(jobs);
                }
            }
            sink.awaitEmpty();
            Map<String, Double> lastBytes = lastBytes(sluice, counted);
            return new Result(
                    List.of(
                            Figure.events(
                                    "request → last byte given to the provider's socket, ms",
                                    1,
                                    new Target.AtMost(5, " ms"),
                                    values(counted, lastBytes)),
                            Figure.events("request → answer, ms", 1, Target.NONE, values(counted, answered))),
                    List.of(
                            AT_ONCE + " uploads of " + (SENDERS >> 20)
                                    + " MiB/s at once, half through WebSockets, half by PUT, "
                                    + "into a service that reads " + (PROVIDER >> 20)
                                    + " MiB a second from all connections "
                                    + "together, so that parts of 8 MiB are always on their way; all are cancelled within "
                                    + SPREAD_MILLIS + " ms, " + rounds + " times, after " + practice
                                    + " times that do not count.",
                            "The last byte is what the server says of itself, in the line that it logs for every cancel: when the "
                                    + "kernel was last given bytes of a part, by any of its connections. From the request's "
                                    + "arrival on they are kept back, while the cancel is being decided. The service is the sink of the row `s3`. State in SQLite on a disk. Load, "
                                    + "service and server share the cores."),
                    List.of());
        }
    }

    /// Begins some uploads, lets their parts fly and cancels all.
    private static List<String> round(SluiceProcess sluice, Random random, Map<String, Double> answered) {
        try (var uploads = PacedUploads.start(sluice.address(), AT_ONCE, SENDERS, DOORS);
                var http = sluice.connect()) {
            Pause.millis(GATHER_MILLIS);
            for (String job : uploads.jobs()) {
                Pause.millis(random.nextInt(2 * SPREAD_MILLIS / AT_ONCE));
                uploads.stopping(job);
                long sent = System.nanoTime();
                http.post("/api/v1/jobs/" + job + "/cancel", "").expect(200);
                answered.put(job, (System.nanoTime() - sent) / 1e6);
            }
            uploads.requireMoving();
            return uploads.jobs();
        }
    }

    /// What the log says, where a line comes once everything of its upload has been cleaned up.
    private static Map<String, Double> lastBytes(SluiceProcess sluice, List<String> jobs) {
        var lastBytes = new HashMap<String, Double>();
        for (int look = 0; look < LOOKS && !lastBytes.keySet().containsAll(jobs); look++) {
            Pause.millis(100);
            Matcher line = LAST_BYTE.matcher(sluice.said());
            while (line.find()) {
                lastBytes.put(line.group(1), Double.valueOf(line.group(2)));
            }
        }
        return lastBytes;
    }

    private static double[] values(List<String> jobs, Map<String, Double> by) {
        return jobs.stream()
                .mapToDouble(job -> {
                    Double value = by.get(job);
                    if (value == null) {
                        throw new BenchException(job + " was cancelled before a byte of it was sent");
                    }
                    return value;
                })
                .toArray();
    }
}
