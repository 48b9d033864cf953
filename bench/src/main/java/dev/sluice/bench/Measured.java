package dev.sluice.bench;

import java.util.List;

/// What a command took, from before its start until its end.
///
/// @param cpu seconds of it and its children, user and system
record Measured(double seconds, double cpu) {
    static Measured command(Workbench bench, List<String> command) {
        double before = Usage.endedChildrenCpuSeconds();
        long began = System.nanoTime();
        Child.run(bench.log("command"), command);
        double seconds = (System.nanoTime() - began) / 1e9;
        return new Measured(seconds, Usage.endedChildrenCpuSeconds() - before);
    }

    static Measured shell(Workbench bench, String script) {
        return command(bench, List.of("sh", "-ec", script));
    }
}
