package dev.sluice.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ProblemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
class VaultTest {
    private static final String SECRET = "https://upload.example.com/session?id=secret";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void whatIsSealedOpensWithTheSameKeyInTheSameContext() {
        String sealed = Vault.in(folder.resolve("key")).seal("upload 1", SECRET);
        assertThat(sealed).doesNotContain("secret").matches("[A-Za-z0-9_-]+");
        assertThat(Vault.in(folder.resolve("key")).open("upload 1", sealed)).isEqualTo(SECRET);
    }

    @Test
    void theSameIsNeverSealedTheSameWay() {
        Vault vault = Vault.in(folder.resolve("key"));
        assertThat(vault.seal("u", SECRET)).isNotEqualTo(vault.seal("u", SECRET));
    }

    @Test
    void whatIsSignedIsTheSameWithTheSameKeyInTheSameContextOnly() {
        Vault vault = Vault.in(folder.resolve("key"));
        String signature = vault.sign("links", "job 1");
        assertThat(signature)
                .matches("[0-9a-f]{64}")
                .isEqualTo(Vault.in(folder.resolve("key")).sign("links", "job 1"))
                .isNotEqualTo(vault.sign("links", "job 2"))
                .isNotEqualTo(vault.sign("others", "job 1"))
                .isNotEqualTo(Vault.in(folder.resolve("other")).sign("links", "job 1"));
    }

    @Test
    void theKeyIsForItsUserOnly() throws Exception {
        Vault.in(folder.resolve("key"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("key"))))
                .isEqualTo("rw-------");
    }

    @Test
    void anotherContextAnotherKeyAndAChangedWordAreRefused() {
        Vault vault = Vault.in(folder.resolve("key"));
        String sealed = vault.seal("upload 1", SECRET);
        assertRefused(vault, "upload 2", sealed);
        assertRefused(Vault.in(folder.resolve("other")), "upload 1", sealed);
        assertRefused(vault, "upload 1", sealed.substring(1));
        assertRefused(vault, "upload 1", "");
        assertRefused(vault, "upload 1", "not Base64 at all: %");
    }

    private void assertRefused(Vault vault, String context, String sealed) {
        assertThatThrownBy(() -> vault.open(context, sealed))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("put that key back")
                .hasMessageNotContaining(SECRET);
    }

    @Test
    void aKeyFromElsewhereServesAndIsHeldToItsLength() throws Exception {
        Vault made = Vault.in(folder.resolve("key"));
        String base64 = Base64.getEncoder().encodeToString(Files.readAllBytes(folder.resolve("key")));
        assertThat(Vault.of(base64 + "\n", "SLUICE_SECRETS_KEY").open("u", made.seal("u", SECRET)))
                .isEqualTo(SECRET);
        assertThatThrownBy(() -> Vault.of("c2hvcnQ=", "SLUICE_SECRETS_KEY"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFileThatIsNoKeySaysSo() throws Exception {
        Files.writeString(folder.resolve("key"), "short");
        assertThatThrownBy(() -> Vault.in(folder.resolve("key")))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("is no key");
    }
}
