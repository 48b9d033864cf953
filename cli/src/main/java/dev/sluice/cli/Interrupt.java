package dev.sluice.cli;

import java.io.Closeable;
import java.lang.System.Logger.Level;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Ctrl-C: the first asks the command to stop, the second ends the process at once. Thread-safe.
final class Interrupt {
    private static final System.Logger LOG = System.getLogger(Interrupt.class.getName());

    private final AtomicReference<@Nullable Closeable> blocking = new AtomicReference<>();
    private final AtomicReference<@Nullable Runnable> waking = new AtomicReference<>();
    private final Thread command = Thread.currentThread();
    private final CountDownLatch fired = new CountDownLatch(1);
    private final CountDownLatch struck = new CountDownLatch(1);
    private volatile boolean armed;

    /// Fires at the first Ctrl-C from now on, see [#arm]. `sun.misc.Signal` is reached by reflection: there is
    /// no other way to tell a second Ctrl-C, and where a JVM does not have it, Ctrl-C ends the process as
    /// usual.
    static Interrupt onCtrlC() {
        var interrupt = new Interrupt();
        try {
            var signal = Class.forName("sun.misc.Signal");
            var handler = Class.forName("sun.misc.SignalHandler");
            var proxy = Proxy.newProxyInstance(
                    Interrupt.class.getClassLoader(), new Class<?>[] {handler}, (self, method, args) -> {
                        if (method.getName().equals("handle")) {
                            interrupt.fire();
                        }
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("INT"), proxy);
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.log(Level.DEBUG, "Ctrl-C ends the process without a word to the server", e);
        }
        return interrupt;
    }

    void fire() {
        if (fired()) {
            Runtime.getRuntime().halt(Exit.CANCELLED);
        }
        fired.countDown();
        try {
            strike();
        } finally {
            struck.countDown();
        }
    }

    private void strike() {
        var wake = waking.getAndSet(null);
        if (wake != null) {
            wake.run();
        }
        if (!armed) {
            return;
        }
        command.interrupt();
        var open = blocking.get();
        if (open != null) {
            Closing.quietly(open);
        }
    }

    /// What is run, once, when it fires, at once where it has; it returns at once.
    void wakes(Runnable wake) {
        waking.set(wake);
        if (fired() && waking.compareAndSet(wake, null)) {
            wake.run();
        }
    }

    boolean fired() {
        return fired.getCount() == 0;
    }

    /// Waits, but not on once it has fired.
    void pause(Duration time) {
        try {
            var unused = fired.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// From here on it cuts short what blocks. Before, it only is remembered: a request that makes jobs must
    /// have its answer, or nobody would know what to cancel.
    void arm() {
        armed = true;
    }

    /// What is closed when it fires, at once where it has.
    void closes(Closeable resource) {
        blocking.set(resource);
        if (fired()) {
            Closing.quietly(resource);
        }
    }

    /// From here on the thread may block again: what is left to do is to tell the server. Waits for whoever
    /// interrupts: a thread that has noticed may open a channel already while [Thread#interrupt] is still to close
    /// the one that it finds the thread at.
    void answered() {
        while (fired() && struck.getCount() > 0) {
            try {
                struck.await();
            } catch (InterruptedException e) {
                // That is what is waited for.
            }
        }
        var unused = Thread.interrupted();
    }

    void check() throws InterruptedException {
        if (fired()) {
            throw new InterruptedException("Ctrl-C");
        }
    }
}
