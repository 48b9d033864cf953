package dev.sluice.server;

import dev.sluice.app.DataFolder;
import dev.sluice.app.Roots;
import dev.sluice.app.Settings;
import dev.sluice.app.Sluice;
import dev.sluice.wire.Json;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/// What a process that runs jobs by itself opens, the command line for one: the socket in its data folder, where other
/// terminals find it and ask what they would ask of a server, and the port that desktop programs know. It has no
/// address of its own.
public final class LocalDoors implements AutoCloseable {
    /// Whoever cancels the last operation of this process hears of it before the process ends.
    private static final Duration ANSWERS = Duration.ofSeconds(2);

    private final Sluice sluice;
    private final Doors doors;
    private final AtomicBoolean closed = new AtomicBoolean();

    private LocalDoors(Sluice sluice, Doors doors) {
        this.sluice = sluice;
        this.doors = doors;
    }

    /// Returns once requests are answered.
    ///
    /// @param folder whose lock this process holds
    /// @param sluice that works on it, which the caller closes afterwards
    /// @throws dev.sluice.app.ConfigurationException where the socket cannot be made
    public static LocalDoors open(DataFolder folder, Sluice sluice, Settings settings) {
        // Who comes through the socket has its user's own rights and needs no roots; nobody else comes.
        var doors = new Doors(folder, settings, sluice, new Roots(List.of()), List.of());
        var local = new LocalDoors(sluice, doors);
        try {
            doors.open();
            folder.announce(Json.text(Map.of(
                    "pid",
                    ProcessHandle.current().pid(),
                    "socket",
                    folder.socket().toString())));
            return local;
        } catch (RuntimeException e) {
            local.close();
            throw e;
        }
    }

    /// Tells those who watch how far all is, sends them away and ends. The jobs go on.
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        doors.drain();
        try {
            sluice.hub().drain();
            doors.awaitAnswered(ANSWERS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        doors.close();
    }
}
