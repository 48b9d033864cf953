package dev.sluice.notify;

import dev.sluice.core.Network;
import java.time.Duration;
import java.util.List;

/// @param networks that may be reached although their addresses are not public
/// @param contact whom a push service may ask about us, `mailto:` or `https:`
/// @param timeout how long a receiver may take for its answer
/// @param firstWait the longest wait after the first try; it doubles with each
/// @param longestWait no wait is longer, unless the receiver asks for it
/// @param age how long a delivery is tried
/// @param kept how long those that are over can be looked up and sent again
public record NotifySettings(
        List<String> networks,
        String contact,
        Duration timeout,
        Duration firstWait,
        Duration longestWait,
        Duration age,
        Duration kept) {
    public static final String NETWORKS = "notify.allow-networks";

    public static final NotifySettings DEFAULT = new NotifySettings(
            List.of(),
            "mailto:sluice@localhost",
            Duration.ofSeconds(15),
            Duration.ofSeconds(5),
            Duration.ofHours(1),
            Duration.ofDays(3),
            Duration.ofDays(7));

    public NotifySettings {
        networks = List.copyOf(networks);
        networks.forEach(Network::of);
    }
}
