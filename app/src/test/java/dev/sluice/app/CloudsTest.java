package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CloudsTest {
    @TempDir
    Path folder;

    private void open(Map<String, String> storage) {
        open(storage, Map.of());
    }

    private void open(Map<String, String> storage, Map<String, String> others) {
        var flags = new HashMap<String, String>(others);
        flags.put("storages.clips.kind", "s3");
        storage.forEach((key, value) -> flags.put("storages.clips." + key, value));
        Settings settings = Configuration.load(folder, null, flags, Map.of()).settings();
        try (var clouds = new Clouds(folder.resolve("kept"), folder.resolve("secrets.key"), settings)) {
            clouds.s3("clips", Objects.requireNonNull(settings.storages().get("clips")))
                    .close();
        }
    }

    @Test
    void aBucketIsOpenedWithoutAskingForIt() {
        open(Map.of("bucket", "b", "endpoint", "http://127.0.0.1:1", "access-key", "a", "secret-key", "s"));
        assertThat(folder.resolve("kept")).isDirectory();
        assertThat(folder.resolve("secrets.key")).isRegularFile();
    }

    @Test
    void aKeyFromTheSettingsLeavesNoneInTheFolder() {
        String key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
        open(Map.of("bucket", "b"), Map.of("secrets.key", key));
        assertThat(folder.resolve("secrets.key")).doesNotExist();
        assertThatThrownBy(() -> open(Map.of("bucket", "b"), Map.of("secrets.key", "hidden")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("openssl rand -base64 32")
                .hasMessageNotContaining("hidden");
    }

    @Test
    void whatIsMissingOrWrongIsNamed() {
        refused(Map.of(), "storages.clips.bucket is missing");
        refused(Map.of("bucket", " "), "storages.clips.bucket is missing");
        refused(Map.of("bucket", "b", "access-key", "a"), "storages.clips.secret-key is missing");
        refused(Map.of("bucket", "b", "secret-key", "hidden"), "storages.clips.access-key is missing");
        for (String endpoint : new String[] {"minio:9000", "ftp://host", "http://", "http://user@host", "a b"}) {
            refused(Map.of("bucket", "b", "endpoint", endpoint), "storages.clips.endpoint is \"" + endpoint + "\"");
        }
    }

    private void refused(Map<String, String> storage, String said) {
        assertThatThrownBy(() -> open(storage))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(said)
                .hasMessageNotContaining("hidden");
    }
}
