package dev.sluice.files;

import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// One queue per device: how many threads of all operations may read and write it at a time. Disks with heads have one
/// place, others four. Safe for use by many threads.
final class Devices {
    private static final int WIDE = 4;
    private static final long LOOK_MILLIS = 20;

    private final ConcurrentHashMap<Long, Queue> queues = new ConcurrentHashMap<>();

    private record Queue(int width, Semaphore places) {}

    /// Places that are held, given back together.
    static final class Places implements AutoCloseable {
        private final List<Semaphore> held;

        private Places(List<Semaphore> held) {
            this.held = held;
        }

        @Override
        public void close() {
            held.forEach(Semaphore::release);
            held.clear();
        }
    }

    /// How many threads are of use between these devices.
    int width(SortedSet<Long> devices) {
        return devices.stream().mapToInt(device -> queue(device).width()).min().orElse(WIDE);
    }

    /// Waits for a place at each of the devices; always in their order, so that nobody waits for one who waits for
    /// them.
    ///
    /// @throws dev.sluice.core.Stopped where the token fires meanwhile
    Places claim(SortedSet<Long> devices, StopToken stop) {
        var held = new Places(new ArrayList<>(devices.size()));
        try {
            for (Long device : devices) {
                Semaphore places = queue(device).places();
                while (!places.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                    stop.check();
                }
                held.held.add(places);
            }
            return held;
        } catch (InterruptedException e) {
            held.close();
            Thread.currentThread().interrupt();
            throw new dev.sluice.core.Stopped(dev.sluice.core.StopReason.DRAINING);
        } catch (RuntimeException e) {
            held.close();
            throw e;
        }
    }

    private Queue queue(long device) {
        return queues.computeIfAbsent(device, number -> {
            int width = hasHeads(number) ? 1 : WIDE;
            return new Queue(width, new Semaphore(width, true));
        });
    }

    /// As the kernel says of the disk, or of that which a partition is part of. What is no block device (tmpfs, NFS)
    /// has none; nor has a virtual disk, of which the kernel always says that it does.
    private static boolean hasHeads(long device) {
        long major = ((device >> 8) & 0xfff) | ((device >> 32) & ~0xfffL);
        long minor = (device & 0xff) | ((device >> 12) & ~0xffL);
        try {
            Path block = Path.of("/sys/dev/block/" + major + ":" + minor).toRealPath();
            for (String place : List.of("queue/rotational", "../queue/rotational")) {
                Path answer = block.resolve(place);
                if (Files.isReadable(answer)) {
                    return Files.readString(answer).startsWith("1")
                            && !block.toString().contains("/virtio");
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }
}
