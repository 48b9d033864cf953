package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.sluice.storage.Durability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {
    @TempDir
    Path folder = Path.of("");

    @Test
    void nothingSaidMeansTheDefaults() {
        Settings settings = load(Map.of(), Map.of()).settings();
        assertThat(settings.server().host()).isEqualTo("127.0.0.1");
        assertThat(settings.server().port()).isEqualTo(8080);
        assertThat(settings.server().listen()).isEmpty();
        assertThat(settings.upload().maxSize()).isEqualTo(new ByteSize(10L << 30));
        assertThat(settings.upload().lostPatience()).isEqualTo(Duration.ofSeconds(60));
        assertThat(settings.state().eventAge()).isEqualTo(Duration.ofDays(7));
        assertThat(settings.state().url()).isEmpty();
        assertThat(settings.storage()).isEqualTo("local");
        assertThat(settings.storages()).containsOnlyKeys("local");
        assertThat(storage(settings, "local")).satisfies(local -> {
            assertThat(local.kind()).isEqualTo("local");
            assertThat(local.path()).isEqualTo(Path.of("files"));
            assertThat(local.durability()).isEqualTo(Durability.POWER);
            assertThat(local.reserve()).isEqualTo(new ByteSize(256 << 20));
        });
    }

    @Test
    void aDataFolderWhosePathIsTooLongForItsSocketIsRefusedBeforeItIsMade() {
        Path longest = folder.resolve(
                "x".repeat(107 - "/sluice.sock".length() - folder.toString().length() - 1));
        DataFolder.open(longest).close();
        Path longer = folder.resolve(longest.getFileName() + "é");
        assertThatThrownBy(() -> DataFolder.open(longer))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("2 bytes too long")
                .hasMessageContaining("--data");
        assertThat(longer).doesNotExist();
    }

    @Test
    void flagsGoBeforeTheEnvironmentThatBeforeTheFileThatBeforeTheDefaults() throws IOException {
        write("server: {host: localhost, port: 1, drain-timeout: 1s}");
        Settings settings = load(
                        Map.of("server.port", "3"),
                        Map.of("SLUICE_SERVER_PORT", "2", "SLUICE_SERVER_DRAIN_TIMEOUT", "2s"))
                .settings();
        assertThat(settings.server().port()).isEqualTo(3);
        assertThat(settings.server().drainTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.server().host()).isEqualTo("localhost");
        assertThat(settings.server().idleTimeout()).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void everyValueInForceSaysWhereItComesFrom() throws IOException {
        write("server: {host: localhost}\nstate: {password: secret}\n"
                + "storages: {local: {kind: local}, clips: {kind: s3, secret-key: secret}}");
        var entries = load(
                        Map.of("server.port", "3"),
                        Map.of("SLUICE_LOG_LEVEL", "debug", "SLUICE_STORAGES_CLIPS_SECRET_KEY", "secret"))
                .entries()
                .stream()
                .collect(Collectors.toMap(Configuration.Entry::key, each -> each.value() + " from " + each.source()));
        assertThat(entries)
                .contains(
                        entry("server.port", "3 from flags"),
                        entry("log.level", "debug from environment"),
                        entry("server.host", "localhost from " + yaml()),
                        entry("state.password", "*** from " + yaml()),
                        entry("upload.patience", "24h from default"),
                        entry("storages.local.kind", "local from " + yaml()),
                        entry("storages.clips.secret-key", "*** from environment"));
        assertThat(entries.values()).noneMatch(value -> value.startsWith("secret"));
    }

    @Test
    void aNamedFileIsReadInsteadOfTheOneInTheFolder() throws IOException {
        write("server: {port: 1}");
        Path other = Files.writeString(folder.resolve("other.yaml"), "log: {level: warn}");
        Settings settings =
                Configuration.load(folder, other, Map.of(), Map.of()).settings();
        assertThat(settings.server().port()).isEqualTo(8080);
        assertThat(settings.log().level()).isEqualTo("warn");
    }

    @Test
    void listsAreWrittenEitherWay() throws IOException {
        write("server:\n  listen: [\"127.0.0.1:3001\", \"127.0.0.1:8000\"]\ncors: {origins: \"http://a,http://b\"}");
        Settings settings = load(Map.of(), Map.of("SLUICE_UPLOAD_BLOCKED_EXTENSIONS", "exe,sh"))
                .settings();
        assertThat(settings.server().listen().orElseThrow()).containsExactly("127.0.0.1:3001", "127.0.0.1:8000");
        assertThat(settings.cors().origins().orElseThrow()).containsExactly("http://a", "http://b");
        assertThat(settings.upload().blockedExtensions()).containsExactly("exe", "sh");
    }

    @Test
    void whoNamesStoragesHasTheseOnly() throws IOException {
        write("storages: {archive: {path: /mnt/archive, durability: process}}\nstorage: archive");
        Settings settings = load(Map.of(), Map.of()).settings();
        assertThat(settings.storages()).containsOnlyKeys("archive");
        assertThat(storage(settings, "archive").durability()).isEqualTo(Durability.PROCESS);
        Settings moved = load(Map.of(), Map.of("SLUICE_STORAGES_LOCAL_PATH", "/elsewhere"))
                .settings();
        assertThat(storage(moved, "local").path()).isEqualTo(Path.of("/elsewhere"));
    }

    @Test
    void anUnknownKeyIsNamedWithItsFile() throws IOException {
        write("server: {prot: 9}");
        assertRefused(Map.of(), Map.of(), "server.prot", yaml().toString(), "is no setting", "docs/configuration.md");
    }

    @Test
    void anUnknownFlagIsNamed() {
        assertRefused(Map.of("servr.port", "1"), Map.of(), "servr.port", "flags", "is no setting");
    }

    @Test
    void aWrongValueIsNamedWithItsKeyAndFile() throws IOException {
        write("server: {port: nine}");
        assertRefused(Map.of(), Map.of(), "server.port is \"nine\" (" + yaml() + "): Expected an integer value");
    }

    @Test
    void whatIsNeitherTrueNorFalseIsNotTakenForFalse() throws IOException {
        write("storages: {clips: {kind: s3, bucket: clips, path-style: ture}}");
        assertRefused(
                Map.of(),
                Map.of(),
                "storages.clips.path-style is \"ture\" (" + yaml() + "): \"ture\" is neither; write true or false");
        write("storages: {clips: {kind: s3, bucket: clips, path-style: No}}");
        assertThat(load(Map.of(), Map.of()).settings().storages().values())
                .extracting(Settings.StorageSettings::pathStyle)
                .containsOnly(false);
    }

    @Test
    void aSettingOfAnotherKindOfStorageIsRefused() throws IOException {
        write("storages: {clips: {kind: s3, bucket: clips, account: studio}}");
        assertRefused(
                Map.of(),
                Map.of(),
                "storages.clips.account (" + yaml() + ") is a setting of azure, and this storage's kind is s3");
        write("storages: {clips: {kind: s3, bucket: clips}}");
        assertRefused(
                Map.of(),
                Map.of("SLUICE_STORAGES_CLIPS_FOLDER_ID", "0AB"),
                "storages.clips.folder-id (environment) is a setting of gdrive, and this storage's kind is s3");
    }

    @Test
    void severalWrongValuesAreNamedAtOnce() throws IOException {
        write("upload: {max-size: lots}\nstorages: {local: {durability: strong}}");
        assertRefused(
                Map.of(),
                Map.of("SLUICE_SERVER_IDLE_TIMEOUT", "soon"),
                "upload.max-size is \"lots\" (" + yaml() + "): \"lots\" is no size",
                "server.idle-timeout is \"soon\" (environment): \"soon\" is no span of time; write it as 500ms",
                "storages.local.durability is \"strong\"",
                "allowed values: process,power");
    }

    @Test
    void aSecretIsNotRepeatedInMessages() throws IOException {
        write("state: {password: [1, {a: b}]}");
        assertThatThrownBy(() -> load(Map.of(), Map.of()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("state.password");
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        Path missing = folder.resolve("missing.yaml");
        assertThatThrownBy(() -> Configuration.load(folder, missing, Map.of(), Map.of()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("there is no configuration file " + missing);
    }

    @Test
    void aFileThatIsNoYamlIsNamed() throws IOException {
        write("server: [");
        assertRefused(Map.of(), Map.of(), "the configuration file " + yaml() + " is no YAML");
    }

    @Test
    void variablesOfTheLauncherAreNoSettings() {
        Map<String, String> environment =
                Map.of("SLUICE_DATA", "/d", "SLUICE_JAVA_OPTS", "-Xmx1g", "PATH", "/bin", "SLUICE_SERVER", "http://h");
        assertThat(load(Map.of(), environment).entries())
                .extracting(Configuration.Entry::source)
                .containsOnly("default");
    }

    @Test
    void spansOfTimeAreReadAsPeopleWriteThem() {
        var period = new Configuration.Period();
        assertThat(Set.of("60s", "60 S", "1m", "60000ms", "PT1M"))
                .allSatisfy(text -> assertThat(period.convert(text)).isEqualTo(Duration.ofMinutes(1)));
        assertThat(period.convert("7d")).isEqualTo(Duration.ofDays(7));
        assertThatThrownBy(() -> period.convert("-1s")).hasMessageContaining("\"-1s\" is no span of time");
    }

    private static Settings.StorageSettings storage(Settings settings, String name) {
        return Objects.requireNonNull(settings.storages().get(name));
    }

    private Configuration load(Map<String, String> flags, Map<String, String> environment) {
        return Configuration.load(folder, null, flags, environment);
    }

    private void assertRefused(Map<String, String> flags, Map<String, String> environment, String... words) {
        assertThatThrownBy(() -> load(flags, environment))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll(words)
                .message()
                .doesNotContain("SRCFG", "Exception");
    }

    private Path yaml() {
        return folder.resolve("sluice.yaml");
    }

    private void write(String text) throws IOException {
        Files.writeString(yaml(), text);
    }
}
