package dev.sluice.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a watcher costs who has nothing to be told.
final class IdleRow implements Row {
    private static final Pattern HEAP = Pattern.compile("garbage-first heap .*used (\\d+)K");
    private static final Pattern NATIVE = Pattern.compile("Total: reserved=\\d+KB, committed=(\\d+)KB");
    private static final Pattern NATIVE_HEAP = Pattern.compile("Java Heap \\(reserved=\\d+KB, committed=(\\d+)KB\\)");

    /// @param heap used after a collection, in KiB
    /// @param outside what the JVM has taken from the system beside the heap, in KiB
    /// @param resident of the whole process, in KiB
    private record Memory(long heap, long outside, long resident) {}

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public String title() {
        return "10,000 idle watchers";
    }

    @Override
    public Result measure(Workbench bench) {
        int count = bench.of(10_000, 500);
        int practice = bench.of(1_000, 100);
        try (var sluice =
                SluiceProcess.serve(bench, bench.folder("data"), "-XX:NativeMemoryTracking=summary", List.of())) {
            // The first watchers load classes and fill pools that all others share.
            try (var first = connect(sluice, practice)) {
                settle(bench);
                first.requireAll();
            }
            settle(bench);
            Memory before = memory(bench, sluice);
            try (var watchers = connect(sluice, count)) {
                settle(bench);
                Memory after = memory(bench, sluice);
                watchers.requireAll();
                double heap = (after.heap - before.heap) / (double) count;
                double outside = (after.outside - before.outside) / (double) count;
                double resident = (after.resident - before.resident) / (double) count;
                return new Result(
                        List.of(
                                Figure.alone(
                                        "heap and native memory, KiB a watcher",
                                        1,
                                        new Target.AtMost(16, " KiB"),
                                        heap + outside),
                                Figure.alone("heap after a collection, KiB a watcher", 1, Target.NONE, heap),
                                Figure.alone("native memory of the JVM, KiB a watcher", 1, Target.NONE, outside),
                                Figure.alone("growth of resident memory, KiB a watcher", 1, Target.NONE, resident)),
                        List.of(
                                count
                                        + " WebSockets at `/ws/jobs` that have got their snapshot and nothing since, no job "
                                        + "moving; the difference to the same server before, after " + practice
                                        + " that came and went.",
                                "`jcmd GC.run`, then `GC.heap_info` and `VM.native_memory` (all but the heap). No pages "
                                        + "are touched in advance. Buffers of sockets in the kernel are not in it. One run."),
                        List.of());
            }
        }
    }

    private static Watchers connect(SluiceProcess sluice, int count) {
        return Watchers.connect(sluice.address(), "/ws/jobs", count, 16, (watcher, text, kept, length, nanos) -> {});
    }

    private static void settle(Workbench bench) {
        Pause.millis(bench.of(5_000, 500));
    }

    private static Memory memory(Workbench bench, SluiceProcess sluice) {
        jcmd(bench, sluice, "GC.run");
        jcmd(bench, sluice, "GC.run");
        String tracked = jcmd(bench, sluice, "VM.native_memory");
        return new Memory(
                number(HEAP, jcmd(bench, sluice, "GC.heap_info")),
                number(NATIVE, tracked) - number(NATIVE_HEAP, tracked),
                Usage.resident(sluice.pid()) >> 10);
    }

    private static String jcmd(Workbench bench, SluiceProcess sluice, String command) {
        Path program = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        return Child.run(bench.log("jcmd"), List.of(program.toString(), Long.toString(sluice.pid()), command));
    }

    private static long number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.results()
                .findFirst()
                .map((MatchResult found) -> Long.parseLong(found.group(1)))
                .orElseThrow(() -> new BenchException("jcmd does not say " + pattern + ":\n" + text));
    }
}
