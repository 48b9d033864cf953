package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.Configuration;
import dev.sluice.app.DataFolder;
import dev.sluice.server.SluiceServer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Users are added where no server runs and where one does; a key for a server elsewhere is got, used and ended.
@Timeout(90)
class UserCommandTest {
    private static final String PASSWORD = "correct horse battery staple";

    @TempDir
    Path folder;

    private final InputStream standardInput = System.in;
    private String out = "";
    private String err = "";

    @AfterEach
    void giveBack() {
        System.setIn(standardInput);
    }

    private int run(String... args) {
        System.setIn(new ByteArrayInputStream((PASSWORD + "\n").getBytes(StandardCharsets.UTF_8)));
        var said = new StringWriter();
        var complained = new StringWriter();
        int exit = Main.run(args, new PrintWriter(said), new PrintWriter(complained));
        out = said.toString();
        err = complained.toString();
        return exit;
    }

    @Test
    void usersAreKeptInTheDataFolderWhetherAServerRunsOrNot() {
        String data = folder.resolve("data").toString();
        assertThat(run("user", "add", "anna", "--role", "admin", "--password-stdin", "--data", data))
                .as(err)
                .isZero();
        assertThat(out).isEqualTo("added anna (admin)\n");
        assertThat(run("user", "add", "anna", "--password-stdin", "--data", data))
                .isEqualTo(Exit.REFUSED);
        assertThat(run("user", "add", "../x", "--password-stdin", "--data", data))
                .isEqualTo(Exit.USAGE);
        assertThat(run("user", "disable", "anna", "--data", data)).isEqualTo(Exit.REFUSED);
        assertThat(err).contains("no admin");
        try (var held = DataFolder.open(folder.resolve("data"));
                var server = server(held)) {
            assertThat(server.setupLink()).isEmpty();
            assertThat(run("user", "add", "bert", "--password-stdin", "--data", data))
                    .as(err)
                    .isZero();
            assertThat(run("user", "role", "bert", "viewer", "--data", data)).isZero();
            assertThat(run("user", "list", "--data", data)).isZero();
            assertThat(out).contains("NAME", "anna", "admin", "bert", "viewer");
            assertThat(run("user", "disable", "nobody", "--data", data)).isEqualTo(Exit.NOT_FOUND);
        }
    }

    private static SluiceServer server(DataFolder data) {
        return SluiceServer.start(
                data,
                Configuration.load(
                                data.path(),
                                null,
                                Map.of("server.port", "0", "operations.port", "0", "auth.mode", "accounts"),
                                Map.of())
                        .settings());
    }

    @Test
    void aKeyForAServerElsewhereIsGotUsedAndEnded() throws Exception {
        String mine = folder.resolve("mine").toString();
        Path theirs = folder.resolve("theirs");
        assertThat(run("user", "add", "anna", "--role", "admin", "--password-stdin", "--data", theirs.toString()))
                .as(err)
                .isZero();
        try (var held = DataFolder.open(theirs);
                var server = server(held)) {
            String url = server.url();
            assertThat(run("jobs", "--server", url, "--data", mine)).isEqualTo(Exit.REFUSED);
            assertThat(run("login", "anna", "--password-stdin", "--server", url, "--data", mine))
                    .as(err)
                    .isZero();
            assertThat(out).startsWith("logged in at " + url + " as anna");
            Path logins = folder.resolve("mine/logins.json");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(logins)))
                    .isEqualTo("rw-------");
            String kept = Files.readString(logins);
            assertThat(kept).contains("slk_").doesNotContain(PASSWORD);
            assertThat(run("jobs", "--server", url, "--data", mine)).as(err).isZero();
            assertThat(run("jobs", "--data", theirs.toString())).as(err).isZero();
            assertThat(run("logout", "--server", url, "--data", mine)).as(err).isZero();
            assertThat(run("jobs", "--server", url, "--data", mine)).isEqualTo(Exit.REFUSED);
            assertThat(run("logout", "--server", url, "--data", mine)).isEqualTo(Exit.USAGE);
        }
    }
}
