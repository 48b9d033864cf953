package dev.sluice.storage;

import java.io.IOException;
import java.nio.file.Path;

/// Gives an existing file a second name, never over anything that stands there:
/// [java.nio.file.Files#createLink].
@FunctionalInterface
interface Linker {
    /// @throws java.nio.file.FileAlreadyExistsException where the name is taken
    /// @throws UnsupportedOperationException where the platform has no hard links
    void link(Path name, Path existing) throws IOException;
}
