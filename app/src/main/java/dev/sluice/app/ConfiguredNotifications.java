package dev.sluice.app;

import dev.sluice.notify.NotifySettings;
import java.time.Duration;
import java.util.List;

/// Notifications as their settings have them.
final class ConfiguredNotifications {
    private ConfiguredNotifications() {}

    /// @throws ConfigurationException where a setting cannot be: it names its key
    static NotifySettings of(Settings.Notify notify) {
        requireSome("timeout", notify.timeout());
        requireSome("first-wait", notify.firstWait());
        requireSome("longest-wait", notify.longestWait());
        requireSome("age", notify.age());
        requireSome("kept", notify.kept());
        if (!notify.contact().matches("mailto:[^ ]+@[^ ]+|https://[^ ]+")) {
            throw new ConfigurationException(
                    "notify.contact is \"" + notify.contact() + "\"; write it as mailto:NAME@HOST or https://HOST");
        }
        try {
            return new NotifySettings(
                    notify.allowNetworks().orElse(List.of()),
                    notify.contact(),
                    notify.timeout(),
                    notify.firstWait(),
                    notify.longestWait(),
                    notify.age(),
                    notify.kept());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(NotifySettings.NETWORKS + ": " + e.getMessage(), e);
        }
    }

    private static void requireSome(String key, Duration time) {
        if (time.isNegative() || time.isZero()) {
            throw new ConfigurationException("notify." + key + " is " + time + "; it must be longer than nothing");
        }
    }
}
