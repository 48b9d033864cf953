package dev.sluice.google;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/// Which folder of Google Drive. An [IllegalArgumentException] begins with the setting that is wrong.
///
/// @param name of the storage, as users call it
/// @param drive the id of a shared drive; null for the account's own
/// @param folder the folder's id, or null where it is said by its path
/// @param path of the folder from the drive's root, with `/` between; empty for the root
/// @param making whether folders of the path that are missing are made
/// @param endpoint of the service
public record DriveSettings(
        String name, @Nullable String drive, @Nullable String folder, String path, boolean making, URI endpoint) {
    public static final URI GOOGLE = URI.create("https://www.googleapis.com");

    public DriveSettings {
        if (folder != null && !path.isEmpty()) {
            throw new IllegalArgumentException("folder stands beside folder-id: name the folder in one way");
        }
    }

    @Override
    public String toString() {
        return (folder != null ? "folder " + folder : path.isEmpty() ? "the root" : "folder " + path)
                + (drive == null ? " of Google Drive" : " of shared drive " + drive)
                + (endpoint.equals(GOOGLE) ? "" : " at " + endpoint);
    }
}
