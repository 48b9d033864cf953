package dev.sluice.bench;

import java.util.List;

/// How many logins there can be, and what others notice when more are wanted: of passwords half a core is hashed at the
/// most. Beside stands the same with the core of those who log in as busy with something else.
final class LoginFloodRow implements Row {
    static final String LOGIN = "username=anna&password=correct+horse+battery";

    /// What one round came to; logins a second.
    private record Met(double seconds, double logins, double attempts) {}

    @Override
    public String name() {
        return "login-flood";
    }

    @Override
    public String title() {
        return "Logins at full speed, and a transfer meanwhile";
    }

    @Override
    public Result measure(Workbench bench) {
        int rounds = bench.of(5, 1);
        long size = bench.of(4L << 30, 64L << 20);
        var ours = new double[rounds];
        var theirs = new double[rounds];
        var logins = new double[rounds];
        var refused = new double[rounds];
        try (var cargo = Cargo.random(bench.folder("cargo"));
                var sluice = SluiceProcess.withSink(
                        bench, bench.diskFolder("data"), 0, List.of("auth.mode=accounts", "auth.guest=true"));
                var puts = Puts.forgotten(sluice, cargo, size)) {
            sluice.firstUser(LOGIN);
            round(bench, sluice, puts, AttackProcess.Kind.SPIN);
            for (int round = 0; round < rounds; round++) {
                theirs[round] = size / round(bench, sluice, puts, AttackProcess.Kind.SPIN).seconds / 1e9;
                Met met = round(bench, sluice, puts, AttackProcess.Kind.LOGINS);
                ours[round] = size / met.seconds / 1e9;
                logins[round] = met.logins;
                refused[round] = met.attempts - met.logins;
            }
        }
        return new Result(
                List.of(
                        Figure.compared("transfer, GB/s", 2, ours, theirs, Target.atLeastTimes(0.8)),
                        Figure.alone("logins a second", 1, Target.NONE, logins),
                        Figure.alone("sent away with 429 a second", 0, Target.NONE, refused)),
                List.of(
                        "A process of its own, pinned to one core, logs in with the right password on 48 connections at"
                                + " once, as often as it is answered; its address is not limited. Beside stands the same"
                                + " with a process on that core that only counts.",
                        "A guest meanwhile puts one file of " + (size >> 20) + " MiB into a storage that forgets; "
                                + rounds + " rounds in turns."),
                List.of());
    }

    private static Met round(Workbench bench, SluiceProcess sluice, Puts puts, AttackProcess.Kind kind) {
        try (Child attacker = AttackRow.attacker(bench, sluice, kind)) {
            attacker.says("attacking");
            Pause.millis(bench.of(3_000, 2_500));
            double seconds = puts.go().seconds();
            puts.clear();
            return new Met(
                    seconds,
                    AttackRow.said(attacker, "done").average().orElse(0),
                    AttackRow.said(attacker, "attempts").average().orElse(0));
        }
    }
}
