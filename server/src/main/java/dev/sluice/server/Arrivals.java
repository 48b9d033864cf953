package dev.sluice.server;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The platform threads that write what comes to be imported: a step of one connection queues up behind those of
/// others, and there are never more than there are connections.
final class Arrivals implements Executor, AutoCloseable {
    private static final int THREADS = 4;

    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("arrival-", 1).factory());

    Arrivals() {
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public void execute(Runnable step) {
        threads.execute(step);
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
