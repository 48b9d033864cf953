package dev.sluice.app;

import dev.sluice.cloud.Patience;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.db.Database;
import dev.sluice.storage.Storage;
import dev.sluice.storage.Trial;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One storage of a configuration, opened by itself and with little patience: without the data folder's lock, beside
/// a server that may be running, and by one who waits for a word.
public final class StorageVisit implements AutoCloseable {
    private final Path scratch;
    private final Clouds clouds;
    private final Storage storage;
    private @Nullable Database database;
    /// Folders that a disk's storage was made with, the innermost first.
    private final List<Path> made;

    /// Opens it; no call is made yet.
    ///
    /// @param folder the data folder
    /// @throws ConfigurationException where its settings do not hold
    /// @throws ProblemException `not_found` where there is no storage of that name; `internal` where its folder cannot
    ///     be used
    public static StorageVisit to(String name, Path folder, Settings settings) {
        Settings.StorageSettings storage = settings.storages().get(name);
        if (storage == null) {
            throw new ProblemException(
                    ErrorCode.NOT_FOUND,
                    "there is no storage \"" + name + "\"; there are: "
                            + String.join(
                                    ", ", new TreeSet<>(settings.storages().keySet())));
        }
        StorageKind kind = StorageKind.named(name, storage, StorageKind.ALL);
        try {
            return new StorageVisit(name, kind, storage, folder, settings);
        } catch (IOException e) {
            throw new UncheckedIOException("no folder can be made for what is only tried", e);
        }
    }

    private StorageVisit(String name, StorageKind kind, Settings.StorageSettings own, Path folder, Settings settings)
            throws IOException {
        scratch = Files.createTempDirectory("sluice-visit");
        Path key = DataFolder.key(folder);
        clouds = new Clouds(
                scratch,
                Files.exists(key) ? key : scratch.resolve("key"),
                settings,
                Patience.SHORT,
                () -> database(folder, settings.state()));
        made = missing(own.kind().equals("local") ? folder.resolve(own.path()) : null);
        try {
            storage = kind.open(new StorageKind.Site(folder, name, clouds), own);
        } catch (RuntimeException e) {
            clouds.close();
            closeDatabase();
            leave();
            throw e;
        }
    }

    /// The one that the server has, where there is one: accounts lie in it.
    private Database database(Path folder, Settings.State state) {
        boolean there = state.url().isPresent() || Files.exists(DataFolder.database(folder));
        Database opened = there ? Sluice.database(folder, state) : Database.sqlite(scratch.resolve("state.db"));
        database = opened;
        return opened;
    }

    private void closeDatabase() {
        Database opened = database;
        if (opened != null) {
            opened.close();
        }
    }

    private static List<Path> missing(@Nullable Path folder) {
        var missing = new ArrayList<Path>();
        for (Path there = folder; there != null && !Files.exists(there); there = there.getParent()) {
            missing.add(there);
        }
        return Collections.unmodifiableList(missing);
    }

    /// Looks whether it answers.
    ///
    /// @throws ProblemException what is wrong
    public void look() {
        Trial.look(storage, id(), new StopToken());
    }

    /// Tries all that is needed of it: see [Trial].
    public List<Trial.Step> test(StopToken stop, Consumer<Trial.Step> told) {
        return Trial.of(storage, id(), stop, told);
    }

    private static String id() {
        return new Ids(Clock.systemUTC()).job().value();
    }

    @Override
    public void close() {
        try (clouds) {
            storage.close();
        }
        closeDatabase();
        leave();
    }

    /// What was only made for the visit goes, the folders of a disk where they are still empty.
    private void leave() {
        try {
            for (Path folder : made) {
                if (Files.isDirectory(folder) && isEmpty(folder)) {
                    Files.delete(folder);
                }
            }
            if (Files.exists(scratch)) {
                try (Stream<Path> files = Files.list(scratch)) {
                    for (Path file : files.toList()) {
                        Files.delete(file);
                    }
                }
                Files.delete(scratch);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }
}
