package dev.sluice.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The folders that file operations asked for over HTTP may touch.
///
/// @param folders absolute, in the order in which they are configured; relative paths are meant from the first
public record Roots(List<Path> folders) {
    public Roots {
        folders = List.copyOf(folders);
    }

    /// Reads them off the settings.
    ///
    /// @param data the data folder, which lies in none of them: who may write there may do everything
    /// @throws ConfigurationException where one is not absolute, no folder, or holds the data folder
    public static Roots of(Settings.Files settings, Path data) {
        return new Roots(settings.roots().orElse(List.of()).stream()
                .map(root -> checked(root, data))
                .toList());
    }

    private static Path checked(Path root, Path data) {
        if (!root.isAbsolute()) {
            throw new ConfigurationException("files.roots: " + root + " is not absolute; write the whole path");
        }
        if (!Files.isDirectory(root)) {
            throw new ConfigurationException(
                    "files.roots: there is no folder " + root + "; make it, or take it out of the list");
        }
        try {
            if (real(data).startsWith(root.toRealPath())) {
                throw new ConfigurationException("files.roots: the data folder " + data + " lies in " + root
                        + ", and requests could change it; name the folders beside it instead");
            }
        } catch (IOException e) {
            throw new ConfigurationException("files.roots: " + root + " cannot be looked at: " + e, e);
        }
        return root.normalize();
    }

    /// Also of a folder that is yet to be made.
    private static Path real(Path folder) throws IOException {
        return Files.exists(folder)
                ? folder.toRealPath()
                : folder.toAbsolutePath().normalize();
    }

    public boolean isEmpty() {
        return folders.isEmpty();
    }

    /// Whether a path lies in one of them by its name; where links on the way lead is seen when it is used.
    public boolean cover(Path path) {
        Path plain = path.normalize();
        return folders.stream().anyMatch(plain::startsWith);
    }

    /// As the specification of an operation has them.
    public List<String> words() {
        return folders.stream().map(Path::toString).toList();
    }
}
