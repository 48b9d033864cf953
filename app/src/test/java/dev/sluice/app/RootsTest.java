package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RootsTest {
    @TempDir
    Path folder;

    private Path data;
    private Path shows;

    @BeforeEach
    void make() throws IOException {
        data = Files.createDirectories(folder.resolve("home/.sluice"));
        shows = Files.createDirectory(folder.resolve("shows"));
    }

    private Roots roots(String written) {
        return Roots.of(
                Configuration.load(data, null, Map.of("files.roots", written), Map.of())
                        .settings()
                        .files(),
                data);
    }

    @Test
    void withoutASettingThereAreNone() {
        assertThat(Roots.of(
                                Configuration.load(data, null, Map.of(), Map.of())
                                        .settings()
                                        .files(),
                                data)
                        .isEmpty())
                .isTrue();
    }

    @Test
    void pathsAreCoveredByTheirNames() {
        Roots roots = roots(shows + "/," + folder.resolve("home/.sluice/../../shows"));
        assertThat(roots.words()).containsExactly(shows.toString(), shows.toString());
        assertThat(roots.cover(shows)).isTrue();
        assertThat(roots.cover(shows.resolve("a/../b"))).isTrue();
        assertThat(roots.cover(shows.resolve("a/../../b"))).isFalse();
        assertThat(roots.cover(folder.resolve("shows2/a"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"shows", "./shows", "~/shows"})
    void aRelativeFolderIsNone(String root) {
        assertThatThrownBy(() -> roots(root))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("files.roots: ")
                .hasMessageContaining("is not absolute");
    }

    @Test
    void whatIsNoFolderIsNone() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        for (Path root : new Path[] {file, folder.resolve("missing")}) {
            assertThatThrownBy(() -> roots(root.toString()))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("there is no folder " + root);
        }
    }

    @Test
    void theDataFolderLiesInNone() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("home"));
        for (Path root : new Path[] {data, folder.resolve("home"), link, Path.of("/")}) {
            assertThatThrownBy(() -> roots(root.toString()))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("the data folder " + data + " lies in " + root);
        }
    }
}
