package dev.sluice.storage;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/// Makes the threads of one storage, which know whose they are.
final class DiskThreads implements ThreadFactory {
    private final LocalStorage owner;
    private final String name;
    private final AtomicInteger made = new AtomicInteger();

    /// @param name what the threads' names begin with
    DiskThreads(LocalStorage owner, String name) {
        this.owner = owner;
        this.name = name;
    }

    @Override
    public Thread newThread(Runnable work) {
        return new DiskThread(owner, work, name + made.incrementAndGet());
    }

    static final class DiskThread extends Thread {
        private final LocalStorage owner;

        DiskThread(LocalStorage owner, Runnable work, String name) {
            super(work, name);
            this.owner = owner;
            setDaemon(true);
        }

        boolean isOf(LocalStorage storage) {
            return owner.equals(storage);
        }
    }
}
