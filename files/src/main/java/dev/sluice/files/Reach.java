package dev.sluice.files;

import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Which folders an operation may touch.
interface Reach {
    /// What the operating system's user may.
    static Reach everywhere() {
        return Everywhere.INSTANCE;
    }

    /// What lies in one of these folders. No link on the way leads out of them, also where a folder is swapped for a
    /// link in the middle.
    static Reach within(List<Path> roots) {
        return new Rooted(roots);
    }

    /// Whether the path lies within reach by its name alone; where links lead is seen when it is used.
    boolean covers(Path path);

    /// A way to the files for one thread.
    Access access();

    /// Turns paths into those by which the files can be used safely just now: an entry of a folder that is held.
    /// Used by one thread; what it gives holds until the next call. The last name of a path is never followed where
    /// it is a link: who uses it sees to that.
    interface Access extends AutoCloseable {
        /// @throws IOException where the folder is missing or out of reach
        Path entry(Path path) throws IOException;

        /// The same for a folder that is about to be listed.
        Path folder(Path path) throws IOException;

        /// What a file is just now; nothing where there is none, or no folder that it could lie in.
        default Optional<Stat> stat(Path path) throws IOException {
            try {
                return Stat.ifThere(entry(path));
            } catch (NoSuchFileException | NotDirectoryException e) {
                return Optional.empty();
            }
        }

        /// The names in a folder in their order, but for those that operations make on their way.
        ///
        /// @throws dev.sluice.core.Stopped where the token fires meanwhile
        default List<Path> names(Path folder, StopToken stop) throws IOException {
            var names = new ArrayList<Path>();
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder(folder))) {
                for (Path entry : entries) {
                    stop.check();
                    Path name = entry.getFileName();
                    if (!Temps.isOne(name)) {
                        names.add(name);
                    }
                }
            } catch (DirectoryIteratorException e) {
                throw new IOException(e.getMessage(), e);
            }
            names.sort(Comparator.naturalOrder());
            return names;
        }

        @Override
        void close();
    }

    /// Nothing needs to be held.
    enum Everywhere implements Reach, Access {
        INSTANCE;

        @Override
        public boolean covers(Path path) {
            return true;
        }

        @Override
        public Access access() {
            return this;
        }

        @Override
        public Path entry(Path path) {
            return path;
        }

        @Override
        public Path folder(Path path) {
            return path;
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
