package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.fakes.FakeDrive;
import dev.sluice.fakes.FakeGcs;
import dev.sluice.fakes.FakeGoogle;
import dev.sluice.fakes.Step;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `sluice storage test` of a bucket and of a folder at Google: that it works, and what is said where it does not.
@NullMarked
@Timeout(60)
class GoogleStorageCommandTest {
    private static final String ANN = "ann@example.com";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path data;

    private int exit;

    private JsonNode tried(FakeGoogle google, String... settings) throws IOException {
        Path key =
                Files.writeString(data.resolve("ann.json"), google.account(ANN).serviceAccountKey());
        var words = new ArrayList<>(List.of("storage", "test", "clips", "--json", "--data", data.toString()));
        for (String setting : settings) {
            words.addAll(List.of("--set", "storages.clips." + setting));
        }
        words.addAll(List.of("--set", "storages.clips.credentials=" + key));
        words.addAll(List.of("--set", "storages.clips.endpoint=" + google.url()));
        var out = new StringWriter();
        var err = new StringWriter();
        exit = Main.run(words.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err));
        return Json.parse(out.toString());
    }

    private void works(FakeGoogle google, String... settings) throws IOException {
        JsonNode trial = tried(google, settings);
        assertThat(exit).as(trial.toString()).isEqualTo(Exit.DONE);
        assertThat(trial.path("ok").asBoolean()).isTrue();
        assertThat(trial.path("steps").findValuesAsText("name"))
                .containsExactly("answer", "write", "read", "range", "delete", "abort");
        assertThat(google.calls().of(Step.CANCEL)).isNotEmpty();
        leavesNothing(google);
    }

    private static void leavesNothing(FakeGoogle google) {
        assertThat(google.stored()).isEmpty();
        assertThat(google.openSessions()).isEmpty();
    }

    private void fails(String step, String code, String said, FakeGoogle google, String... settings)
            throws IOException {
        JsonNode trial = tried(google, settings);
        assertThat(exit).as(trial.toString()).isEqualTo(Exit.FAILED);
        assertThat(trial.path("ok").asBoolean(true)).isFalse();
        JsonNode last = trial.path("steps").path(trial.path("steps").size() - 1);
        assertThat(last.path("name").textValue()).as(trial.toString()).isEqualTo(step);
        assertThat(last.path("ok").asBoolean(true)).isFalse();
        assertThat(last.path("code").textValue()).as(trial.toString()).isEqualTo(code);
        assertThat(last.path("text").textValue()).contains(said);
        leavesNothing(google);
    }

    // ------------------------------------------------------------ Cloud Storage

    @Test
    void aBucketIsTried() throws IOException {
        try (FakeGcs google = FakeGcs.start()) {
            google.bucket("films");
            works(google, "kind=gcs", "bucket=films");
        }
    }

    @Test
    void aBucketThatIsNotThereIsSaidToBeMissing() throws IOException {
        try (FakeGcs google = FakeGcs.start()) {
            fails(
                    "answer",
                    "upstream_not_found",
                    "The specified bucket does not exist",
                    google,
                    "kind=gcs",
                    "bucket=films");
        }
    }

    @Test
    void aBucketThatTheAccountMayNotUseIsSaidToBeForbidden() throws IOException {
        try (FakeGcs google = FakeGcs.start()) {
            google.bucket("films");
            google.lockOut("films", google.account(ANN));
            fails(
                    "answer",
                    "upstream_refused",
                    ANN + " does not have storage.objects access",
                    google,
                    "kind=gcs",
                    "bucket=films");
        }
    }

    @Test
    void anAccountThatIsRevokedIsSaidToBe() throws IOException {
        try (FakeGcs google = FakeGcs.start()) {
            google.bucket("films");
            google.account(ANN).revoke();
            fails("answer", "upstream_refused", ANN + ": 400 invalid_grant", google, "kind=gcs", "bucket=films");
        }
    }

    @Test
    void aNameThatIsMissingIsAWrongConfiguration() throws IOException {
        try (FakeGcs google = FakeGcs.start()) {
            JsonNode trial = tried(google, "kind=gcs");
            assertThat(exit).isEqualTo(Exit.USAGE);
            assertThat(trial.path("message").textValue()).contains("storages.clips.bucket is missing");
        }
    }

    // ------------------------------------------------------------ Drive

    @Test
    void aFolderIsTried() throws IOException {
        try (FakeDrive google = FakeDrive.start()) {
            google.folder(google.account(ANN), "root", "Films");
            works(google, "kind=gdrive", "folder=Films");
        }
    }

    @Test
    void aFolderThatIsNotThereIsSaidToBeMissing() throws IOException {
        try (FakeDrive google = FakeDrive.start()) {
            fails("answer", "upstream_not_found", "Films", google, "kind=gdrive", "folder=Films");
        }
    }

    @Test
    void anAccountThatIsFullIsSaidToBe() throws IOException {
        try (FakeDrive google = FakeDrive.start()) {
            google.folder(google.account(ANN), "root", "Films");
            google.account(ANN).storage(0);
            fails("write", "quota_exceeded", ANN, google, "kind=gdrive", "folder=Films");
        }
    }

    @Test
    void aDriveWhoseAccountIsRevokedSaysSo() throws IOException {
        try (FakeDrive google = FakeDrive.start()) {
            google.folder(google.account(ANN), "root", "Films");
            google.account(ANN).revoke();
            fails("answer", "upstream_refused", ANN + ": 400 invalid_grant", google, "kind=gdrive", "folder=Films");
        }
    }
}
