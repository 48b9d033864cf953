package dev.sluice.download;

import dev.sluice.core.StopToken;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The limits of all downloads together and of those from one host. Safe for use by many threads.
final class Throttles {
    private final @Nullable Throttle all;
    private final @Nullable Long ofHost;
    private final ConcurrentHashMap<String, Throttle> hosts = new ConcurrentHashMap<>();

    Throttles(@Nullable Long all, @Nullable Long ofHost) {
        this.all = all == null ? null : new Throttle(all);
        this.ofHost = ofHost;
    }

    void take(String host, long bytes, StopToken stop) {
        if (all != null) {
            all.take(bytes, stop);
        }
        Long limit = ofHost;
        if (limit != null) {
            hosts.computeIfAbsent(host, name -> new Throttle(limit)).take(bytes, stop);
        }
    }
}
