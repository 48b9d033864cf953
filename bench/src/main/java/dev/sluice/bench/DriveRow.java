package dev.sluice.bench;

import java.nio.file.Path;
import java.util.List;

/// One file into Google Drive: through a server of ours, beside one `curl` that has it on a local disk.
final class DriveRow implements Row {
    private static final String STORAGE = "cloud";

    @Override
    public String name() {
        return "drive";
    }

    @Override
    public String title() {
        return "2 GiB into Drive, beside curl";
    }

    @Override
    public Result measure(Workbench bench) {
        long size = bench.of(2L << 30, 32L << 20);
        bench.requireMemory(2 * size);
        Path file = bench.folder("rival").resolve("file");
        try (var cargo = Cargo.random(bench.folder("cargo"));
                var drive = DriveFake.start(bench);
                var sluice = SluiceProcess.serve(
                        bench,
                        bench.folder("data"),
                        "",
                        drive.standard(STORAGE, bench.folder("key").resolve("key.json")));
                var ours = Puts.into(drive, sluice, STORAGE, cargo, size, 1)) {
            cargo.write(file, size);
            List<List<Turns.Turn>> turns = Turns.ofAll(
                    bench,
                    List.of(
                            ours,
                            SessionPut.byCurl(bench, drive, cargo, file, size),
                            SessionPut.bySendfile(bench, drive, cargo, size)));
            var pairs = new Turns(turns.get(0), turns.get(1));
            return new Result(
                    List.of(
                            pairs.throughput(size, Target.atLeastTimes(0.8)),
                            Figure.alone(
                                    "the fake's own, from the cheapest sender, GB/s",
                                    2,
                                    Target.NONE,
                                    turns.get(2).stream()
                                            .mapToDouble(turn -> size / turn.seconds() / 1e9)
                                            .toArray()),
                            Figure.alone(
                                    "CPU of the server, s/GB",
                                    2,
                                    Target.NONE,
                                    pairs.ours().stream()
                                            .mapToDouble(turn -> turn.serverCpu() / size * 1e9)
                                            .toArray())),
                    List.of(
                            "Both send to one fake of Drive (`dev/fake-drive --keep digest`), which takes the digests "
                                    + "of what comes as Drive does and keeps no bytes, over HTTP without TLS, and share "
                                    + "two cores with it.",
                            "Ours: the load puts the file into the server, one connection, `sendfile` from memory; "
                                    + "chunks of 8 MiB, one after the other, and an MD5 of all; state in SQLite on "
                                    + "`/dev/shm`. curl: one PUT of a file in `/dev/shm` to a session that was begun for it, "
                                    + "its own start among the time. "
                                    + Turns.order(bench).replace("pairs", "rounds")
                                    + "."),
                    List.of(SessionPut.version(bench)));
        }
    }
}
