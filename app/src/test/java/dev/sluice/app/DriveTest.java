package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriveTest {
    private static final Map<String, String> CLIENT = Map.of("client-id", "i", "client-secret", "hidden");

    @TempDir
    Path folder;

    private Settings settings(Map<String, String> storage) {
        var flags = new HashMap<String, String>();
        flags.put("storage", "drive");
        flags.put("storages.drive.kind", "gdrive");
        storage.forEach((key, value) -> flags.put("storages.drive." + key, value));
        return Configuration.load(folder, null, flags, Map.of()).settings();
    }

    private static Map<String, String> with(Map<String, String> some, String key, String value) {
        var all = new HashMap<>(some);
        all.put(key, value);
        return all;
    }

    @Test
    void aFolderIsOpenedWithoutAskingForIt() {
        try (var one = OneStorage.open("drive", folder, settings(with(CLIENT, "endpoint", "http://127.0.0.1:1")))) {
            assertThat(one.storage().shape().kind()).isEqualTo("gdrive");
            assertThat(one.storage().accounts()).isEmpty();
        }
        assertThat(folder.resolve("state.db")).exists();
    }

    @Test
    void whatIsMissingOrWrongIsNamed() throws IOException {
        Files.writeString(folder.resolve("no-key.json"), "{\"type\":\"other\"}");
        refused(Map.of(), "storages.drive.credentials is missing");
        refused(Map.of(), "`sluice storage connect drive`");
        refused(Map.of("client-id", "i"), "storages.drive.client-secret is missing");
        refused(Map.of("client-secret", "hidden"), "storages.drive.client-id is missing");
        refused(with(CLIENT, "scope", "everything"), "storages.drive.scope is \"everything\"");
        refused(with(with(CLIENT, "folder", "a/b"), "folder-id", "x"), "storages.drive.folder stands beside folder-id");
        refused(with(CLIENT, "endpoint", "drive"), "storages.drive.endpoint is \"drive\"");
        refused(Map.of("credentials", "missing.json"), "credentials: there is no file");
        refused(Map.of("credentials", "no-key.json"), "no-key.json is no key file");
        refused(Map.of("credentials", "."), "cannot be read");
    }

    private void refused(Map<String, String> storage, String said) {
        assertThatThrownBy(() ->
                        OneStorage.open("drive", folder, settings(storage)).close())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(said)
                .hasMessageNotContaining("hidden");
    }

    @Test
    void consentIsAskedForWhereUsersCanConnectAccountsOnly() {
        var redirect = URI.create("http://127.0.0.1:9/");
        try (var consent = AccountConsent.of("drive", settings(CLIENT), redirect)) {
            assertThat(consent.page().toString())
                    .startsWith("https://accounts.google.com/o/oauth2/v2/auth?client_id=i&")
                    .contains("drive.file")
                    .doesNotContain("hidden");
        }
        assertThatThrownBy(() -> AccountConsent.of("other", settings(CLIENT), redirect))
                .hasMessageContaining("there is no storage \"other\"");
        assertThatThrownBy(() -> AccountConsent.of("drive", settings(Map.of("kind", "local")), redirect))
                .hasMessageContaining("is of kind local");
        assertThatThrownBy(() -> AccountConsent.of("drive", settings(Map.of()), redirect))
                .hasMessageContaining("client-id and client-secret are missing");
    }

    @Test
    void theSecretIsNotShown() {
        var flags = Map.of("storages.drive.kind", "gdrive", "storages.drive.client-secret", "hidden");
        assertThat(Configuration.load(folder, null, flags, Map.of()).entries())
                .anyMatch(entry -> entry.key().equals("storages.drive.client-secret"))
                .noneMatch(entry -> entry.value().contains("hidden"));
    }
}
