package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationFileTest {
    private static final Map<String, String> CLIPS = Map.of("kind", "s3", "bucket", "clips");

    @TempDir
    Path data;

    private Path yaml() {
        return data.resolve("sluice.yaml");
    }

    private ConfigurationFile with(String name, Map<String, String> settings) {
        return ConfigurationFile.with(name, settings, data, null, Map.of());
    }

    private String added(String before) throws IOException {
        Files.writeString(yaml(), before);
        with("clips", CLIPS).write();
        return Files.readString(yaml());
    }

    @Test
    void theStorageThatWasThereWithoutAWordStays() throws IOException {
        ConfigurationFile file = with("clips", CLIPS);
        assertThat(yaml()).doesNotExist();
        file.write();
        assertThat(yaml()).hasContent("""
                storages:
                  clips:
                    bucket: clips
                    kind: s3
                  local:
                    kind: local
                """);
        Settings settings = Configuration.load(data, null, Map.of(), Map.of()).settings();
        assertThat(settings.storages()).containsOnlyKeys("clips", "local");
        ConfiguredStorage.requireDefault(settings);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(yaml())))
                .isEqualTo("rw-------");
    }

    @Test
    void whatStandsThereStaysAndSoDoComments() throws IOException {
        assertThat(added("""
                # ours
                server:
                  port: 9000   # behind nginx

                storages: # all of them
                    # the disk
                    disk:
                        path: /mnt/disk
                storage: disk
                """)).isEqualTo("""
                # ours
                server:
                  port: 9000   # behind nginx

                storages: # all of them
                    clips:
                        bucket: clips
                        kind: s3
                    # the disk
                    disk:
                        path: /mnt/disk
                storage: disk
                """);
    }

    @Test
    void aFileWithoutStoragesGetsThemAtItsEnd() throws IOException {
        assertThat(added("server:\n  port: 9000")).isEqualTo("""
                server:
                  port: 9000
                storages:
                  clips:
                    bucket: clips
                    kind: s3
                  local:
                    kind: local
                """);
    }

    @Test
    void valuesMeanWhatTheyWere() {
        String odd = "a \"b\" \\ # c: 'd' ü\t" + Character.toString(0x1F600);
        ConfigurationFile file =
                with("odd", Map.of("kind", "s3", "bucket", "no", "prefix", odd, "region", "1e3", "secret-key", "{x}"));
        Settings.StorageSettings storage =
                Objects.requireNonNull(file.settings(Map.of()).storages().get("odd"));
        assertThat(storage.prefix()).contains(odd);
        assertThat(storage.bucket()).contains("no");
        assertThat(storage.region()).isEqualTo("1e3");
        assertThat(storage.secretKey()).contains("{x}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "storages: {disk: {path: /mnt/disk}}\nstorage: disk\n",
                "{storages: {disk: {path: /mnt/disk}}, storage: disk}\n",
                "storages: &all\n  disk:\n    path: x\nstorage: disk\n",
                "storage: local\n...\n"
            })
    void aFileThatIsWrittenOtherwiseIsLeftAloneAndWhatToWriteIsSaid(String text) throws IOException {
        Files.writeString(yaml(), text);
        var secret = Map.of("kind", "s3", "bucket", "clips", "access-key", "a", "secret-key", "hidden");
        assertThatThrownBy(() -> with("clips", secret))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("write there yourself", "  clips:\n", "    bucket: clips", "secret-key: \"…\"")
                .hasMessageNotContaining("hidden");
        assertThat(yaml()).hasContent(text);
    }

    @Test
    void aNameIsTakenOnce() throws IOException {
        Files.writeString(yaml(), "storages:\n  clips:\n    kind: local\nstorage: clips\n");
        refused("clips", "there is a storage \"clips\" already");
        for (String name : new String[] {"", "a b", "a.b", "1", "-x", "../x", "a:"}) {
            refused(name, "cannot be a storage's name");
        }
        // YAML would read another word.
        refused("yes", "write there yourself");
    }

    private void refused(String name, String said) {
        assertThatThrownBy(() -> with(name, CLIPS))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(said);
    }

    @Test
    void aFileThatWasChangedMeanwhileIsNotOverwritten() throws IOException {
        ConfigurationFile file = with("clips", CLIPS);
        Files.writeString(yaml(), "server:\n  port: 1\n");
        assertThatThrownBy(file::write).hasMessageContaining("was changed meanwhile");
        assertThat(yaml()).hasContent("server:\n  port: 1\n");
    }

    @Test
    void othersMayReadAFileWithSecretsNoLongerAndALinkStaysALink() throws IOException {
        Path real = data.resolve("real.yaml");
        Files.writeString(real, "server:\n  port: 1\n");
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-r--r--"));
        Files.createSymbolicLink(yaml(), real);
        with("clips", CLIPS).write();
        assertThat(yaml()).isSymbolicLink();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(real)))
                .isEqualTo("rw-r-----");
        assertThat(real).content().contains("clips");
    }

    @Test
    void settingsThatDoNotHoldAreFoundBeforeAnythingIsWritten() {
        ConfigurationFile file = with("clips", Map.of("kind", "s3", "durability", "strong"));
        assertThatThrownBy(() -> file.settings(Map.of()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("storages.clips.durability is \"strong\"");
        assertThat(yaml()).doesNotExist();
    }
}
