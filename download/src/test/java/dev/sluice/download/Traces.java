package dev.sluice.download;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.state.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// What downloads leave on a machine: debts, files anywhere in a node's folder, processes.
///
/// @param known what else lies in the folder
record Traces(Path folder, State state, Set<String> known) {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /// Where downloads put things, finished or not.
    private static final Set<String> PLACES = Set.of("files", "work", "cloud", "ordered", "scattered");

    /// @param folder of a node that is about to begin: what lies there besides is a test's own
    static Traces in(Path folder, State state) {
        var known = new HashSet<>(entries(folder));
        known.removeAll(PLACES);
        known.addAll(List.of("state.db", "state.db-wal", "state.db-shm", "secrets.key", "victim.log"));
        return new Traces(folder, state, Set.copyOf(known));
    }

    private static List<String> entries(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(path -> path.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Waits until nothing is owed, no process works for a download, and these are the only files.
    ///
    /// @param objects names of those that are stored
    void areOnly(String... objects) {
        // What is looked at may just be going.
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptionsMatching(e -> e instanceof IOException || e instanceof UncheckedIOException)
                .untilAsserted(() -> {
                    assertThat(state.debts().count()).as("debts").isZero();
                    assertThat(files()).as("files").containsExactlyInAnyOrder(objects);
                    assertThat(folders()).as("folders of work").isEmpty();
                });
        assertThat(processes()).as("processes").isEmpty();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .filter(file ->
                            !known.contains(folder.relativize(file).getName(0).toString()))
                    .map(file -> file.getFileName().toString())
                    .toList();
        }
    }

    private List<String> folders() {
        Path work = folder.resolve("work");
        return Files.exists(work) ? entries(work) : List.of();
    }

    private List<ProcessHandle> processes() {
        String mark = Marked.VARIABLE + "=" + folder;
        return ProcessHandle.allProcesses()
                .filter(process -> environment(process.pid()).contains(mark))
                .toList();
    }

    private static String environment(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/environ"), ISO_8859_1);
        } catch (IOException e) {
            // It has ended.
            return "";
        }
    }
}
