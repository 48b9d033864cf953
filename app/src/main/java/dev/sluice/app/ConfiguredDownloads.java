package dev.sluice.app;

import dev.sluice.download.DownloadSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Downloads as their settings have them.
public final class ConfiguredDownloads {
    private ConfiguredDownloads() {}

    /// @param folder the data folder
    /// @throws ConfigurationException where a setting cannot be: it names its key
    public static DownloadSettings of(Settings settings, Path folder) {
        Settings.Download download = settings.download();
        requireSome("concurrent", download.concurrent());
        requireSome("per-owner", download.perOwner());
        requireSome("per-host", download.perHost());
        requireSome("connections", download.connections());
        Long bandwidth = download.bandwidth().map(ByteSize::bytes).orElse(null);
        Long hostBandwidth = download.hostBandwidth().map(ByteSize::bytes).orElse(null);
        requireSome("bandwidth", bandwidth == null ? 1 : bandwidth);
        requireSome("host-bandwidth", hostBandwidth == null ? 1 : hostBandwidth);
        try {
            return new DownloadSettings(
                    download.maxSize().bytes(),
                    download.concurrent(),
                    download.perOwner(),
                    download.perHost(),
                    download.connections(),
                    bandwidth,
                    hostBandwidth,
                    download.allowNetworks().orElse(List.of()),
                    download.ytDlp(),
                    download.ffmpeg(),
                    DataFolder.downloads(folder),
                    DataFolder.cookies(folder));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("download.allow-networks: " + e.getMessage(), e);
        }
    }

    private static void requireSome(String key, long number) {
        if (number < 1) {
            throw new ConfigurationException("download." + key + " is " + number + "; 1 is the least");
        }
    }

    /// Where others reach this server, without a slash at its end; null where that is not said.
    ///
    /// @throws ConfigurationException where it is no address
    static @Nullable URI publicUrl(Settings.Server server) {
        URI url = WrittenUrl.of("server.public-url", server.publicUrl());
        return url == null ? null : URI.create(url.toString().replaceFirst("/+$", ""));
    }
}
