package dev.sluice.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// Two that do the same work in turns, ours first, so that whatever else the machine does meets both.
///
/// @param ours one a pair
/// @param theirs one a pair
record Turns(List<Turn> ours, List<Turn> theirs) {
    private static final int PAIRS = 7;
    private static final int PAIRS_IN_BRIEF = 2;

    /// One that is measured.
    interface Contestant {
        /// The server's process.
        long pid();

        /// The work.
        ///
        /// @return what it took whoever made the load
        Load go();

        /// Looks whether it was done, and clears it away.
        void clear();
    }

    /// @param seconds that the work took
    /// @param cpu seconds of the process that made the load
    record Load(double seconds, double cpu) {
        /// Made by this very process.
        ///
        /// @param began of `System.nanoTime()`
        /// @param cpu as it was then
        static Load since(long began, double cpu) {
            return new Load((System.nanoTime() - began) / 1e9, Usage.ownCpuSeconds() - cpu);
        }
    }

    /// What one turn took.
    ///
    /// @param serverCpu seconds of the server's process and its children
    /// @param clientCpu seconds of the process that makes the load
    record Turn(double seconds, double serverCpu, double clientCpu) {}

    static Turns take(Workbench bench, Contestant ours, Contestant theirs) {
        List<List<Turn>> turns = ofAll(bench, List.of(ours, theirs));
        return new Turns(turns.get(0), turns.get(1));
    }

    /// The turns of any number of contestants, by contestant.
    static List<List<Turn>> ofAll(Workbench bench, List<? extends Contestant> contestants) {
        var turns = new ArrayList<List<Turn>>();
        contestants.forEach(contestant -> turns.add(new ArrayList<>()));
        if (!bench.brief()) {
            contestants.forEach(Turns::turn);
        }
        for (int round = 0; round < bench.of(PAIRS, PAIRS_IN_BRIEF); round++) {
            for (int i = 0; i < contestants.size(); i++) {
                turns.get(i).add(turn(contestants.get(i)));
            }
        }
        return turns;
    }

    /// How the turns were taken, for the page.
    static String order(Workbench bench) {
        return bench.brief()
                ? PAIRS_IN_BRIEF + " pairs in turns, cold"
                : PAIRS + " pairs in turns, after one that does not count";
    }

    private static Turn turn(Contestant contestant) {
        double server = Usage.cpuSeconds(contestant.pid());
        Load load = contestant.go();
        var turn = new Turn(load.seconds, Usage.cpuSeconds(contestant.pid()) - server, load.cpu);
        contestant.clear();
        return turn;
    }

    /// GB/s of `bytes` a turn.
    Figure throughput(long bytes, Target ratio) {
        return compared("throughput, GB/s", 2, turn -> bytes / turn.seconds / 1e9, ratio);
    }

    /// CPU seconds of the server for each GB.
    Figure serverCpu(long bytes, Target ratio) {
        return compared("CPU of the server, s/GB", 2, turn -> turn.serverCpu / bytes * 1e9, ratio);
    }

    /// CPU seconds of the load for each GB.
    Figure clientCpu(long bytes) {
        return compared("CPU of the load, s/GB", 2, turn -> turn.clientCpu / bytes * 1e9, Target.NONE);
    }

    Figure compared(String what, int decimals, ToDoubleFunction<Turn> value, Target ratio) {
        return Figure.compared(
                what,
                decimals,
                ours.stream().mapToDouble(value).toArray(),
                theirs.stream().mapToDouble(value).toArray(),
                ratio);
    }
}
