package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.storage.Trial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is known of storages without opening them, and one that is opened by itself.
class StorageSettingTest {
    @TempDir
    Path data;

    private Settings load(Map<String, String> flags) {
        return Configuration.load(data, null, flags, Map.of()).settings();
    }

    @Test
    void theSettingsOfEachKindAreReadOffTheSettings() {
        assertThat(StorageSetting.all().getFirst().key()).isEqualTo(StorageSetting.KIND);
        assertThat(StorageSetting.all())
                .filteredOn(setting -> setting.kinds().contains("s3"))
                .extracting(StorageSetting::key)
                .contains("bucket", "endpoint", "path-style", "secret-key");
        assertThat(setting("secret-key").secret()).isTrue();
        assertThat(setting("access-key").secret()).isFalse();
        assertThat(setting("path-style").yesNo()).isTrue();
        assertThat(setting("path").isFor("s3")).isFalse();
        assertThat(setting("kind").isFor("s3")).isTrue();
    }

    private static StorageSetting setting(String key) {
        return StorageSetting.all().stream()
                .filter(setting -> setting.key().equals(key))
                .findFirst()
                .orElseThrow();
    }

    /// Whoever adds a setting says whose it is, or no command can offer it.
    @Test
    void everySettingButTheKindSaysWhoseItIs() {
        assertThat(StorageSetting.all())
                .filteredOn(setting -> !setting.key().equals(StorageSetting.KIND))
                .allSatisfy(
                        setting -> assertThat(setting.kinds()).as(setting.key()).isNotEmpty());
    }

    @Test
    void wherePlacesAreIsSaidWithoutSecrets() {
        Settings settings = load(Map.of(
                "storages.disk.kind", "local",
                "storages.disk.path", "here/../there",
                "storages.clips.kind", "s3",
                "storages.clips.bucket", "b",
                "storages.clips.endpoint", "http://127.0.0.1:1",
                "storages.clips.prefix", "team",
                "storages.clips.access-key", "who",
                "storages.clips.secret-key", "hidden",
                "storage", "clips"));
        assertThat(ConfiguredStorage.all(settings, data))
                .containsExactly(
                        new ConfiguredStorage(
                                "clips", "s3", true, "bucket b in us-east-1 at http://127.0.0.1:1 under team"),
                        new ConfiguredStorage(
                                "disk", "local", false, data.resolve("there").toString()));
    }

    @Test
    void aDefaultStorageThatIsNotThereIsNamedWithThoseThatAre() {
        Settings settings = load(Map.of("storages.b.kind", "local", "storages.a.kind", "local", "storage", "moon"));
        assertThatThrownBy(() -> ConfiguredStorage.requireDefault(settings))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("the default storage \"moon\" is not among storages: a, b");
    }

    @Test
    void aVisitLeavesNothingNotEvenTheFolderThatItMade() throws IOException {
        Path folder = data.resolve("not/yet/there");
        try (StorageVisit visit = StorageVisit.to("local", folder, load(Map.of()))) {
            visit.look();
            assertThat(visit.test(new StopToken(), step -> {})).allMatch(Trial.Step::works);
        }
        try (Stream<Path> left = Files.list(data)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aVisitNeedsNoLock() {
        try (DataFolder held = DataFolder.open(data);
                StorageVisit visit = StorageVisit.to("local", held.path(), load(Map.of()))) {
            assertThat(visit.test(new StopToken(), step -> {})).allMatch(Trial.Step::works);
        }
    }

    @Test
    void aVisitToWhatIsNotConfiguredIsRefused() {
        assertThatThrownBy(() -> StorageVisit.to("moon", data, load(Map.of())))
                .isInstanceOfSatisfying(ProblemException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND);
                    assertThat(e.problem().message()).isEqualTo("there is no storage \"moon\"; there are: local");
                });
        assertThatThrownBy(() -> StorageVisit.to("x", data, load(Map.of("storages.x.kind", "tape"))))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("storages.x.kind is \"tape\"; there is: ");
        assertThatThrownBy(() -> StorageVisit.to("x", data, load(Map.of("storages.x.kind", "s3"))))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("storages.x.bucket is missing");
    }

    @Test
    void everySecretIsHiddenWhereverItStands() {
        for (String key :
                Set.of("state.password", "secrets.key", "storages.clips.secret-key", "storages.c.secret.key")) {
            assertThat(Keys.isSecret(key)).as(key).isTrue();
        }
        for (String key : Set.of("state.user", "storages.clips.access-key", "storages.clips.bucket", "server.port")) {
            assertThat(Keys.isSecret(key)).as(key).isFalse();
        }
    }
}
