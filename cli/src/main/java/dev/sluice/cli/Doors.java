package dev.sluice.cli;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// The way by which other terminals reach what runs in this process: opened once that lasts, on a thread of its own,
/// which closes it too.
final class Doors implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Doors.class.getName());
    /// What is over sooner needs none: to open them takes longer.
    private static final Duration AFTER = Duration.ofMillis(100);

    interface Opening {
        AutoCloseable open();
    }

    private final Opening opening;
    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread porter;
    private volatile boolean tried;

    Doors(Opening opening) {
        this.opening = opening;
        this.porter = Thread.ofPlatform().daemon().name("doors").unstarted(this::mind);
    }

    void openSoon() {
        porter.start();
    }

    /// Whether they are open, or cannot be opened.
    boolean tried() {
        return tried;
    }

    private void mind() {
        try {
            if (over.await(AFTER.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
            try (var doors = opening.open()) {
                LOG.log(Level.DEBUG, "open: {0}", doors);
                tried = true;
                over.await();
            }
        } catch (Exception e) {
            LOG.log(Level.WARNING, "nobody can reach this operation from another terminal", e);
            tried = true;
        }
    }

    @Override
    public void close() {
        over.countDown();
        try {
            porter.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
