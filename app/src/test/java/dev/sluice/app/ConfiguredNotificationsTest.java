package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.notify.NotifySettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfiguredNotificationsTest {
    @TempDir
    Path folder = Path.of("");

    private Settings.Notify settings(Map<String, String> flags) {
        return Configuration.load(folder, null, flags, Map.of()).settings().notifications();
    }

    @Test
    void nothingSaidMeansTheDefaults() {
        assertThat(ConfiguredNotifications.of(settings(Map.of()))).isEqualTo(NotifySettings.DEFAULT);
    }

    @Test
    void whatIsSaidCounts() {
        NotifySettings notify = ConfiguredNotifications.of(settings(Map.of(
                "notify.allow-networks", "127.0.0.0/8,fd00::/8",
                "notify.contact", "https://example.org/about",
                "notify.first-wait", "200ms",
                "notify.age", "1h")));
        assertThat(notify.networks()).containsExactly("127.0.0.0/8", "fd00::/8");
        assertThat(notify.contact()).isEqualTo("https://example.org/about");
        assertThat(notify.firstWait()).isEqualTo(Duration.ofMillis(200));
        assertThat(notify.age()).isEqualTo(Duration.ofHours(1));
    }

    @ParameterizedTest
    @CsvSource({
        "notify.allow-networks, 10.0.0.0/99",
        "notify.allow-networks, intranet",
        "notify.contact, ops@example.org",
        "notify.timeout, 0s",
        "notify.first-wait, 0s",
        "notify.longest-wait, 0s",
        "notify.age, 0s",
        "notify.kept, 0s"
    })
    void whatCannotBeIsRefusedByItsKey(String key, String value) {
        assertThatThrownBy(() -> ConfiguredNotifications.of(settings(Map.of(key, value))))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith(key);
    }
}
