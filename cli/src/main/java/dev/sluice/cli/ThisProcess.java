package dev.sluice.cli;

import dev.sluice.app.DataFolder;
import dev.sluice.app.Settings;
import dev.sluice.app.Sluice;
import dev.sluice.core.BatchId;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.files.OperationSpec;
import dev.sluice.files.Report;
import dev.sluice.server.LocalDoors;
import dev.sluice.wire.JsonFrames;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// This process holds the data folder and does the work itself, that of other processes too for as long as it lives:
/// when it closes, theirs goes back to waiting, and the first of them that gets the folder goes on.
final class ThisProcess implements Holder {
    private final DataFolder folder;
    private final Sluice sluice;
    private final Interrupt interrupt;
    private final Semaphore changed = new Semaphore(0);
    private final Doors doors;

    private ThisProcess(DataFolder folder, Settings settings, Sluice sluice, Interrupt interrupt) {
        this.folder = folder;
        this.sluice = sluice;
        this.interrupt = interrupt;
        this.doors = new Doors(() -> LocalDoors.open(folder, sluice, settings));
    }

    /// Takes over what a predecessor left, and goes on with it.
    ///
    /// @param folder closed with it
    static ThisProcess open(DataFolder folder, Settings settings, Interrupt interrupt) {
        return new ThisProcess(folder, settings, Sluice.open(folder, settings, new JsonFrames()), interrupt);
    }

    private interface Work<T> {
        T run();
    }

    private static <T> T told(Work<T> work) {
        try {
            return work.run();
        } catch (ProblemException e) {
            throw Failure.refused(e);
        }
    }

    @Override
    public Begun begin(OperationSpec spec, @Nullable BatchId batch, String key) {
        return begun(told(() -> sluice.operations().submit(spec, Owner.LOCAL, batch, key)));
    }

    @Override
    public Begun undo(JobId id, String key) {
        return begun(told(() -> sluice.operations().undo(id, Owner.LOCAL, null, key)));
    }

    private Begun begun(Job job) {
        sluice.events().subscribe(events -> {
            if (events.stream().anyMatch(event -> event.job().equals(job.id()))) {
                changed.release();
            }
        });
        interrupt.wakes(changed::release);
        doors.openSoon();
        return new Begun(job.id(), String.valueOf(job.batch()));
    }

    @Override
    public JobId find(String id) {
        if (Ids.isIdentifier(id)) {
            var job = sluice.jobs().find(new JobId(id));
            if (job.isPresent()) {
                return job.get().id();
            }
            var batch = sluice.jobs().jobsOf(new BatchId(id));
            if (!batch.isEmpty()) {
                return batch.getFirst().id();
            }
        }
        throw new Failure(Exit.NOT_FOUND, ErrorCode.NOT_FOUND, "there is no operation " + id);
    }

    @Override
    public boolean reachable() {
        return doors.tried();
    }

    @Override
    public Standing standing(JobId id) {
        return told(() -> Standing.of(
                sluice.engine().job(id), sluice.engine().progress(id).orElse(null)));
    }

    @Override
    public void await(Duration atMost) {
        try {
            var unused = changed.tryAcquire(atMost.toMillis(), TimeUnit.MILLISECONDS);
            changed.drainPermits();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void cancel(JobId id) {
        try {
            var unused = sluice.engine().cancel(id, Engine.Asked.now(CancelSource.CLI));
        } catch (ProblemException e) {
            if (e.code() != ErrorCode.NOT_CANCELLABLE) {
                throw Failure.refused(e);
            }
        }
    }

    @Override
    public void settle(JobId id) {
        told(() -> {
            sluice.engine().awaitStopped(id);
            return sluice.engine().settle(id);
        });
    }

    @Override
    public Report report(JobId id) {
        return told(() -> sluice.operations().report(id));
    }

    @Override
    public void close() {
        try (folder;
                sluice) {
            doors.close();
        }
    }
}
