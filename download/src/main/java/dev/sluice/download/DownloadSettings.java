package dev.sluice.download;

import dev.sluice.core.Network;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What downloads may use.
///
/// @param maxSize of one file, in bytes
/// @param places how many run at a time
/// @param perOwner of them one owner's
/// @param perHost of them from one host
/// @param connections at a time for one file
/// @param bandwidth of all together, in bytes a second; null: no limit
/// @param hostBandwidth of those from one host
/// @param networks which of the addresses that are refused by themselves may be reached, as `127.0.0.0/8`
/// @param ytDlp its command
/// @param ffmpeg its command
/// @param work a folder for what cannot go straight into a storage
/// @param cookies a folder with `OWNER.txt` for those whose pages want cookies
public record DownloadSettings(
        long maxSize,
        int places,
        int perOwner,
        int perHost,
        int connections,
        @Nullable Long bandwidth,
        @Nullable Long hostBandwidth,
        List<String> networks,
        String ytDlp,
        String ffmpeg,
        Path work,
        Path cookies) {
    /// @throws IllegalArgumentException where one of the networks is none
    public DownloadSettings {
        networks = List.copyOf(networks);
        networks.forEach(Network::of);
    }
}
