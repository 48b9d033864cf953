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
        var flags = new HashMap<String, String>();
        flags.put("storages.clips.kind", "s3");
        storage.forEach((key, value) -> flags.put("storages.clips." + key, value));
        Settings settings = Configuration.load(folder, null, flags, Map.of()).settings();
        try (var clouds = new Clouds(folder.resolve("kept"), settings.upload().buffers())) {
            clouds.s3("clips", Objects.requireNonNull(settings.storages().get("clips")))
                    .close();
        }
    }

    @Test
    void aBucketIsOpenedWithoutAskingForIt() {
        open(Map.of("bucket", "b", "endpoint", "http://127.0.0.1:1", "access-key", "a", "secret-key", "s"));
        assertThat(folder.resolve("kept")).isDirectory();
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
