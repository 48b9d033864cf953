package dev.sluice.bench;

import dev.sluice.app.Configuration;
import dev.sluice.app.DataFolder;
import dev.sluice.app.Logs;
import dev.sluice.app.Sluice;
import dev.sluice.core.Job;
import dev.sluice.core.Owner;
import dev.sluice.files.OnCancel;
import dev.sluice.files.OperationSpec;
import dev.sluice.files.Operations;
import dev.sluice.files.Policy;
import dev.sluice.files.Verb;
import dev.sluice.wire.JsonFrames;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Two copies at once and a ticker, in one JVM: `FOLDER DATA ROUNDS`. It says `late MILLIS` after each round.
final class TickerProcess {
    private TickerProcess() {}

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        Path data = Path.of(args[1]);
        int rounds = Integer.parseInt(args[2]);
        var settings = Configuration.load(data, null, Map.of(), Map.of()).settings();
        Logs.configure(data, settings.log());
        try (var held = DataFolder.open(data);
                var sluice = Sluice.open(held, settings, new JsonFrames())) {
            for (int round = 0; round <= rounds; round++) {
                double late = round(sluice, folder);
                if (round > 0) {
                    System.out.println("late " + late);
                }
            }
        }
    }

    private static double round(Sluice sluice, Path folder) throws InterruptedException {
        var over = new AtomicBoolean();
        var most = new AtomicLong();
        Thread ticker = Thread.ofVirtual().start(() -> tick(over, most));
        List<Job> jobs = List.of(begin(sluice, folder, "one"), begin(sluice, folder, "two"));
        for (Job job : jobs) {
            while (!sluice.engine().job(job.id()).state().ended()) {
                Thread.sleep(5);
            }
        }
        over.set(true);
        ticker.join();
        return most.get() / 1e6;
    }

    private static void tick(AtomicBoolean over, AtomicLong most) {
        while (!over.get()) {
            long before = System.nanoTime();
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            long late = System.nanoTime() - before - 1_000_000;
            most.accumulateAndGet(late, Math::max);
        }
    }

    private static Job begin(Sluice sluice, Path folder, String name) {
        Operations operations = sluice.operations();
        return operations.submit(
                new OperationSpec(
                        Verb.COPY,
                        folder.toString(),
                        List.of(name + "/file"),
                        name + "/copy",
                        null,
                        null,
                        Policy.OVERWRITE,
                        null,
                        false,
                        false,
                        OnCancel.KEEP,
                        null,
                        null,
                        null),
                Owner.LOCAL,
                null,
                null);
    }
}
