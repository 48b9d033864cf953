package dev.sluice.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What somebody at a terminal waits for: the server's first answer, and the end of what was cancelled.
final class CommandRow implements Row {
    private static final int RATE = 1 << 20;

    @Override
    public String name() {
        return "command";
    }

    @Override
    public String title() {
        return "`./sluice serve` to its first answer, `sluice cancel` to the last byte";
    }

    @Override
    public Result measure(Workbench bench) {
        int times = bench.of(11, 2);
        double[] starts = new double[times];
        for (int i = 0; i < times; i++) {
            starts[i] = start(bench);
        }
        var lastByte = new ArrayList<Double>();
        var prompt = new ArrayList<Double>();
        cancel(bench, times, lastByte, prompt);
        return new Result(
                List.of(
                        Figure.alone("`serve` → first answer, s", 2, new Target.AtMost(1, " s"), starts),
                        Figure.alone(
                                "`cancel` → last byte in another process, ms",
                                0,
                                new Target.AtMost(150, " ms"),
                                lastByte.stream().mapToDouble(each -> each).toArray()),
                        Figure.alone(
                                "`cancel` → its own end, ms",
                                0,
                                Target.NONE,
                                prompt.stream().mapToDouble(each -> each).toArray())),
                List.of(
                        times + " starts with an empty data folder on a disk, everything built; first answer: 200 of "
                                + "`/health/ready`. " + times
                                + " uploads of 1 MiB/s through WebSockets, whose bytes go to "
                                + "another process.",
                        "From before the process of the launcher is made."),
                List.of());
    }

    private static double start(Workbench bench) {
        int port = FreePort.find();
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        List<String> command = List.of(
                bench.launcher().toString(),
                "serve",
                "--port",
                Integer.toString(port),
                "--data",
                bench.diskFolder("data").toString());
        long began = System.nanoTime();
        try (Child child = Child.start(bench.log("serve"), command, Map.of("SLUICE_BUILD", "never"))) {
            while (!answers(address)) {
                if (!child.alive()) {
                    throw new BenchException("the server does not start:\n" + child.said());
                }
                Pause.millis(2);
            }
            return (System.nanoTime() - began) / 1e9;
        }
    }

    private static boolean answers(InetSocketAddress address) {
        try (var probe = SocketChannel.open(address)) {
            if (!probe.isConnected()) {
                return false;
            }
        } catch (IOException e) {
            return false;
        }
        try (var http = new HttpConnection(address)) {
            return http.get("/health/ready").status() == 200;
        }
    }

    private static void cancel(Workbench bench, int times, List<Double> lastByte, List<Double> prompt) {
        try (var sink = Sink.start(bench);
                var sluice = SluiceProcess.withSink(bench, bench.diskFolder("data"), sink.port(), List.of());
                var uploads = PacedUploads.start(sluice.address(), times, RATE, List.of(PacedUploads.Door.WEBSOCKET))) {
            Pause.millis(2_000);
            for (String job : uploads.jobs()) {
                uploads.stopping(job);
                List<String> command = List.of(
                        bench.launcher().toString(),
                        "cancel",
                        job,
                        "--data",
                        sluice.data().toString());
                long began = System.nanoTime();
                try (Child child = Child.start(bench.log("cancel"), command, Map.of("SLUICE_BUILD", "never"))) {
                    child.ended();
                    prompt.add((System.nanoTime() - began) / 1e6);
                }
                Pause.millis(300);
                Sink.Arrival arrival = sink.arrivals().get(job);
                if (arrival == null) {
                    throw new BenchException(job + " did not move");
                }
                lastByte.add(Math.max(0, arrival.nanos() - began) / 1e6);
            }
            uploads.requireMoving();
        }
    }
}
