package dev.sluice.house;

import dev.sluice.core.DebtStore;
import dev.sluice.core.Engine;
import dev.sluice.core.EngineSettings;
import dev.sluice.core.Ids;
import dev.sluice.core.JobId;
import dev.sluice.core.JobStore;
import dev.sluice.core.NodeStore;
import dev.sluice.core.Observer;
import dev.sluice.db.Database;
import dev.sluice.state.State;
import dev.sluice.storage.Deposit;
import dev.sluice.storage.Durability;
import dev.sluice.storage.LocalStorage;
import dev.sluice.storage.Storage;
import dev.sluice.storage.Storages;
import dev.sluice.testing.SettableClock;
import dev.sluice.upload.UploadSettings;
import dev.sluice.upload.Uploads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// One process: the real engine and uploads on the real stores and storage, all of which it reaches through its
/// [Faults] only.
final class TestingNode {
    static final Duration LEASE = Duration.ofSeconds(15);
    static final Duration RENEWAL = Duration.ofSeconds(5);
    static final Duration LOST_PATIENCE = Duration.ofSeconds(30);
    static final Duration PATIENCE = Duration.ofMinutes(2);
    static final long MAX_SIZE = 3 << 20;

    final Faults faults = new Faults();
    final Engine engine;
    final Uploads uploads;
    final Steps steps;
    final State state;
    private final Database database;
    private final Storage storage;
    /// Jobs whose cancel has not gone all its way.
    final Set<JobId> cancelling = ConcurrentHashMap.newKeySet();

    TestingNode(Ground ground, Path folder, String name, Durability durability, SettableClock clock) {
        var ids = new Ids(clock);
        database = ground.open(folder);
        state = State.open(
                database, clock, ids, new State.Settings(Set.of(Uploads.KIND), Duration.ofDays(7), 1_000_000, LEASE));
        storage = new LocalStorage(folder.resolve("files"), durability, 0);
        var storages = new Storages(Map.of("local", faults.around(Storage.class, storage)), "local");
        engine = new Engine(
                faults.around(JobStore.class, state.jobs()),
                faults.around(DebtStore.class, state.debts()),
                faults.around(NodeStore.class, state.nodes()),
                Deposit.payers(storages),
                new Observer() {
                    @Override
                    public void cancelled(Cancelled cancelled) {
                        cancelling.remove(cancelled.job().id());
                    }
                },
                clock,
                ids,
                new EngineSettings(
                        name,
                        Duration.ofDays(1),
                        RENEWAL,
                        LEASE,
                        3,
                        Duration.ofMillis(1),
                        Duration.ofMillis(2),
                        Duration.ofSeconds(2),
                        Duration.ofMinutes(5)));
        uploads = new Uploads(
                engine, storages, ids, new UploadSettings(MAX_SIZE, 10, Set.of(), Set.of(), LOST_PATIENCE, PATIENCE));
        steps = new Steps(engine);
    }

    /// Lets a transaction come to nothing at the n-th row that is written from now on.
    void breakTransactionAt(int row) {
        database.write(transaction -> transaction.handle().execute("UPDATE faults SET remaining = ?", row));
    }

    /// As `kill -9`: what was under way in the database has either been committed by now or never will be.
    void kill() {
        faults.kill();
        steps.abandon();
        if (!Steps.within(10_000, faults::quiet)) {
            throw new IllegalStateException("a call into the stores does not end");
        }
        giveBack();
    }

    void close() {
        engine.close();
        giveBack();
    }

    private void giveBack() {
        storage.close();
        state.close();
    }
}
