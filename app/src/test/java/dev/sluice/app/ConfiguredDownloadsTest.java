package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.download.DownloadSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfiguredDownloadsTest {
    @TempDir
    Path folder = Path.of("");

    private Settings settings(Map<String, String> flags) {
        return Configuration.load(folder, null, flags, Map.of()).settings();
    }

    @Test
    void nothingSaidMeansTheDefaults() {
        Settings settings = settings(Map.of());
        DownloadSettings downloads = ConfiguredDownloads.of(settings, folder);
        assertThat(downloads.maxSize()).isEqualTo(100L << 30);
        assertThat(downloads.places()).isEqualTo(16);
        assertThat(downloads.perOwner()).isEqualTo(16);
        assertThat(downloads.perHost()).isEqualTo(8);
        assertThat(downloads.connections()).isEqualTo(4);
        assertThat(downloads.bandwidth()).isNull();
        assertThat(downloads.hostBandwidth()).isNull();
        assertThat(downloads.networks()).isEmpty();
        assertThat(downloads.ytDlp()).isEqualTo("yt-dlp");
        assertThat(downloads.ffmpeg()).isEqualTo("ffmpeg");
        assertThat(downloads.work()).isEqualTo(folder.resolve("downloads"));
        assertThat(downloads.cookies()).isEqualTo(folder.resolve("cookies"));
        assertThat(settings.download().linkAge()).isEqualTo(Duration.ofHours(24));
        assertThat(ConfiguredDownloads.publicUrl(settings.server())).isNull();
    }

    @Test
    void ratesAreSizesASecondAndNetworksAreAList() {
        DownloadSettings downloads = ConfiguredDownloads.of(
                settings(Map.of(
                        "download.bandwidth", "10 MiB",
                        "download.host-bandwidth", "1 MB",
                        "download.allow-networks", "127.0.0.0/8,fd00::/8")),
                folder);
        assertThat(downloads.bandwidth()).isEqualTo(10L << 20);
        assertThat(downloads.hostBandwidth()).isEqualTo(1_000_000L);
        assertThat(downloads.networks()).containsExactly("127.0.0.0/8", "fd00::/8");
    }

    @ParameterizedTest
    @CsvSource({
        "download.allow-networks, 10.0.0.0/99",
        "download.allow-networks, intranet",
        "download.concurrent, 0",
        "download.per-owner, 0",
        "download.per-host, -1",
        "download.connections, 0",
        "download.bandwidth, 0"
    })
    void whatCannotBeIsRefusedByItsKey(String key, String value) {
        Settings settings = settings(Map.of(key, value));
        assertThatThrownBy(() -> ConfiguredDownloads.of(settings, folder))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith(key)
                .hasMessageContaining(value);
    }

    @Test
    void thePublicAddressHasNoSlashAtItsEnd() {
        assertThat(ConfiguredDownloads.publicUrl(settings(Map.of("server.public-url", "https://files.example.com/s/"))
                        .server()))
                .isEqualTo(URI.create("https://files.example.com/s"));
        assertThatThrownBy(
                        () -> ConfiguredDownloads.publicUrl(settings(Map.of("server.public-url", "files.example.com"))
                                .server()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("server.public-url");
    }
}
