package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.EventType;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Streams to which is added while they are fetched: one that ffmpeg makes, and lists that go wrong where they are to.
@Timeout(120)
final class MediaLiveTest {
    private static final String END = "#EXT-X-ENDLIST\n";
    /// Frames of a second.
    private static final int RATE = 25;
    /// With which a list that is gone is found out before one that stands still would be.
    private static final Patience CALM = new Patience(
            Duration.ofSeconds(2), Duration.ofSeconds(8), Duration.ofSeconds(2), 1024, 3, Duration.ofMillis(10));

    @TempDir
    private static Path site;

    private static MediaPages pages;
    private static Process live;

    @TempDir
    private Path folder;

    @BeforeAll
    static void make() throws IOException {
        MediaPages.make(site);
        pages = new MediaPages(site);
        Path own = Files.createDirectory(site.resolve("live"));
        live = new ProcessBuilder(("ffmpeg -v error -nostdin -re -f lavfi -i testsrc2=size=320x180:rate=25"
                                + " -f lavfi -i sine -t 3600 -c:v libx264 -preset ultrafast -g 25 -c:a aac"
                                + " -f hls -hls_time 1 -hls_list_size 10 -hls_flags delete_segments news.m3u8")
                        .split(" "))
                .directory(own.toFile())
                .inheritIO()
                .start();
        String described = Files.readString(site.resolve("dash/talk.mpd"));
        assertThat(described).contains("type=\"static\"");
        Files.writeString(site.resolve("dash/live.mpd"), described.replace("type=\"static\"", "type=\"dynamic\""));
        Files.writeString(site.resolve("live/apart.m3u8"), """
                #EXTM3U
                #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",DEFAULT=YES,URI="news.m3u8?sound"
                #EXT-X-STREAM-INF:BANDWIDTH=900000,CODECS="avc1.42c01e",AUDIO="a"
                news.m3u8
                """);
        for (String list : List.of("live/news.m3u8", "dash/live.mpd")) {
            shows(site.resolve(list + ".html"), "/" + list);
        }
        await().atMost(MediaNode.PATIENCE).until(() -> Files.exists(own.resolve("news.m3u8")));
    }

    @AfterAll
    static void close() {
        live.destroyForcibly();
        pages.close();
    }

    private MediaNode.Setup setup() {
        return MediaNode.Setup.in(folder).patience(CALM);
    }

    private static List<String> talk() {
        return new ArrayList<>(IntStream.range(0, 12)
                .mapToObj(number -> "talk" + number + ".ts")
                .toList());
    }

    private static void shows(Path page, String list) throws IOException {
        Files.writeString(
                page,
                "<html><head><title>News</title></head><body><video src=\"" + pages.url(list)
                        + "\"></video></body></html>");
    }

    private static SlidingList list(String name, List<String> pieces, String end) {
        return new SlidingList(site.resolve("hls/" + name), "", 100, pieces, end);
    }

    /// Adds to a list once what stood in it has come.
    private static Job goesOn(MediaNode node, SlidingList list, DownloadSpec spec) {
        Job job = node.submit(spec);
        node.downloads(job, 1);
        list.go();
        return job;
    }

    private static List<Map<String, Object>> notes(MediaNode node, Job job) {
        return node.state.events().read(0, Long.MAX_VALUE, job.id(), 1_000).stream()
                .filter(event -> event.type() == EventType.NOTE)
                .<Map<String, Object>>map(event -> Map.copyOf(event.data().members()))
                .toList();
    }

    private static double seconds(Map<String, Object> note) {
        return ((Number) Objects.requireNonNull(note.get("seconds"))).doubleValue();
    }

    private static List<Object> codes(MediaNode node, Job job) {
        return notes(node, job).stream()
                .<Object>map(note -> String.valueOf(note.get("code")))
                .toList();
    }

    // ---- What is refused

    /// yt-dlp would fetch what stands in the list just then, and be done.
    @Test
    void aPageThatShowsALiveStreamIsRefusedWithoutALimit() {
        try (var node = new MediaNode(setup())) {
            for (String page : List.of("/live/news.m3u8.html", "/live/news.m3u8")) {
                node.fails(
                        node.submit(pages.url(page)),
                        ErrorCode.UPSTREAM_REFUSED,
                        "is a live stream, which has no end and needs a limit: say by maxDuration (--max-duration)");
                node.nothingIsLeft();
            }
        }
    }

    @Test
    void whatDoesNotComeByHlsOrComesApartIsRefused() {
        try (var node = new MediaNode(setup())) {
            for (String page : List.of("/dash/live.mpd.html", "/dash/live.mpd")) {
                node.fails(
                        node.submit(MediaNode.limited(pages.url(page), 5)),
                        ErrorCode.UPSTREAM_REFUSED,
                        "does not come by HLS, by which alone such can be recorded");
            }
            node.fails(
                    node.submit(MediaNode.limited(pages.url("/live/apart.m3u8"), 5)),
                    ErrorCode.UPSTREAM_REFUSED,
                    "its picture and its sound come apart");
            node.nothingIsLeft();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"key.bin\"\n|encrypted by SAMPLE-AES",
                "#EXT-X-MAP:URI=\"talk0.ts\",BYTERANGE=\"188@0\"\n|parts of files"
            })
    void whatCannotBeRecordedAsItComesIsRefused(String row) {
        String tags = row.substring(0, row.indexOf('|'));
        try (var node = new MediaNode(setup());
                var list = new SlidingList(site.resolve("hls/odd.m3u8"), tags, 0, talk(), "")) {
            list.go();
            node.fails(
                    node.submit(MediaNode.limited(pages.url("/hls/odd.m3u8"), 5)),
                    ErrorCode.UPSTREAM_REFUSED,
                    row.substring(row.indexOf('|') + 1));
            node.nothingIsLeft();
        }
    }

    @Test
    void piecesAreNotFetchedFromWhereNobodyMayFetch() throws IOException, InterruptedException {
        String inside = "http://127.0.0.2:1/piece.ts";
        List<String> some = talk();
        some.set(5, inside);
        some.set(6, "data:video/mp2t;base64,AAAA");
        some.set(7, "away.ts");
        pages.redirect("/hls/away.ts", inside);
        List<String> all = talk();
        all.replaceAll(piece -> inside);
        try (var node = new MediaNode(setup().networks("127.0.0.1/32"));
                var refused = list("inside.m3u8", all, "");
                var left = list("partly.m3u8", some, END)) {
            refused.go();
            node.fails(node.submit(MediaNode.limited(pages.url("/hls/inside.m3u8"), 20)), ErrorCode.TARGET_REFUSED, "");
            Job job = node.becomes(
                    goesOn(node, left, MediaNode.limited(pages.url("/hls/partly.m3u8"), 20)), JobState.COMPLETED);
            assertThat(codes(node, job)).containsExactly("stream_gap", "stream_gap", "stream_gap", "stream_gaps");
            assertThat(notes(node, job).getFirst().get("text")).asString().contains("public address");
            assertThat(MediaPages.frames(node.stored(job))).isEqualTo((12 - 3) * RATE);
            node.onlyIsLeft(job);
        }
    }

    // ---- What is recorded

    @ParameterizedTest
    @ValueSource(strings = {"/live/news.m3u8", "/live/news.m3u8.html"})
    void aLiveStreamIsRecordedForAsLongAsIsWanted(String path) throws IOException, InterruptedException {
        try (var node = new MediaNode(setup().patience(Patience.STANDARD))) {
            Job job = node.becomes(node.submit(MediaNode.limited(pages.url(path), 6)), JobState.COMPLETED);
            assertThat(MediaPages.frames(node.stored(job))).isEqualTo(6 * RATE);
            assertThat(DownloadFacts.of(job).fileSize()).isEqualTo(Files.size(node.stored(job)));
            assertThat(DownloadFacts.of(job).filename()).endsWith(".mp4");
            assertThat(codes(node, job)).isEmpty();
            assertThat(node.progress.stream().map(Progress::percent))
                    .as("it is told while it runs, and up to the end")
                    .hasSizeGreaterThan(3)
                    .isSorted()
                    .anyMatch(percent -> percent > 20 && percent < 80);
            node.onlyIsLeft(job);
        }
    }

    @Test
    void itEndsWhereTheStreamEnds() throws IOException, InterruptedException {
        try (var node = new MediaNode(setup());
                var list = list("ends.m3u8", talk(), END)) {
            Job job = node.becomes(
                    goesOn(node, list, MediaNode.limited(pages.url("/hls/ends.m3u8"), 600)), JobState.COMPLETED);
            assertThat(MediaPages.frames(node.stored(job))).isEqualTo(12 * RATE);
            assertThat(codes(node, job)).isEmpty();
            node.onlyIsLeft(job);
        }
    }

    @Test
    void whatIsEncryptedIsDecrypted() throws IOException, InterruptedException, GeneralSecurityException {
        byte[] key = "sixteen bytes 00".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        Files.write(site.resolve("hls/key.bin"), key);
        List<String> pieces = new ArrayList<>();
        for (int number = 0; number < 12; number++) {
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            byte[] iv = ByteBuffer.allocate(16).putLong(8, 100 + number).array();
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
            Path secret = site.resolve("hls/secret" + number + ".ts");
            Files.write(secret, cipher.doFinal(Files.readAllBytes(site.resolve("hls/talk" + number + ".ts"))));
            pieces.add(String.valueOf(secret.getFileName()));
        }
        String tag = "#EXT-X-KEY:METHOD=AES-128,URI=\"key.bin\"\n";
        try (var node = new MediaNode(setup());
                var list = new SlidingList(site.resolve("hls/secret.m3u8"), tag, 100, pieces, END)) {
            Job job = node.becomes(
                    goesOn(node, list, MediaNode.limited(pages.url("/hls/secret.m3u8"), 5)), JobState.COMPLETED);
            assertThat(MediaPages.frames(node.stored(job))).isEqualTo(5 * RATE);
            assertThat(codes(node, job)).isEmpty();
        }
    }

    /// Behind a piece that is whole by HTTP but half one of MP4 ffmpeg reads nothing more, and says that it went well.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void piecesOfMp4StandBehindTheirHead(boolean half) throws IOException, InterruptedException {
        MediaPages.ffmpeg(
                site,
                "-i talk.mp4 -c copy -hls_time 1 -hls_list_size 0 -hls_segment_type fmp4"
                        + " -hls_fmp4_init_filename head.mp4 -hls_segment_filename hls/part%d.m4s hls/parts.m3u8");
        List<String> pieces = new ArrayList<>(IntStream.range(0, 12)
                .mapToObj(number -> "part" + number + ".m4s")
                .toList());
        if (half) {
            byte[] whole = Files.readAllBytes(site.resolve("hls/part5.m4s"));
            Files.write(site.resolve("hls/half.m4s"), Arrays.copyOf(whole, whole.length / 2));
            pieces.set(5, "half.m4s");
        }
        String tag = "#EXT-X-MAP:URI=\"head.mp4\"\n";
        try (var node = new MediaNode(setup());
                var list = new SlidingList(site.resolve("hls/growing.m3u8"), tag, 0, pieces, END)) {
            Job job = node.becomes(
                    goesOn(node, list, MediaNode.limited(pages.url("/hls/growing.m3u8"), 10)), JobState.COMPLETED);
            if (half) {
                assertThat(codes(node, job)).containsExactly("stream_gap", "stream_gaps");
                assertThat(notes(node, job).getFirst().get("text"))
                        .asString()
                        .contains("in the middle of one of its boxes");
            } else {
                assertThat(codes(node, job)).isEmpty();
            }
            assertThat(MediaPages.frames(node.stored(job))).isEqualTo(10 * RATE);
            assertThat(DownloadFacts.of(job).filename()).endsWith(".mp4");
            node.onlyIsLeft(job);
        }
    }

    @Test
    void theSoundAloneIsTakenOut() throws IOException, InterruptedException {
        try (var node = new MediaNode(setup().patience(Patience.STANDARD))) {
            Job job = node.becomes(
                    node.submit(MediaNode.limited(pages.url("/live/news.m3u8"), 4, "audio", "mp3")),
                    JobState.COMPLETED);
            assertThat(DownloadFacts.of(job).filename()).endsWith(".mp3");
            assertThat(DownloadFacts.of(job).contentType()).isEqualTo("audio/mpeg");
            assertThat(MediaPages.seconds(node.stored(job))).isCloseTo(4, within(0.3));
            node.onlyIsLeft(job);
        }
    }

    @Test
    void whatCannotBePutWhereItIsWantedIsStoredAsItCame() throws IOException, InterruptedException {
        try (var node = new MediaNode(setup().patience(Patience.STANDARD))) {
            Job job = node.becomes(
                    node.submit(MediaNode.limited(pages.url("/live/news.m3u8"), 3, "best", "webm")),
                    JobState.COMPLETED);
            assertThat(codes(node, job)).containsExactly("as_it_came");
            assertThat(DownloadFacts.of(job).filename()).endsWith(".ts");
            assertThat(MediaPages.frames(node.stored(job))).isEqualTo(3 * RATE);
            node.onlyIsLeft(job);
        }
    }

    // ---- What goes wrong

    @Test
    void whatIsMissingIsToldAndTheRestIsRecorded() throws IOException, InterruptedException {
        Files.copy(site.resolve("hls/talk8.ts"), site.resolve("hls/cut.ts"));
        pages.breakAlways("/hls/cut.ts");
        Files.copy(site.resolve("hls/talk9.ts"), site.resolve("hls/once.ts"));
        pages.breakOnce("/hls/once.ts");
        List<String> pieces = talk();
        pieces.set(6, "lost.ts");
        pieces.set(7, "words.vtt");
        pieces.set(8, "cut.ts");
        pieces.set(9, "once.ts");
        try (var node = new MediaNode(setup());
                var list = list("holes.m3u8", pieces, END)) {
            Job job = node.becomes(
                    goesOn(node, list, MediaNode.limited(pages.url("/hls/holes.m3u8"), 600)), JobState.COMPLETED);
            assertThat(codes(node, job)).containsExactly("stream_gap", "stream_gap", "stream_gap", "stream_gaps");
            assertThat(notes(node, job).getLast()).containsEntry("pieces", 3);
            assertThat(seconds(notes(node, job).getFirst())).isEqualTo(6);
            assertThat(MediaPages.frames(node.stored(job))).isEqualTo((12 - 3) * RATE);
            node.onlyIsLeft(job);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aListThatStandsStillOrIsGoneEndsItAndThatIsTold(boolean gone) throws IOException, InterruptedException {
        try (var node = new MediaNode(setup().patience(gone ? CALM : TestingNode.SOON));
                var list = list("still.m3u8", talk(), "")) {
            Job job = goesOn(node, list, MediaNode.limited(pages.url("/hls/still.m3u8"), 600));
            if (gone) {
                list.vanish();
            }
            node.becomes(job, JobState.COMPLETED);
            assertThat(codes(node, job)).containsExactly(gone ? "stream_gone" : "stream_stood_still");
            assertThat(notes(node, job).getFirst().get("text"))
                    .asString()
                    .contains(gone ? "404" : "and the stream has not said that it ends");
            assertThat(MediaPages.frames(node.stored(job))).isPositive().matches(frames -> frames % RATE == 0);
            node.onlyIsLeft(job);
        }
    }

    @Test
    void aStreamOfWhichNothingComesFails() {
        List<String> pieces = IntStream.range(0, 12)
                .mapToObj(number -> "lost" + number + ".ts")
                .toList();
        try (var node = new MediaNode(setup().attempts(1));
                var list = list("lost.m3u8", pieces, END)) {
            list.go();
            node.fails(
                    node.submit(MediaNode.limited(pages.url("/hls/lost.m3u8"), 20)),
                    ErrorCode.UPSTREAM_NOT_FOUND,
                    "404");
            node.nothingIsLeft();
        }
    }

    @ParameterizedTest
    @CsvSource({"5000, 0", "8, 1764500000"})
    void aStreamThatBeginsAnewIsRecordedOn(int before, int after) throws IOException, InterruptedException {
        try (var node = new MediaNode(setup().patience(Patience.STANDARD))) {
            Path file = site.resolve("hls/anew.m3u8");
            Job job;
            try (var list = new SlidingList(file, "", before, talk(), "")) {
                job = goesOn(node, list, MediaNode.limited(pages.url("/hls/anew.m3u8"), 600));
            }
            try (var list = new SlidingList(file, "", after, talk(), "")) {
                await().atMost(MediaNode.PATIENCE).until(() -> !codes(node, job).isEmpty());
                list.go();
                await().atMost(MediaNode.PATIENCE)
                        .until(() -> recorded(node, job).next() == after + 12);
                list.show(0, 12, END);
                node.becomes(job, JobState.COMPLETED);
            }
            assertThat(codes(node, job)).containsExactly("stream_began_anew");
            assertThat(MediaPages.frames(node.stored(job))).isGreaterThan(12 * RATE);
            node.onlyIsLeft(job);
        }
    }

    /// As of a list whose URL is good for a while only.
    @Test
    void aListThatIsRefusedIsLookedForOnItsPageAgain() throws IOException, InterruptedException {
        List<String> pieces = talk();
        Path page = site.resolve("changing.html");
        try (var node = new MediaNode(setup());
                var first = list("first.m3u8", pieces, "");
                var second = list("second.m3u8", pieces, END)) {
            shows(page, "/hls/first.m3u8");
            Job job = node.submit(MediaNode.limited(pages.url("/changing.html"), 600));
            node.downloads(job, 1);
            shows(page, "/hls/second.m3u8");
            first.vanish();
            second.go();
            node.becomes(job, JobState.COMPLETED);
            assertThat(codes(node, job)).isEmpty();
            assertThat(MediaPages.frames(node.stored(job))).isEqualTo(12 * RATE);
            node.onlyIsLeft(job);
        }
    }

    /// Packed, a part that a cache has, nothing at all, each after an earlier try that broke off; a byte now and then.
    @Test
    void whatIsNotWholeIsMissing() throws IOException, InterruptedException {
        byte[] piece = Files.readAllBytes(site.resolve("hls/talk7.ts"));
        var asked = new ConcurrentHashMap<String, Integer>();
        try (var source = new TestingSource(piece);
                var node = new MediaNode(setup())) {
            source.answer(exchange -> {
                String path = exchange.request.path();
                if (path.equals("/drips.ts")) {
                    exchange.head206();
                    for (int at = 0; at < piece.length; at++) {
                        exchange.body(at, at + 1);
                        LockSupport.parkNanos(100_000_000);
                    }
                } else if (asked.merge(path, 1, Integer::sum) == 1) {
                    exchange.head206();
                    exchange.body(0, piece.length / 2);
                    exchange.drop();
                } else if (path.equals("/packed.ts")) {
                    exchange.head(200, "Content-Encoding: gzip", "Content-Length: " + piece.length);
                    exchange.body(0, piece.length);
                } else if (path.equals("/part.ts")) {
                    exchange.head(206, "Content-Range: bytes 0-999/" + piece.length, "Content-Length: 1000");
                    exchange.body(0, 1000);
                } else {
                    exchange.empty(200);
                }
            });
            List<String> pieces = talk();
            pieces.set(5, source.url("/packed.ts"));
            pieces.set(7, source.url("/part.ts"));
            pieces.set(9, source.url("/empty.ts"));
            pieces.set(10, source.url("/drips.ts"));
            try (var list = list("unwhole.m3u8", pieces, END)) {
                Job job = node.becomes(
                        goesOn(node, list, MediaNode.limited(pages.url("/hls/unwhole.m3u8"), 600)), JobState.COMPLETED);
                assertThat(notes(node, job))
                        .extracting(note -> String.valueOf(note.get("text")))
                        .satisfiesExactly(
                                text -> assertThat(text).contains("gzip"),
                                text -> assertThat(text).contains("1000 came"),
                                text -> assertThat(text).contains("empty"),
                                text -> assertThat(text).contains("sends less than 1024 bytes a second"),
                                text -> assertThat(text).contains("missing in the recording: 4"));
                assertThat(MediaPages.frames(node.stored(job))).isEqualTo((12 - 4) * RATE);
                node.onlyIsLeft(job);
            }
        }
    }

    @Test
    void itEndsWhereTheFileHasWhatItMayHave() throws IOException, InterruptedException {
        try (var node = new MediaNode(setup().maxSize(1_000_000));
                var list = list("large.m3u8", talk(), "")) {
            Job job = node.becomes(
                    goesOn(node, list, MediaNode.limited(pages.url("/hls/large.m3u8"), 600)), JobState.COMPLETED);
            assertThat(codes(node, job)).containsExactly("too_large");
            assertThat(MediaPages.frames(node.stored(job))).isBetween(2L * RATE, 4L * RATE);
            assertThat(Files.size(node.stored(job))).isLessThan(1_000_000);
            node.onlyIsLeft(job);
        }
    }

    @Test
    void ofWhatHasAnEndAllIsFetched() throws IOException, InterruptedException {
        try (var node = new MediaNode(setup())) {
            Job job = node.becomes(node.submit(MediaNode.limited(pages.url("/hls/talk.m3u8"), 4)), JobState.COMPLETED);
            assertThat(codes(node, job)).containsExactly("not_live");
            assertThat(MediaPages.frames(node.stored(job))).isEqualTo(12 * RATE);
        }
    }

    @Test
    void whatCannotStandBehindTheOthersEndsIt() throws IOException, InterruptedException {
        List<String> pieces = talk();
        pieces.set(6, "#EXT-X-BYTERANGE:1880@0\n" + pieces.get(6));
        pieces.set(7, "#EXT-X-MAP:URI=\"talk0.ts\"\n" + pieces.get(7));
        try (var node = new MediaNode(setup());
                var list = list("changes.m3u8", pieces.subList(0, 7), "");
                var other =
                        list("heads.m3u8", List.of(pieces.get(0), pieces.get(1), pieces.get(2), pieces.get(7)), "")) {
            Job parts = goesOn(node, list, MediaNode.limited(pages.url("/hls/changes.m3u8"), 600));
            Job heads = goesOn(node, other, MediaNode.limited(pages.url("/hls/heads.m3u8"), 600));
            node.becomes(parts, JobState.COMPLETED);
            node.becomes(heads, JobState.COMPLETED);
            assertThat(codes(node, parts)).containsExactly("stream_changed");
            assertThat(codes(node, heads)).containsExactly("stream_changed");
            assertThat(MediaPages.frames(node.stored(parts))).isEqualTo(6 * RATE);
            assertThat(MediaPages.frames(node.stored(heads))).isEqualTo(3 * RATE);
            node.onlyIsLeft(parts, heads);
        }
    }

    // ---- Stopping

    @Test
    void aRecordingIsStoppedAtOnce() {
        try (var node = new MediaNode(setup().patience(Patience.STANDARD))) {
            Job endless = node.submit(MediaNode.limited(pages.url("/live/news.m3u8"), 600));
            node.downloads(endless, 1);
            long began = System.nanoTime();
            node.cancel(endless);
            node.becomes(endless, JobState.CANCELLED);
            assertThat(System.nanoTime() - began).isLessThan(1_000_000_000);
            node.nothingIsLeft();
        }
    }

    @Test
    void aRecordingGoesOnAfterAPauseAndTellsWhatIsGoneMeanwhile() throws IOException, InterruptedException {
        try (var node = new MediaNode(setup());
                var list = list("paused.m3u8", talk(), "")) {
            Job job = node.submit(MediaNode.limited(pages.url("/hls/paused.m3u8"), 600));
            await().atMost(MediaNode.PATIENCE).until(() -> recorded(node, job).next() == 103);
            pause(node, job);
            list.show(1, 6, "");
            node.engine.resume(job.id());
            await().atMost(MediaNode.PATIENCE).until(() -> recorded(node, job).next() == 106);
            assertThat(recorded(node, job).missing())
                    .as("what still stood in the list")
                    .isZero();
            pause(node, job);
            list.show(8, 12, END);
            node.engine.resume(job.id());
            node.becomes(job, JobState.COMPLETED);
            assertThat(codes(node, job)).containsExactly("stream_gap", "stream_gaps");
            assertThat(notes(node, job).getFirst()).containsEntry("pieces", 2).containsEntry("seconds", 6.0);
            assertThat(MediaPages.frames(node.stored(job))).isEqualTo((12 - 2) * RATE);
            node.onlyIsLeft(job);
        }
    }

    private static void pause(MediaNode node, Job job) {
        node.engine.pause(job.id());
        node.becomes(job, JobState.PAUSED);
        assertThat(node.children()).isEmpty();
    }

    private static Recorded recorded(MediaNode node, Job job) {
        var checkpoint = node.now(job).checkpoint();
        Recorded recorded =
                checkpoint == null ? null : checkpoint.as(MediaCheckpoint.class).recorded();
        return recorded == null ? Recorded.NOTHING : recorded;
    }

    @Test
    void whatWasRecordedAndIsGoneIsToldOf() throws IOException, InterruptedException {
        try (var node = new MediaNode(setup());
                var list = list("taken.m3u8", talk(), END)) {
            Job job = node.submit(MediaNode.limited(pages.url("/hls/taken.m3u8"), 600));
            await().atMost(MediaNode.PATIENCE).until(() -> recorded(node, job).seconds() > 0);
            pause(node, job);
            Files.delete(node.places().getFirst().resolve("recording"));
            node.engine.resume(job.id());
            await().atMost(MediaNode.PATIENCE).until(() -> codes(node, job).contains("recording_lost"));
            list.go();
            node.becomes(job, JobState.COMPLETED);
            assertThat(codes(node, job)).containsExactly("recording_lost");
            assertThat(MediaPages.frames(node.stored(job))).isEqualTo(12 * RATE);
            node.onlyIsLeft(job);
        }
    }

    /// What a page does not show any more has been recorded until then.
    @Test
    void aStreamThatIsOverAfterAPauseIsKept() throws IOException, InterruptedException {
        try (var node = new MediaNode(setup());
                var list = list("over.m3u8", talk(), "")) {
            Job job = node.submit(MediaNode.limited(pages.url("/hls/over.m3u8"), 600));
            await().atMost(MediaNode.PATIENCE).until(() -> recorded(node, job).seconds() > 0);
            pause(node, job);
            list.vanish();
            node.engine.resume(job.id());
            node.becomes(job, JobState.COMPLETED);
            assertThat(codes(node, job)).containsExactly("stream_gone");
            assertThat(MediaPages.frames(node.stored(job))).isPositive().matches(frames -> frames % RATE == 0);
            node.onlyIsLeft(job);
        }
    }
}
