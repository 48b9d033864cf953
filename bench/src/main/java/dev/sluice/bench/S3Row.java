package dev.sluice.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// One file into S3: through a server of ours, beside the SDK's own transfer manager, which has it on a local disk.
final class S3Row implements Row {
    private static final String STORAGE = "cloud";

    @Override
    public String name() {
        return "s3";
    }

    @Override
    public String title() {
        return "2 GiB into S3, beside the AWS SDK's transfer manager";
    }

    @Override
    public Result measure(Workbench bench) {
        long size = bench.of(2L << 30, 64L << 20);
        long kept = bench.of(512L << 20, 32L << 20);
        bench.requireMemory(size + 4 * kept);
        var figures = new ArrayList<Figure>();
        try (var cargo = Cargo.random(bench.folder("cargo"))) {
            try (var sink = S3Sink.start(bench)) {
                figures.addAll(intoSink(bench, sink, cargo, size));
            }
            try (var proxy = S3Proxy.start(bench, bench.folder("s3proxy"))) {
                figures.addAll(intoProxy(bench, proxy, cargo, kept));
            }
        }
        return new Result(
                figures,
                List.of(
                        "Both send to one and the same service over HTTP without TLS, without signing bytes. The sink is "
                                + "ours: it counts bytes and keeps none, holds lengths, parts and tags against each "
                                + "other, and reads as fast as one thread can, which no service that keeps bytes does: "
                                + "S3Proxy, which keeps files of "
                                + (kept >> 20)
                                + " MiB in `/dev/shm` and checks every signature, is slower than either of its "
                                + "clients. There each file is compared afterwards, byte by byte.",
                        "Ours: the load puts the file into the server, one connection, `sendfile` from memory; parts of "
                                + "8 MiB, at most four at once, each with its CRC-32; state in SQLite on `/dev/shm`. The "
                                + "transfer manager: a file in `/dev/shm`, the Java client with `multipartEnabled`, Netty, "
                                + "and else as it comes (parts of 8 MiB, CRC-32); a process that stays.",
                        "Receiving: the same PUT into a storage that forgets. "
                                + Turns.order(bench).replace("pairs", "rounds")
                                + "."),
                List.of(TransferManager.version(), "S3Proxy 4.1.0"));
    }

    private static List<Figure> intoSink(Workbench bench, S3Sink sink, Cargo cargo, long size) {
        try (var sluice = SluiceProcess.serve(bench, bench.folder("data"), "", sink.standard(STORAGE));
                var forgetting = SluiceProcess.withSink(bench, bench.folder("data"), 0, List.of());
                var ours = Puts.into(sink, sluice, STORAGE, cargo, size, 1);
                var theirs = TransferManager.start(bench, sink, cargo, size);
                var receiving = Puts.forgotten(forgetting, cargo, size)) {
            double sinkCpu = Usage.cpuSeconds(sink.pid());
            List<List<Turns.Turn>> turns = Turns.ofAll(bench, List.of(ours, theirs, receiving));
            sinkCpu = Usage.cpuSeconds(sink.pid()) - sinkCpu;
            var pairs = new Turns(turns.get(0), turns.get(1));
            double[] received = perGb(turns.get(2), size);
            double[] sent = perGb(turns.get(1), size);
            return List.of(
                    pairs.throughput(size, Target.atLeastTimes(0.9)),
                    Figure.compared(
                            "CPU of the server, s/GB, beside theirs and that of receiving",
                            2,
                            perGb(turns.get(0), size),
                            IntStream.range(0, sent.length)
                                    .mapToDouble(i -> sent[i] + received[i])
                                    .toArray(),
                            Target.atMostTimes(1)),
                    Figure.beside(
                            "of it: CPU of receiving, and of the transfer manager, s/GB",
                            2,
                            Target.NONE,
                            received,
                            sent),
                    Figure.alone(
                            "CPU of the load, s/GB",
                            2,
                            Target.NONE,
                            pairs.ours().stream()
                                    .mapToDouble(turn -> turn.clientCpu() / size * 1e9)
                                    .toArray()),
                    Figure.alone(
                            "CPU of the sink, s/GB",
                            2,
                            Target.NONE,
                            sinkCpu / sink.report().bytes() * 1e9));
        }
    }

    private static double[] perGb(List<Turns.Turn> turns, long size) {
        return turns.stream().mapToDouble(turn -> turn.serverCpu() / size * 1e9).toArray();
    }

    private static List<Figure> intoProxy(Workbench bench, S3Proxy proxy, Cargo cargo, long size) {
        try (var sluice = SluiceProcess.serve(bench, bench.folder("data"), "", proxy.standard(STORAGE));
                var ours = Puts.into(proxy, sluice, STORAGE, cargo, size, 1);
                var theirs = TransferManager.start(bench, proxy, cargo, size)) {
            Turns pairs = Turns.take(bench, ours, theirs);
            return List.of(
                    pairs.throughput(size, Target.atLeastTimes(0.9)).of("S3Proxy"),
                    pairs.serverCpu(size, Target.NONE).of("S3Proxy"));
        }
    }
}
