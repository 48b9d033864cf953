package dev.sluice.fakes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GcsRulesTest {
    private static final byte[] BYTES = Fixture.bytes(100_000);
    private static final String OBJECTS = "/storage/v1/b/bucket/o";

    private FakeGcs fake;
    private Account account;
    private Caller caller;

    @BeforeEach
    void start() {
        fake = FakeGcs.start();
        fake.bucket("bucket");
        account = fake.account("ann@example.com");
        caller = new Caller(fake, account);
    }

    @AfterEach
    void stop() {
        caller.close();
        fake.close();
    }

    private Caller.Answer begin(String name, String more, String metadata) throws IOException {
        return caller.json(
                "POST",
                "/upload" + OBJECTS + "?uploadType=resumable&name=" + URLEncoder.encode(name, StandardCharsets.UTF_8)
                        + more,
                metadata);
    }

    private Caller.Answer write(String name, String more, String metadata) throws IOException {
        return caller.call("PUT", String.valueOf(begin(name, more, metadata).header("Location")), BYTES);
    }

    @Test
    void anObjectTellsItsSizeAndItsChecksums() throws IOException {
        var made = write("a/b c", "", "{\"contentType\":\"text/plain\",\"metadata\":{\"k\":\"v\"}}")
                .json();
        var read = caller.get(OBJECTS + "/a%2Fb%20c?fields=size,md5Hash,crc32c,metadata/k")
                .json();
        var crc = new CRC32C();
        crc.update(BYTES);

        assertThat(made.path("contentType").asText()).isEqualTo("text/plain");
        assertThat(read.path("size").asText()).isEqualTo("100000");
        assertThat(HexFormat.of()
                        .formatHex(
                                Base64.getDecoder().decode(read.path("md5Hash").asText())))
                .isEqualTo(Fixture.md5(BYTES));
        assertThat(ByteBuffer.wrap(
                                Base64.getDecoder().decode(read.path("crc32c").asText()))
                        .getInt())
                .isEqualTo((int) crc.getValue());
        assertThat(read.at("/metadata/k").asText()).isEqualTo("v");
        assertThat(read).hasSize(4);
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-9,        206, 0,     10,   bytes 0-9/100000",
        "bytes=99990-,     206, 99990, 100000, bytes 99990-99999/100000",
        "bytes=-5,         206, 99995, 100000, bytes 99995-99999/100000",
        "bytes=0-999999,   206, 0,     100000, bytes 0-99999/100000",
        "'',               200, 0,     100000, ",
        "'bytes=0-1,5-6',  200, 0,     100000, ",
    })
    void ranges(String range, int status, int from, int to, String contentRange) throws IOException {
        write("file", "", "{}");
        Caller.Answer answer = range.isEmpty()
                ? caller.get(OBJECTS + "/file?alt=media")
                : caller.get(OBJECTS + "/file?alt=media", "Range", range);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("Content-Range")).isEqualTo(contentRange);
        assertThat(answer.bytes()).isEqualTo(Arrays.copyOfRange(BYTES, from, to));
    }

    @Test
    void aRangeBehindTheEndIs416() throws IOException {
        write("file", "", "{}");
        Caller.Answer answer = caller.get(OBJECTS + "/file?alt=media", "Range", "bytes=100000-");

        assertThat(answer.status()).isEqualTo(416);
        assertThat(answer.header("Content-Range")).isEqualTo("bytes */100000");
    }

    @Test
    void aReadBreaksOffOnPurpose() throws IOException {
        write("file", "", "{}");
        fake.faults().next(Step.MEDIA, new Fault.DropAt(1_000));

        assertThatThrownBy(() -> caller.get(OBJECTS + "/file?alt=media")).isInstanceOf(IOException.class);
    }

    @Test
    void aGenerationMustMatchAtTheStartAndAtTheEnd() throws IOException {
        String waiting =
                String.valueOf(begin("file", "&ifGenerationMatch=0", "{}").header("Location"));
        String generation = write("file", "&ifGenerationMatch=0", "{}")
                .json()
                .path("generation")
                .asText();

        assertThat(begin("file", "&ifGenerationMatch=0", "{}").status()).isEqualTo(412);
        Caller.Answer late = caller.call("PUT", waiting, BYTES);
        assertThat(late.status()).isEqualTo(412);
        assertThat(late.reason()).isEqualTo("conditionNotMet");
        assertThat(begin("file", "&ifGenerationMatch=" + generation, "{}").status())
                .isEqualTo(200);
        assertThat(caller.call("DELETE", OBJECTS + "/file?ifGenerationMatch=1", null)
                        .status())
                .isEqualTo(412);
        assertThat(caller.call("DELETE", OBJECTS + "/file?ifGenerationMatch=" + generation, null)
                        .status())
                .isEqualTo(204);
        assertThat(caller.get(OBJECTS + "/file").reason()).isEqualTo("notFound");
    }

    @Test
    void aChecksumThatIsGivenMustHold() throws IOException {
        assertThat(write("file", "", "{\"crc32c\":\"AAAAAA==\"}").status()).isEqualTo(400);
        assertThat(write("file", "", "{\"md5Hash\":\"AAAAAAAAAAAAAAAAAAAAAA==\"}")
                        .status())
                .isEqualTo(400);
        String session = String.valueOf(begin("file", "", "{}").header("Location"));
        assertThat(caller.call("PUT", session, BYTES, "x-goog-hash", "crc32c=AAAAAA==")
                        .status())
                .isEqualTo(400);
        assertThat(fake.stored()).isEmpty();
    }

    @Test
    void aBucketIsThereOrNotOrLocked() throws IOException {
        assertThat(caller.get("/storage/v1/b/bucket").json().path("name").asText())
                .isEqualTo("bucket");
        assertThat(caller.get("/storage/v1/b/elsewhere").status()).isEqualTo(404);
        assertThat(caller.json("POST", "/upload/storage/v1/b/elsewhere/o?uploadType=resumable&name=x", "{}")
                        .status())
                .isEqualTo(404);
        write("file", "", "{}");
        fake.lockOut("bucket", account);
        for (String path :
                new String[] {"/storage/v1/b/bucket", OBJECTS, OBJECTS + "/file", OBJECTS + "/file?alt=media"}) {
            assertThat(caller.get(path).status()).isEqualTo(403);
        }
        assertThat(begin("other", "", "{}").reason()).isEqualTo("forbidden");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a\nb", "a\rb", ".well-known/acme-challenge/x"})
    void aNameThatIsNoneIsRefused(String name) throws IOException {
        assertThat(begin(name, "", "{}").status()).isEqualTo(400);
    }

    @Test
    void aNameHasAtMost1024Bytes() throws IOException {
        assertThat(begin("ä".repeat(512), "", "{}").status()).isEqualTo(200);
        assertThat(begin("ä".repeat(513), "", "{}").status()).isEqualTo(400);
    }

    @Test
    void anObjectHasAtMost5TiB() throws IOException {
        assertThat(caller.json(
                                "POST",
                                "/upload" + OBJECTS + "?uploadType=resumable&name=x",
                                "{}",
                                "X-Upload-Content-Length",
                                String.valueOf((5L << 40) + 1))
                        .status())
                .isEqualTo(413);
    }

    @Test
    void aListHasPagesAndPrefixes() throws IOException {
        for (String name : new String[] {"a/1", "a/2", "a/3", "b"}) {
            write(name, "", "{}");
        }
        var first = caller.get(OBJECTS + "?prefix=a/&maxResults=2&fields=items(name),nextPageToken")
                .json();
        assertThat(first.path("items")).hasSize(2);
        var second = caller.get(OBJECTS + "?prefix=a/&maxResults=2&pageToken="
                        + URLEncoder.encode(first.path("nextPageToken").asText(), StandardCharsets.UTF_8))
                .json();
        assertThat(second.path("items")).hasSize(1);
        assertThat(second.has("nextPageToken")).isFalse();
        assertThat(caller.get(OBJECTS + "?fields=items(").status()).isEqualTo(400);
    }

    @Test
    void whatIsKeptAsDigestOnlyHasChecksums() throws IOException {
        try (var sink = FakeGcs.start(FakeOptions.plain().keep(Keep.DIGEST));
                var other = new Caller(sink, sink.account("ann@example.com"))) {
            sink.bucket("bucket");
            other.call("POST", "/upload" + OBJECTS + "?uploadType=media&name=x", BYTES);

            assertThat(sink.stored().getFirst().md5()).isEqualTo(Fixture.md5(BYTES));
        }
    }

    @Test
    void whatIsKeptOnDiskGoesWithTheFake() throws IOException {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        Set<Path> before = fakesIn(folder);
        try (var disk = FakeGcs.start(FakeOptions.plain().keep(Keep.DISK));
                var other = new Caller(disk, disk.account("ann@example.com"))) {
            disk.bucket("bucket");
            other.call("POST", "/upload" + OBJECTS + "?uploadType=media&name=x", BYTES);
            other.json("POST", "/upload" + OBJECTS + "?uploadType=resumable&name=y", "{}");

            assertThat(disk.stored().getFirst().bytes()).isEqualTo(BYTES);
            assertThat(fakesIn(folder)).hasSize(before.size() + 1);
        }
        assertThat(fakesIn(folder)).isEqualTo(before);
    }

    private static Set<Path> fakesIn(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("sluice-fake"))
                    .collect(Collectors.toSet());
        }
    }
}
