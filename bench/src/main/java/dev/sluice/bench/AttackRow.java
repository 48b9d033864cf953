package dev.sluice.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/// What others notice while one client breaks a limit at full speed: their cancels, and how fast their file goes up.
/// Beside stands the same with the attacker's core as busy with something else.
final class AttackRow implements Row {
    private static final int RATE = 64 << 10;
    private static final List<PacedUploads.Door> DOORS = List.of(PacedUploads.Door.WEBSOCKET);

    private static final List<AttackProcess.Kind> KINDS = List.of(
            AttackProcess.Kind.REQUESTS,
            AttackProcess.Kind.CONNECTIONS,
            AttackProcess.Kind.SOCKETS,
            AttackProcess.Kind.HEADERS,
            AttackProcess.Kind.BODIES);

    /// What the others met in one round.
    private record Met(double seconds, List<Double> cancels, long attacks) {}

    @Override
    public String name() {
        return "attack";
    }

    @Override
    public String title() {
        return "Another user, while one client breaks a limit at full speed";
    }

    @Override
    public Result measure(Workbench bench) {
        int rounds = bench.of(5, 1);
        int cancels = bench.of(40, 5);
        long size = bench.of(1L << 30, 64L << 20);
        var figures = new ArrayList<Figure>();
        try (var cargo = Cargo.random(bench.folder("cargo"));
                var sluice = SluiceProcess.withSink(
                        bench, bench.diskFolder("data"), 0, List.of("limits.exempt=127.0.0.1/32"));
                var puts = Puts.forgotten(sluice, cargo, size)) {
            round(bench, sluice, puts, AttackProcess.Kind.SPIN, cancels);
            for (AttackProcess.Kind kind : KINDS) {
                figures.addAll(under(bench, sluice, puts, kind, rounds, cancels, size));
            }
        }
        return new Result(
                figures,
                List.of(
                        "The attacker is a process of its own at 127.0.0.2, pinned to one core, and limited as any"
                                + " address is by default; the others come from 127.0.0.1, which is exempt. Beside stands"
                                + " the same with a process on that core that only counts.",
                        "The others put one file of " + (size >> 20) + " MiB into a storage that forgets, then cancel "
                                + cancels + " uploads of 64 KiB/s one after the other; " + rounds
                                + " rounds of each in turns.",
                        "`requests` asks for the list of jobs on 8 connections; `connections` opens connections and"
                                + " keeps the last 2,000; `sockets` opens `/ws/jobs` likewise; `headers` sends one byte of"
                                + " a header on each of 2,000; `bodies` sends JSON of 64 KiB that is none."),
                List.of());
    }

    private static List<Figure> under(
            Workbench bench,
            SluiceProcess sluice,
            Puts puts,
            AttackProcess.Kind kind,
            int rounds,
            int cancels,
            long size) {
        var ours = new double[rounds];
        var theirs = new double[rounds];
        var attacks = new double[rounds];
        var answered = new ArrayList<Double>();
        for (int round = 0; round < rounds; round++) {
            theirs[round] = size / round(bench, sluice, puts, AttackProcess.Kind.SPIN, cancels).seconds / 1e9;
            Met met = round(bench, sluice, puts, kind, cancels);
            ours[round] = size / met.seconds / 1e9;
            attacks[round] = met.attacks;
            answered.addAll(met.cancels);
        }
        String what = kind.word() + ": ";
        return List.of(
                Figure.events(
                        what + "cancel → answer, ms",
                        1,
                        new Target.AtMost(20, " ms"),
                        answered.stream().mapToDouble(Double::doubleValue).toArray()),
                Figure.compared(what + "transfer, GB/s", 2, ours, theirs, Target.atLeastTimes(0.5)),
                Figure.alone(what + "attempts a second", 0, Target.NONE, attacks));
    }

    private static Met round(Workbench bench, SluiceProcess sluice, Puts puts, AttackProcess.Kind kind, int cancels) {
        try (Child attacker = attacker(bench, sluice, kind);
                var uploads = PacedUploads.start(sluice.address(), cancels, RATE, DOORS)) {
            attacker.says("attacking");
            Pause.millis(bench.of(2_000, 1_000));
            double seconds = puts.go().seconds();
            puts.clear();
            var answered = new ArrayList<Double>();
            try (HttpConnection http = sluice.connect()) {
                for (String job : uploads.jobs()) {
                    uploads.stopping(job);
                    long sent = System.nanoTime();
                    http.post("/api/v1/jobs/" + job + "/cancel", "").expect(200);
                    answered.add((System.nanoTime() - sent) / 1e6);
                    Pause.millis(20);
                }
            }
            return new Met(seconds, answered, said(attacker, "attempts").reduce(0, (before, last) -> last));
        }
    }

    /// One that is pinned to the last core.
    static Child attacker(Workbench bench, SluiceProcess sluice, AttackProcess.Kind kind) {
        var command = new ArrayList<>(
                List.of("taskset", "-c", String.valueOf(Runtime.getRuntime().availableProcessors() - 1)));
        command.addAll(bench.java(AttackProcess.class));
        command.addAll(List.of(kind.name(), String.valueOf(sluice.address().getPort())));
        return Child.start(bench.log("attack"), command);
    }

    /// What an attacker has said, second by second.
    static LongStream said(Child attacker, String word) {
        return attacker.said()
                .lines()
                .filter(line -> line.startsWith(word + " "))
                .mapToLong(line -> Long.parseLong(line.substring(word.length() + 1)));
    }
}
