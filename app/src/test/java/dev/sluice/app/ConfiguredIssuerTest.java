package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.accounts.IssuerSettings;
import dev.sluice.accounts.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfiguredIssuerTest {
    private static final Map<String, String> LEAST = Map.of(
            "auth.oidc.issuer", "https://login.example.com/realms/work",
            "auth.oidc.client-id", "sluice",
            "auth.oidc.role", "viewer");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Configuration configuration(Map<String, String> settings, Map<String, String> environment) {
        return Configuration.load(folder, null, settings, environment);
    }

    private Optional<IssuerSettings> issuer(Map<String, String> settings) {
        return ConfiguredIssuer.of(
                configuration(settings, Map.of()).settings().auth().oidc());
    }

    private void refused(String why, String... changes) {
        var settings = new HashMap<>(LEAST);
        for (int i = 0; i < changes.length; i += 2) {
            if (changes[i + 1].isEmpty()) {
                settings.remove(changes[i]);
            } else {
                settings.put(changes[i], changes[i + 1]);
            }
        }
        assertThatThrownBy(() -> issuer(settings))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(why);
    }

    @Test
    void withoutAnIssuerThereIsNone() {
        assertThat(issuer(Map.of())).isEmpty();
    }

    @Test
    void whatIsNotSaidIsTheLeast() {
        IssuerSettings settings = issuer(LEAST).orElseThrow();
        assertThat(settings.audience()).isEqualTo("sluice");
        assertThat(settings.scopes()).containsExactly("openid", "profile", "email");
        assertThat(settings.role()).isEqualTo(Role.VIEWER);
        assertThat(settings.roles()).isEmpty();
        assertThat(settings.clientSecret()).isNull();
    }

    @Test
    void ofSeveralRolesTheMostCounts() {
        var settings = new HashMap<>(LEAST);
        settings.put("auth.oidc.role-claim", "groups");
        settings.put("auth.oidc.admins", "it,both");
        settings.put("auth.oidc.users", "staff,both");
        settings.put("auth.oidc.viewers", "guests,staff");
        assertThat(issuer(settings).orElseThrow().roles())
                .containsOnly(
                        Map.entry("it", Role.ADMIN),
                        Map.entry("both", Role.ADMIN),
                        Map.entry("staff", Role.USER),
                        Map.entry("guests", Role.VIEWER));
    }

    @Test
    void theSecretComesFromAFileOrTheEnvironmentAndIsNotShown() throws IOException {
        var settings = new HashMap<>(LEAST);
        Path file = Files.writeString(folder.resolve("secret"), "from a file\n");
        settings.put("auth.oidc.client-secret-file", file.toString());
        IssuerSettings known = issuer(settings).orElseThrow();
        assertThat(known.clientSecret()).isEqualTo("from a file");
        assertThat(known.toString()).doesNotContain("from a file");
        Configuration configuration = configuration(LEAST, Map.of("SLUICE_AUTH_OIDC_CLIENT_SECRET", "from outside"));
        assertThat(ConfiguredIssuer.of(configuration.settings().auth().oidc())
                        .orElseThrow()
                        .clientSecret())
                .isEqualTo("from outside");
        assertThat(configuration.entries().toString()).doesNotContain("from outside");
        settings.put("auth.oidc.client-secret", "twice");
        assertThatThrownBy(() -> issuer(settings)).hasMessageContaining("both set");
        refused(
                "cannot be read",
                "auth.oidc.client-secret-file",
                folder.resolve("none").toString());
    }

    @Test
    void whatCannotBeIsSaid() {
        refused("auth.oidc.client-id is missing", "auth.oidc.client-id", "");
        refused("auth.oidc.issuer: ", "auth.oidc.issuer", "http://login.example.com");
        refused("auth.oidc.issuer: ", "auth.oidc.issuer", "login example");
        refused("\"openid\" is missing", "auth.oidc.scopes", "profile");
        refused("lets nobody in", "auth.oidc.role", "none");
        refused("lets nobody in", "auth.oidc.role", "");
        refused("auth.oidc.role: a role is", "auth.oidc.role", "boss");
        refused("auth.oidc.role-claim is missing", "auth.oidc.admins", "it");
    }
}
