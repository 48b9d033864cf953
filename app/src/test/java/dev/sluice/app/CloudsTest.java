package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.cloud.Patience;
import dev.sluice.db.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.Base64;
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
        try (var database = Database.sqlite(folder.resolve("state.db"));
                var clouds = new Clouds(
                        folder.resolve("kept"),
                        folder.resolve("secrets.key"),
                        settings,
                        Patience.STANDARD,
                        () -> database)) {
            ConfiguredS3.open(
                            new StorageKind.Site(folder, "clips", clouds),
                            Objects.requireNonNull(settings.storages().get("clips")))
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
        refused(
                Map.of("bucket", "s3://b/team"),
                "storages.clips.bucket is \"s3://b/team\"; write the name of the bucket");
        refused(Map.of("bucket", "b", "access-key", "a"), "storages.clips.secret-key is missing");
        refused(Map.of("bucket", "b", "secret-key", "hidden"), "storages.clips.access-key is missing");
        for (String endpoint : new String[] {"minio:9000", "ftp://host", "http://", "http://host:99999", "a b"}) {
            refused(Map.of("bucket", "b", "endpoint", endpoint), "storages.clips.endpoint is \"" + endpoint + "\"");
        }
        refused(
                Map.of("bucket", "b", "endpoint", "http://user:hidden@host?sig"),
                "storages.clips.endpoint has something behind a question mark");
        refused(
                Map.of("bucket", "b", "endpoint", "http://user:hidden@host"),
                "storages.clips.endpoint is \"http://***@host\"");
        refused(
                Map.of("bucket", "b", "endpoint", "http:/host/a b?sig=hidden"),
                "storages.clips.endpoint is \"http:/host/a b?***\"");
        refused(Map.of("bucket", "b", "prefix", "p".repeat(800)), "storages.clips.prefix is too long");
    }

    @Test
    void memoryOfWhichNoPartCanBeMadeIsRefused() {
        Map<String, String> bucket = Map.of("bucket", "b");
        assertThatThrownBy(() -> open(bucket, Map.of("upload.buffers", "15 MiB")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("upload.buffers is 15728640 bytes; with cloud storages it has to be 16 MiB");
        open(bucket, Map.of("upload.buffers", "16 MiB"));
    }

    private void refused(Map<String, String> storage, String said) {
        assertThatThrownBy(() -> open(storage))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(said)
                .hasMessageNotContaining("hidden");
    }

    private void openAzure(Map<String, String> storage) {
        var flags = new HashMap<String, String>();
        flags.put("storages.clips.kind", "azure");
        storage.forEach((key, value) -> flags.put("storages.clips." + key, value));
        Configuration configuration = Configuration.load(folder, null, flags, Map.of());
        assertThat(configuration.entries())
                .noneMatch(entry ->
                        entry.value().contains("hidden") || entry.value().contains("aGlkZGVu"));
        Settings settings = configuration.settings();
        try (var database = Database.sqlite(folder.resolve("state.db"));
                var clouds = new Clouds(
                        folder.resolve("kept"),
                        folder.resolve("secrets.key"),
                        settings,
                        Patience.STANDARD,
                        () -> database)) {
            ConfiguredAzure.open(
                            new StorageKind.Site(folder, "clips", clouds),
                            Objects.requireNonNull(settings.storages().get("clips")))
                    .close();
        }
    }

    @Test
    void aContainerIsOpenedWithoutAskingForIt() {
        openAzure(Map.of("container", "clips", "account", "sluice", "account-key", "aGlkZGVu"));
        openAzure(Map.of(
                "container", "$web", "account", "sluice", "sas-token", "?sv=2021&sp=rwdl&se=2999-01-01&sig=hidden"));
        openAzure(
                Map.of("container", "c-1", "endpoint", "http://127.0.0.1:1/dev", "sas-token", "si=policy&sig=hidden"));
    }

    @Test
    void whatIsMissingOrWrongOfAContainerIsNamed() {
        String account = "account";
        String key = "account-key";
        refusedAzure(Map.of(account, "sluice", key, "aGlkZGVu"), "container is missing");
        refusedAzure(Map.of("container", "c-1", key, "aGlkZGVu"), "account is missing");
        refusedAzure(Map.of("container", "c-1", "endpoint", "http://h", key, "aGlkZGVu"), "account is missing");
        refusedAzure(Map.of("container", "c-1", account, "sluice"), "account-key is missing");
        refusedAzure(Map.of("container", "c-1", account, "sluice", key, "hidden!"), "account-key is not Base64");
        refusedAzure(Map.of("container", "c-1", account, "Sluice", key, "aGlkZGVu"), "account \"Sluice\" is none");
        refusedAzure(
                Map.of("container", "c-1", account, "sluice", key, "aGlkZGVu", "sas-token", "sig=hidden"),
                "sas-token stands beside account-key");
        for (String container : new String[] {"C-1", "c", "-c1", "c1-", "c--1", "a.b", "a".repeat(64)}) {
            refusedAzure(
                    Map.of("container", container, account, "sluice", key, "aGlkZGVu"),
                    "container \"" + container + "\" is none that there can be");
        }
        refusedAzure(
                Map.of("container", "c-1", account, "sluice", key, "aGlkZGVu", "prefix", "p".repeat(800)),
                "prefix is too long");
        refusedAzure(
                Map.of("container", "c-1", account, "sluice", key, "aGlkZGVu", "prefix", "a./b"),
                "prefix has a part that ends with a dot");
        refusedAzure(
                Map.of("container", "c-1", "endpoint", "https://h.example/?sig=hidden", "sas-token", "sig=hidden"),
                "endpoint has something behind a question mark");
    }

    @Test
    void aTokenThatCannotDoIsNamed() {
        for (var wrong : Map.of(
                        "sv=2021&sp=rwd", "sas-token has no signature",
                        "se=2020-01-01T00:00:00Z&sig=hidden", "sas-token has expired at 2020-01-01T00:00:00Z",
                        "se=2020-01-01&sig=hidden", "sas-token has expired at 2020-01-01",
                        "se=soon&sig=hidden", "sas-token has no time that can be read",
                        "sv=1&sig=hidden%ZZ", "sas-token has a % without two hexadecimal digits behind it",
                        "sp=rl&sig=hidden", "sas-token lets us do \"rl\" only")
                .entrySet()) {
            refusedAzure(
                    Map.of("container", "c-1", "account", "sluice", "sas-token", wrong.getKey()), wrong.getValue());
        }
    }

    private void refusedAzure(Map<String, String> storage, String said) {
        assertThatThrownBy(() -> openAzure(storage))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("storages.clips." + said)
                .hasMessageNotContaining("hidden")
                .hasMessageNotContaining("aGlkZGVu");
    }

    private void openGoogle(String kind, Map<String, String> storage) {
        var flags = new HashMap<String, String>();
        flags.put("storages.clips.kind", kind);
        storage.forEach((key, value) -> flags.put("storages.clips." + key, value));
        Settings settings = Configuration.load(folder, null, flags, Map.of()).settings();
        try (var database = Database.sqlite(folder.resolve("state.db"));
                var clouds = new Clouds(
                        folder.resolve("kept"),
                        folder.resolve("secrets.key"),
                        settings,
                        Patience.STANDARD,
                        () -> database)) {
            Settings.StorageSettings clips =
                    Objects.requireNonNull(settings.storages().get("clips"));
            StorageKind known = Objects.requireNonNull(StorageKind.ALL.get(kind));
            known.open(new StorageKind.Site(folder, "clips", clouds), clips).close();
        }
    }

    /// As Google's console gives it.
    private String key() throws Exception {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        String secret = Base64.getEncoder()
                .encodeToString(generator.generateKeyPair().getPrivate().getEncoded());
        return "{\"type\":\"service_account\",\"client_email\":\"ann@example.com\",\"client_id\":\"1\","
                + "\"private_key_id\":\"1\",\"private_key\":\"-----BEGIN PRIVATE KEY-----\\n" + secret
                + "\\n-----END PRIVATE KEY-----\\n\"}";
    }

    @Test
    void googlesStoragesAreOpenedWithoutAskingForThem() throws Exception {
        Files.writeString(folder.resolve("google.json"), key());
        openGoogle("gcs", Map.of("bucket", "b"));
        openGoogle("gcs", Map.of("bucket", "b", "credentials", "google.json", "endpoint", "http://127.0.0.1:1"));
        openGoogle("gdrive", Map.of("credentials", "google.json"));
        openGoogle(
                "gdrive",
                Map.of("credentials", "google.json", "drive", "0A", "folder", "a/b", "create-folder", "true"));
    }

    @Test
    void whatIsMissingOrWrongOfGooglesStoragesIsNamed() throws Exception {
        Files.writeString(folder.resolve("google.json"), key());
        Files.writeString(folder.resolve("wrong.json"), "{\"type\":\"hidden\"}");
        refusedGoogle("gcs", Map.of(), "bucket is missing");
        refusedGoogle("gcs", Map.of("bucket", "b", "credentials", "none.json"), "credentials: there is no file");
        refusedGoogle("gcs", Map.of("bucket", "b", "credentials", "wrong.json"), "credentials: ");
        refusedGoogle("gcs", Map.of("bucket", "b", "prefix", "p".repeat(800)), "prefix is too long");
        refusedGoogle("gcs", Map.of("bucket", "b", "endpoint", "ftp://host"), "endpoint is \"ftp://host\"");
        refusedGoogle("gdrive", Map.of(), "credentials is missing");
        refusedGoogle(
                "gdrive",
                Map.of("credentials", "google.json", "folder", "a", "folder-id", "1"),
                "folder stands beside folder-id");
    }

    private void refusedGoogle(String kind, Map<String, String> storage, String said) {
        assertThatThrownBy(() -> openGoogle(kind, storage))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("storages.clips." + said)
                .hasMessageNotContaining("hidden");
    }
}
