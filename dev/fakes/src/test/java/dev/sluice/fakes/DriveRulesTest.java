package dev.sluice.fakes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.SettableClock;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DriveRulesTest {
    private static final byte[] BYTES = Fixture.bytes(100_000);
    private static final String FILES = "/drive/v3/files";

    private final SettableClock clock = new SettableClock(Instant.now());
    private FakeDrive fake;
    private Account account;
    private Caller caller;

    @BeforeEach
    void start() {
        fake = FakeDrive.start(FakeOptions.plain().clock(clock));
        account = fake.account("ann@example.com");
        caller = new Caller(fake, account);
    }

    @AfterEach
    void stop() {
        caller.close();
        fake.close();
    }

    private Caller.Answer begin(String metadata, String more, String... headers) throws IOException {
        return caller.json("POST", "/upload" + FILES + "?uploadType=resumable" + more, metadata, headers);
    }

    private String write(String metadata, String more) throws IOException {
        Caller.Answer begun = begin(metadata, more);
        assertThat(begun.status()).isEqualTo(200);
        Caller.Answer done = caller.call("PUT", String.valueOf(begun.header("Location")), BYTES);
        assertThat(done.status()).isEqualTo(200);
        return done.json().path("id").asText();
    }

    private List<String> list(String query, String more) throws IOException {
        Caller.Answer answer = caller.get(FILES + "?q=" + URLEncoder.encode(query, StandardCharsets.UTF_8) + more);
        assertThat(answer.status()).isEqualTo(200);
        return StreamSupport.stream(answer.json().path("files").spliterator(), false)
                .map(file -> file.path("id").asText())
                .toList();
    }

    @Test
    void onlyTheFieldsThatWereAskedForAreTold() throws IOException {
        String id = write("{\"name\":\"a\"}", "");

        var told = caller.get(FILES + "/" + id).json();
        assertThat(told.fieldNames()).toIterable().containsExactlyInAnyOrder("kind", "id", "name", "mimeType");
        var asked = caller.get(FILES + "/" + id + "?fields=size,md5Checksum,parents")
                .json();
        assertThat(asked.path("size").asText()).isEqualTo("100000");
        assertThat(asked.path("md5Checksum").asText()).isEqualTo(Fixture.md5(BYTES));
        assertThat(asked.path("parents")).hasSize(1);
        assertThat(asked).hasSize(3);
        for (String wrong : new String[] {"id,,name", "md5checksum", "id)"}) {
            assertThat(caller.get(FILES + "/" + id + "?fields=" + wrong).status())
                    .isEqualTo(400);
        }
        assertThat(caller.get(FILES + "?fields=files(md5checksum)").status()).isEqualTo(400);
        assertThat(caller.get(FILES + "?fields=*").status()).isEqualTo(200);
    }

    @Test
    void contentIsReadWithRanges() throws IOException {
        String media = FILES + "/" + write("{\"name\":\"a\"}", "") + "?alt=media";

        assertThat(caller.get(media).bytes()).isEqualTo(BYTES);
        Caller.Answer part = caller.get(media, "Range", "bytes=5-9");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.header("Content-Range")).isEqualTo("bytes 5-9/100000");
        assertThat(part.bytes()).isEqualTo(Arrays.copyOfRange(BYTES, 5, 10));
        assertThat(caller.get(media, "Range", "bytes=100000-").status()).isEqualTo(416);
        String folder = fake.folder(account, "root", "folder");
        assertThat(caller.get(FILES + "/" + folder + "?alt=media").reason()).isEqualTo("fileNotDownloadable");
    }

    @Test
    void twoFilesMayHaveOneName() throws IOException {
        String first = write("{\"name\":\"twin\"}", "");
        String second = write("{\"name\":\"twin\"}", "");

        assertThat(list("name = 'twin'", "")).containsExactly(first, second);
    }

    @Test
    void anIdIsGoodForOneFileOfWhomItWasMadeFor() throws IOException {
        String id = caller.get(FILES + "/generateIds?count=2")
                .json()
                .path("ids")
                .get(0)
                .asText();
        String metadata = "{\"id\":\"" + id + "\",\"name\":\"known\"}";
        String waiting = String.valueOf(begin(metadata, "").header("Location"));

        assertThat(write(metadata, "")).isEqualTo(id);
        assertThat(begin(metadata, "").status()).isEqualTo(409);
        assertThat(caller.call("PUT", waiting, BYTES).status()).isEqualTo(409);
        assertThat(begin("{\"id\":\"made-up\"}", "").status()).isEqualTo(400);
        try (var other = new Caller(fake, fake.account("bob@example.com"))) {
            String his =
                    other.get(FILES + "/generateIds").json().path("ids").get(0).asText();
            assertThat(begin("{\"id\":\"" + his + "\"}", "").status()).isEqualTo(400);
        }
        assertThat(fake.stored()).hasSize(1);
    }

    @Test
    void aFileNeedsAParentThatIsThereAndAFolder() throws IOException {
        String file = write("{\"name\":\"a\"}", "");

        assertThat(begin("{\"parents\":[\"nowhere\"]}", "").reason()).isEqualTo("notFound");
        assertThat(begin("{\"parents\":[\"" + file + "\"]}", "").reason()).isEqualTo("parentNotAFolder");
        assertThat(begin("{\"parents\":[\"a\",\"b\"]}", "").status()).isEqualTo(400);
    }

    @Test
    void aSharedDriveIsSeenOnlyByWhoSaysThatHeCan() throws IOException {
        String drive = fake.sharedDrive("shared", account);
        String parents = "{\"name\":\"a\",\"parents\":[\"" + drive + "\"]}";
        String all = "&supportsAllDrives=true";

        assertThat(begin(parents, "").status()).isEqualTo(404);
        String id = write(parents, all + "&fields=id,driveId");
        assertThat(account.used()).isZero();
        for (String method : new String[] {"GET", "DELETE"}) {
            assertThat(caller.call(method, FILES + "/" + id, null).status()).isEqualTo(404);
        }
        assertThat(caller.json("PATCH", FILES + "/" + id, "{}").status()).isEqualTo(404);
        assertThat(caller.get(FILES + "/" + id + "?supportsAllDrives=true&fields=driveId")
                        .json()
                        .path("driveId")
                        .asText())
                .isEqualTo(drive);
        assertThat(list("trashed = false", "")).isEmpty();
        assertThat(list("trashed = false", all + "&includeItemsFromAllDrives=true"))
                .containsExactly(id);
        assertThat(list(
                        "'" + drive + "' in parents",
                        all + "&includeItemsFromAllDrives=true&corpora=drive&driveId=" + drive))
                .containsExactly(id);
        assertThat(caller.get(FILES + "?includeItemsFromAllDrives=true").status())
                .isEqualTo(400);
        assertThat(caller.get(FILES + "?driveId=" + drive).status()).isEqualTo(400);
        assertThat(caller.get("/drive/v3/drives/" + drive).json().path("name").asText())
                .isEqualTo("shared");
        try (var other = new Caller(fake, fake.account("bob@example.com"))) {
            assertThat(other.get(FILES + "/" + id + "?supportsAllDrives=true").status())
                    .isEqualTo(404);
            assertThat(other.get("/drive/v3/drives/" + drive).status()).isEqualTo(404);
            assertThat(other.get("/drive/v3/drives").json().path("drives")).isEmpty();
        }
        assertThat(caller.call("DELETE", FILES + "/" + id + "?supportsAllDrives=true", null)
                        .status())
                .isEqualTo(204);
    }

    @Test
    void nobodySeesTheFilesOfOthers() throws IOException {
        String id = write("{\"name\":\"a\"}", "");
        try (var other = new Caller(fake, fake.account("bob@example.com"))) {
            assertThat(other.get(FILES + "/" + id).status()).isEqualTo(404);
            assertThat(other.get(FILES).json().path("files")).isEmpty();
        }
    }

    @Test
    void storageRunsOutWhereItIsAnnouncedElseAtTheEnd() throws IOException {
        account.storage(150_000);
        write("{\"name\":\"a\"}", "");

        assertThat(begin("{}", "", "X-Upload-Content-Length", "50001").reason()).isEqualTo("storageQuotaExceeded");
        String session = String.valueOf(begin("{}", "").header("Location"));
        assertThat(caller.call("PUT", session, BYTES).reason()).isEqualTo("storageQuotaExceeded");
        var quota = caller.get("/drive/v3/about?fields=storageQuota").json().path("storageQuota");
        assertThat(quota.path("usage").asText()).isEqualTo("100000");
        assertThat(quota.path("limit").asText()).isEqualTo("150000");
        assertThat(caller.get("/drive/v3/about").status()).isEqualTo(400);
        assertThat(fake.stored()).hasSize(1);
    }

    @Test
    void aDayHasItsLimitAndEnds() throws IOException {
        account.daily(150_000);
        write("{\"name\":\"a\"}", "");

        Caller.Answer refused = begin("{}", "", "X-Upload-Content-Length", "50001");
        assertThat(refused.reason()).isEqualTo("userRateLimitExceeded");
        assertThat(refused.json().at("/error/message").asText()).isEqualTo("User rate limit exceeded.");
        clock.pass(Duration.ofDays(1));
        caller.as(account.token());
        write("{\"name\":\"b\"}", "");
    }

    @Test
    void deletedSpaceIsFreeAgain() throws IOException {
        String folder = fake.folder(account, "root", "folder");
        write("{\"name\":\"a\",\"parents\":[\"" + folder + "\"]}", "");
        assertThat(caller.call("DELETE", FILES + "/" + folder, null).status()).isEqualTo(204);

        assertThat(fake.stored()).isEmpty();
        assertThat(account.used()).isZero();
        assertThat(caller.call("DELETE", FILES + "/root", null).status()).isEqualTo(403);
    }

    @Test
    void contentIsReplacedByASession() throws IOException {
        String id = write("{\"name\":\"a\"}", "");
        Caller.Answer begun = caller.json("PATCH", "/upload" + FILES + "/" + id + "?uploadType=resumable", "{}");
        assertThat(caller.call("PUT", String.valueOf(begun.header("Location")), new byte[] {1})
                        .status())
                .isEqualTo(200);

        assertThat(fake.stored().getFirst().bytes()).containsExactly(1);
        assertThat(account.used()).isEqualTo(1);
    }

    @Test
    void filesAreMovedRenamedAndTrashed() throws IOException {
        String folder = fake.folder(account, "root", "folder");
        String id = write("{\"name\":\"a\"}", "");
        assertThat(caller.json(
                                "PATCH",
                                FILES + "/" + id + "?addParents=" + folder,
                                "{\"name\":\"it's\",\"trashed\":true}")
                        .status())
                .isEqualTo(200);

        assertThat(list("name = 'it\\'s' and '" + folder + "' in parents and trashed = true", ""))
                .containsExactly(id);
        assertThat(list("not trashed = false or name = 'folder'", "")).containsExactlyInAnyOrder(folder, id);
        assertThat(list("mimeType != '" + DriveFile.FOLDER + "' and (name contains 'it')", ""))
                .containsExactly(id);
        assertThat(list("'root' in parents", "")).containsExactly(folder);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "name",
                "name = ",
                "name = 'a",
                "fullText contains 'a'",
                "name = 'a' nand trashed = true",
                "'x' in owners"
            })
    void aQueryThatIsNotUnderstoodIsRefused(String query) throws IOException {
        assertThat(caller.get(FILES + "?q=" + URLEncoder.encode(query, StandardCharsets.UTF_8))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void aListHasPages() throws IOException {
        for (int number = 0; number < 5; number++) {
            fake.folder(account, "root", "f" + number);
        }
        var page = caller.get(FILES + "?pageSize=3").json();
        assertThat(page.path("files")).hasSize(3);
        var rest = caller.get(FILES + "?pageSize=3&pageToken="
                        + page.path("nextPageToken").asText())
                .json();
        assertThat(rest.path("files")).hasSize(2);
        assertThat(rest.has("nextPageToken")).isFalse();
    }

    @Test
    void aFileHasAtMost5120GB() throws IOException {
        account.storage(Long.MAX_VALUE);
        assertThat(begin("{}", "", "X-Upload-Content-Length", String.valueOf((5_120L << 30) + 1))
                        .status())
                .isEqualTo(413);
    }
}
