package dev.sluice.imports;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Makes things ahead of whoever takes them, on a platform thread of its own, some thousands at a time and never more
/// than a few of such parts. Taken from by one thread.
///
/// @param <T> what is made
final class Ahead<T> implements AutoCloseable {
    private static final int PART = 2_000;
    private static final int PARTS = 2;

    private final Supplier<@Nullable T> source;
    private final BlockingQueue<Part<T>> parts = new ArrayBlockingQueue<>(PARTS);
    private final Thread thread;
    private volatile boolean closed;

    /// @param last whether it is the last part
    /// @param failure why nothing more could be made, or null
    private record Part<T>(
            List<T> things, boolean last, @Nullable Throwable failure) {}

    /// @param source gives one after the other, then null
    Ahead(String name, Supplier<@Nullable T> source) {
        this.source = source;
        this.thread = Thread.ofPlatform().name(name).daemon().start(this::run);
    }

    private void run() {
        try {
            Part<T> part = new Part<>(List.of(), false, null);
            while (!part.last() && !closed) {
                part = make();
                parts.put(part);
            }
        } catch (InterruptedException e) {
            // Nobody takes any more.
        }
    }

    private Part<T> make() {
        var things = new ArrayList<T>(PART);
        try {
            while (things.size() < PART) {
                T thing = source.get();
                if (thing == null) {
                    return new Part<>(things, true, null);
                }
                things.add(thing);
            }
            return new Part<>(things, false, null);
        } catch (RuntimeException | Error e) {
            return new Part<>(List.of(), true, e);
        }
    }

    /// The next part, perhaps an empty one; null: there are no more. Throws what the source has thrown.
    @Nullable
    List<T> take() {
        if (closed) {
            return null;
        }
        try {
            Part<T> part = parts.take();
            closed = part.last();
            return switch (part.failure()) {
                case null -> part.things();
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case Throwable failure -> throw new IllegalStateException(failure);
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for what is made ahead", e);
        }
    }

    /// Nothing is made any more, and the thread has ended; where it waits for a decision, once there is one.
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
