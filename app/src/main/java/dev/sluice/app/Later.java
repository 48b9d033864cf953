package dev.sluice.app;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What is opened when somebody first asks for it: who works alone has neither accounts nor anybody to tell, and starts
/// sooner. Safe for use by many threads.
final class Later<T> implements AutoCloseable {
    private final Supplier<T> opening;
    private final Consumer<T> closing;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable T opened;

    Later(Supplier<T> opening, Consumer<T> closing) {
        this.opening = opening;
        this.closing = closing;
    }

    T open() {
        @Nullable T known = opened;
        if (known != null) {
            return known;
        }
        lock.lock();
        try {
            known = opened;
            if (known == null) {
                known = opening.get();
                opened = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    void ifOpen(Consumer<T> act) {
        @Nullable T known = opened;
        if (known != null) {
            act.accept(known);
        }
    }

    @Override
    public void close() {
        ifOpen(closing);
    }
}
