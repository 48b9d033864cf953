package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.Owner;
import dev.sluice.core.Problem;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
final class MediaTest {
    @TempDir
    private static Path site;

    private static MediaPages pages;

    @TempDir
    private Path folder;

    @BeforeAll
    static void make() throws IOException {
        MediaPages.make(site);
        pages = new MediaPages(site);
    }

    @AfterAll
    static void close() {
        pages.close();
    }

    private MediaNode.Setup setup() {
        return MediaNode.Setup.in(folder);
    }

    @Test
    void mp4IsStoredAsItIs() throws IOException {
        try (var node = new MediaNode(setup())) {
            Job job = node.becomes(node.submit(pages.url("/talk.mp4")), JobState.COMPLETED);
            assertThat(node.stored(job)).hasSameBinaryContentAs(site.resolve("talk.mp4"));
            DownloadFacts facts = DownloadFacts.of(job);
            assertThat(facts.filename()).isEqualTo("talk.mp4");
            assertThat(facts.contentType()).isEqualTo("video/mp4");
            assertThat(facts.fileSize()).isEqualTo(Files.size(site.resolve("talk.mp4")));
            assertThat(facts.videoInfo()).isNotNull().extracting(Video::title).isEqualTo("talk");
            assertThat(job.stages().stages())
                    .allSatisfy(stage -> assertThat(stage.started()).isNotNull());
            assertThat(node.events(job)).containsSubsequence("STARTED", "STAGE", "FACTS", "STAGE", "COMPLETED");
            node.onlyIsLeft(job);
        }
    }

    @Test
    void whatAPageTellsOfItsFilmIsToldOn() throws IOException {
        Files.writeString(site.resolve("told.html"), """
                <html><title>Talks</title><script type="application/ld+json">
                {"@context": "https://schema.org", "@type": "VideoObject", "name": "Über Äpfel", "duration": "PT1M5S",
                 "thumbnailUrl": "https://pictures.example/apples.jpg", "contentUrl": "%s"}
                </script></html>
                """.formatted(pages.url("/hls/choice.m3u8")));
        try (var node = new MediaNode(setup())) {
            Job job = node.becomes(
                    node.submit(MediaNode.spec(pages.url("/told.html"), "360p", null, false, false)),
                    JobState.COMPLETED);
            assertThat(DownloadFacts.of(job).videoInfo())
                    .isEqualTo(new Video("told", "Über Äpfel", "https://pictures.example/apples.jpg", 65.0, "640x360"));
            assertThat(DownloadFacts.of(job).filename()).isEqualTo("Über Äpfel.mp4");
            node.onlyIsLeft(job);
        }
    }

    @Test
    void whatOnlyLooksLikeAFilmReadsNoFileOfThisMachine() throws IOException {
        Path secret = Files.copy(site.resolve("hls/talk0.ts"), folder.resolve("secret.ts"));
        Files.writeString(
                site.resolve("list.mp4"),
                "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://" + secret + "\n#EXT-X-ENDLIST\n"
                        + "#".repeat(100_000));
        try (var node = new MediaNode(setup())) {
            for (String format : new String[] {"mp3", "mkv"}) {
                String quality = format.equals("mp3") ? "audio" : null;
                node.becomes(
                        node.submit(MediaNode.spec(pages.url("/list.mp4"), quality, format, false, false)),
                        JobState.FAILED);
            }
            node.nothingIsLeft();
        }
    }

    @Test
    void whatFfmpegIsToFetchIsNothingButPiecesByHttp() throws IOException {
        String begin = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"key\"\n#EXTINF:1,\n";
        Path list = Files.writeString(site.resolve("sample.m3u8"), begin + "hls/talk0.ts\n#EXT-X-ENDLIST\n");
        Path session = Files.writeString(
                folder.resolve("session"),
                "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=Talk\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 0 RTP/AVP 33\n");
        Path report = Files.createFile(folder.resolve("report"));
        Path programs = Files.createDirectory(folder.resolve("programs"));
        Files.move(standIn("exec ffprobe \"$@\""), programs.resolve("ffprobe"));
        // What is a list when yt-dlp looks is another thing when ffmpeg does.
        Files.move(
                standIn(
                        "case \" $* \" in *' -i http'*) cp %s %s; export FFREPORT=file=%s:level=32;; esac; exec ffmpeg \"$@\""
                                .formatted(session, list, report)),
                programs.resolve("ffmpeg"));
        try (var node = new MediaNode(setup().ffmpeg(programs.resolve("ffmpeg").toString()))) {
            node.becomes(node.submit(pages.url("/sample.m3u8")), JobState.FAILED);
            assertThat(report).content().contains("not on whitelist");
            node.nothingIsLeft();
        }
    }

    @Test
    void listThatOnlyFfmpegCanFetchBecomesOneFile() throws IOException, InterruptedException {
        Files.write(site.resolve("hls/key"), new byte[16]);
        Files.writeString(
                site.resolve("hls/encrypted.m3u8"),
                Files.readString(site.resolve("hls/talk.m3u8"))
                        .replaceFirst("#EXTINF", "#EXT-X-KEY:METHOD=NONE,URI=\"key\"\n#EXT-X-KEY:METHOD=ISO\n#EXTINF"));
        try (var node = new MediaNode(setup())) {
            Job job = node.becomes(node.submit(pages.url("/hls/encrypted.m3u8")), JobState.COMPLETED);
            assertThat(probe(node.stored(job))).contains("h264").contains("aac");
            node.onlyIsLeft(job);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void listThatOnlyFfmpegCanFetchHasNoHole(boolean missing) throws IOException, InterruptedException {
        Files.write(site.resolve("hls/key"), new byte[16]);
        String list = Files.readString(site.resolve("hls/talk.m3u8"))
                .replaceFirst("#EXTINF", "#EXT-X-KEY:METHOD=NONE,URI=\"key\"\n#EXT-X-KEY:METHOD=ISO\n#EXTINF");
        Files.writeString(site.resolve("hls/holes.m3u8"), missing ? list.replace("talk5.ts", "nowhere.ts") : list);
        pages.breakOnce("/hls/talk5.ts");
        try (var node = new MediaNode(setup())) {
            Job job = node.submit(pages.url("/hls/holes.m3u8"));
            Job ended = node.becomes(job, missing ? JobState.FAILED : JobState.COMPLETED);
            assertThat(ended.attempt()).isEqualTo(2);
            if (!missing) {
                assertThat(MediaPages.packets(node.stored(job)))
                        .isEqualTo(MediaPages.packets(site.resolve("hls/talk.m3u8")));
                node.onlyIsLeft(job);
            }
        }
    }

    /// yt-dlp puts an earlier piece in the place of one that it could not fetch, and ends well once all others are
    /// there.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noOtherPieceComesInThePlaceOfOneThatCannotBeFetched(boolean empty) throws IOException {
        String piece = empty ? "nothing.ts" : "broken.ts";
        Files.write(site.resolve("hls/nothing.ts"), new byte[0]);
        Files.copy(site.resolve("hls/talk5.ts"), site.resolve("hls/broken.ts"), StandardCopyOption.REPLACE_EXISTING);
        pages.breakAlways("/hls/broken.ts");
        Files.writeString(
                site.resolve("hls/broken.m3u8"),
                Files.readString(site.resolve("hls/talk.m3u8")).replace("talk5.ts", piece));
        try (var node = new MediaNode(setup().attempts(4))) {
            Job job = node.submit(pages.url("/hls/broken.m3u8"));
            node.fails(job, ErrorCode.UPSTREAM_UNAVAILABLE, "");
            assertThat(node.now(job).attempt()).isEqualTo(4);
            node.nothingIsLeft();
        }
    }

    @Test
    void noOtherPieceComesInThePlaceOfOneThatIsTooLarge() throws IOException {
        Files.write(site.resolve("hls/large.ts"), new byte[5_000_000]);
        Files.writeString(
                site.resolve("hls/large.m3u8"),
                Files.readString(site.resolve("hls/talk.m3u8")).replace("talk5.ts", "large.ts"));
        try (var node = new MediaNode(setup().maxSize(4_500_000))) {
            node.becomes(node.submit(pages.url("/hls/large.m3u8")), JobState.FAILED);
            node.nothingIsLeft();
        }
    }

    @Test
    void piecesThatAreTextAreNoMedia() throws IOException {
        Files.writeString(site.resolve("hls/error.ts"), "<html><title>Come back later</title></html>");
        Files.writeString(
                site.resolve("hls/errors.m3u8"),
                "#EXTM3U\n#EXT-X-TARGETDURATION:1\n" + "#EXTINF:1,\nerror.ts\n".repeat(3) + "#EXT-X-ENDLIST\n");
        try (var node = new MediaNode(setup())) {
            node.fails(node.submit(pages.url("/hls/errors.m3u8")), ErrorCode.UPSTREAM_REFUSED, "no media");
            node.nothingIsLeft();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html><title>Später</title></html>", "\uFEFF{\"error\":\"expired\"}", "#EXTM3U\n"})
    void aFilmHasNoHoleWhereOneOfItsPiecesIsText(String text) throws IOException {
        Files.writeString(site.resolve("hls/error.ts"), text);
        Files.writeString(
                site.resolve("hls/errors.m3u8"),
                Files.readString(site.resolve("hls/talk.m3u8")).replace("talk5.ts", "error.ts"));
        try (var node = new MediaNode(setup())) {
            node.fails(node.submit(pages.url("/hls/errors.m3u8")), ErrorCode.UPSTREAM_REFUSED, "no media");
            node.nothingIsLeft();
        }
    }

    @Test
    void nobodySeesAPasswordAmongTheProcesses() throws IOException {
        Path standIn = standIn("sleep 100; :");
        try (var node = new MediaNode(setup().ytDlp(standIn.toString()))) {
            String url = pages.url("/talk.mp4?token=verysecret").replace("//", "//joe:hidden@");
            Job job = node.submit(url);
            await().atMost(MediaNode.PATIENCE).until(() -> node.children().size() > 2);
            for (ProcessHandle child : node.children()) {
                assertThat(Files.readString(Path.of("/proc/" + child.pid() + "/cmdline")))
                        .doesNotContain("verysecret", "hidden");
            }
            node.cancel(job);
            node.nothingIsLeft();
        }
    }

    @Test
    void aChecksumHoldsForWhatAPageShows() throws Exception {
        byte[] content = Files.readAllBytes(site.resolve("talk.mp4"));
        String sum = HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
        try (var node = new MediaNode(setup())) {
            node.becomes(node.submit(summed("md5:" + sum)), JobState.COMPLETED);
        }
    }

    @Test
    void whatAPageShowsAndHasAnotherChecksumIsNotStored() {
        try (var node = new MediaNode(setup())) {
            Job job = node.becomes(node.submit(summed("md5:" + "0".repeat(32))), JobState.FAILED);
            assertThat(job.error())
                    .isNotNull()
                    .satisfies(problem -> assertThat(problem.code()).isEqualTo(ErrorCode.CHECKSUM_MISMATCH));
            node.nothingIsLeft();
        }
    }

    private static DownloadSpec summed(String checksum) {
        return new DownloadSpec(
                pages.url("/talk.mp4"), null, "127.0.0.1", "local", null, null, false, null, false, null, checksum);
    }

    @Test
    void streamBecomesOneFile() throws IOException, InterruptedException {
        try (var node = new MediaNode(setup())) {
            Job job = node.becomes(node.submit(pages.url("/hls/talk.m3u8")), JobState.COMPLETED);
            assertThat(probe(node.stored(job))).contains("h264").contains("aac");
            node.onlyIsLeft(job);
        }
    }

    @Test
    void pictureAndSoundBecomeOneFileOfTheFormatThatWasAskedFor() throws IOException, InterruptedException {
        try (var node = new MediaNode(setup())) {
            Job job = node.submit(MediaNode.spec(pages.url("/dash/talk.mpd"), "360p", "mkv", true, false));
            node.becomes(job, JobState.COMPLETED);
            assertThat(DownloadFacts.of(node.now(job)).filename()).isEqualTo("talk.mkv");
            assertThat(probe(node.stored(job)))
                    .contains("matroska")
                    .contains("h264")
                    .contains("aac");
            node.onlyIsLeft(job);
        }
    }

    @ParameterizedTest(name = "{0}: {1} lines")
    @CsvSource({"best, 360", "4k, 360", "360p, 360", "240p, 180", "144p, 180", "worst, 180"})
    void asManyLinesAreFetchedAsWereAskedFor(String quality, int lines) throws IOException, InterruptedException {
        try (var node = new MediaNode(setup())) {
            Job job = node.submit(MediaNode.spec(pages.url("/hls/choice.m3u8"), quality, null, false, false));
            node.becomes(job, JobState.COMPLETED);
            assertThat(probe(node.stored(job)))
                    .contains("height=" + lines)
                    .contains("aac")
                    .doesNotContain("subtitle");
            node.onlyIsLeft(job);
        }
    }

    @ParameterizedTest
    @CsvSource({"mp4, mov_text", "mkv, webvtt"})
    void subtitlesAreInTheFile(String format, String codec) throws IOException, InterruptedException {
        try (var node = new MediaNode(setup())) {
            Job job = node.submit(MediaNode.spec(pages.url("/hls/choice.m3u8"), "worst", format, true, false));
            node.becomes(job, JobState.COMPLETED);
            assertThat(probe(node.stored(job)))
                    .contains("codec_type=subtitle")
                    .contains("codec_name=" + codec)
                    .contains("h264");
            node.onlyIsLeft(job);
        }
    }

    @Test
    void soundAloneBecomesAnMp3() throws IOException, InterruptedException {
        try (var node = new MediaNode(setup())) {
            Job job = node.submit(MediaNode.spec(pages.url("/talk.mp4"), "audio", "mp3", false, false));
            node.becomes(job, JobState.COMPLETED);
            assertThat(DownloadFacts.of(node.now(job)).contentType()).isEqualTo("audio/mpeg");
            assertThat(probe(node.stored(job))).contains("mp3").doesNotContain("h264");
        }
    }

    private static String probe(Path file) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        "ffprobe",
                        "-v",
                        "error",
                        "-show_entries",
                        "format=format_name:stream=codec_name,codec_type,height",
                        file.toString())
                .start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        process.waitFor(10, TimeUnit.SECONDS);
        return said;
    }

    @Test
    void whatIsTooLargeIsNotFetched() throws IOException {
        for (String path : new String[] {"/slow/talk.mp4", "/slow/hls/talk.m3u8", "/slow/dash/talk.mpd"}) {
            try (var node = new MediaNode(setup().maxSize(1_000_000))) {
                long before = pages.sent();
                node.fails(node.submit(pages.url(path)), ErrorCode.TOO_LARGE, "1000000 bytes");
                assertThat(pages.sent() - before).isLessThan(Files.size(site.resolve("talk.mp4")));
                node.nothingIsLeft();
            }
        }
    }

    @Test
    void pageWithoutMediaSaysSo() throws IOException {
        Files.writeString(site.resolve("empty.html"), "<html><title>Nothing</title></html>");
        try (var node = new MediaNode(setup())) {
            node.fails(node.submit(pages.url("/empty.html")), ErrorCode.UPSTREAM_NOT_FOUND, "Unsupported URL");
            node.fails(node.submit(pages.url("/missing.mp4")), ErrorCode.UPSTREAM_NOT_FOUND, "404");
            node.nothingIsLeft();
        }
    }

    @Test
    void missingPrograms() {
        try (var node = new MediaNode(setup().ytDlp("yt-dlp-that-is-not-there"))) {
            node.fails(node.submit(pages.url("/talk.mp4")), ErrorCode.CONFIGURATION, "apt install yt-dlp");
        }
        try (var node = new MediaNode(setup().ffmpeg("/nowhere/ffmpeg"))) {
            DownloadSpec sound = MediaNode.spec(pages.url("/talk.mp4"), "audio", "mp3", false, false);
            node.fails(node.submit(sound), ErrorCode.CONFIGURATION, "apt install ffmpeg");
            node.nothingIsLeft();
        }
    }

    @Test
    void addressThatIsRefusedIsNotReachedHoweverItIsNamed() throws IOException {
        String inside = "http://127.0.0.2:" + URI.create(pages.url("/")).getPort();
        pages.redirect("/away.mp4", inside + "/talk.mp4");
        Files.writeString(
                site.resolve("inside.m3u8"),
                "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n" + inside + "/hls/talk0.ts\n#EXTINF:1,\n"
                        + "http://169.254.169.254/latest\n#EXT-X-ENDLIST\n");
        Files.writeString(
                site.resolve("ftp.m3u8"),
                "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nftp://127.0.0.2/segment.ts\n#EXT-X-ENDLIST\n");
        try (var node = new MediaNode(setup().networks("127.0.0.1/32"))) {
            for (String path : new String[] {"/away.mp4", "/inside.m3u8", "/ftp.m3u8"}) {
                node.fails(node.submit(pages.url(path)), ErrorCode.TARGET_REFUSED, "");
            }
            node.fails(node.submit("http://[::1]/page"), ErrorCode.TARGET_REFUSED, "public address");
            node.nothingIsLeft();
        }
    }

    @Test
    void subtitlesOfAnotherSchemeStartNoProgramThatWouldFetchThem() throws IOException, InterruptedException {
        Path mark = folder.resolve("mark");
        Path programs = Files.createDirectory(folder.resolve("programs"));
        for (String name : List.of("rtmpdump", "mplayer", "mpv")) {
            Files.move(standIn("echo \"$@\" >>" + mark), programs.resolve(name));
        }
        for (String scheme : List.of("rtmp", "rtsp")) {
            Files.writeString(
                    site.resolve("words.html"),
                    "<html><title>Talk</title><video><source src=\"/talk.mp4\" type=\"video/mp4\"><track"
                            + " kind=\"subtitles\" srclang=\"en\" src=\"" + scheme + "://127.0.0.2/x\"></video>");
            ProcessBuilder victim = MediaVictim.builder(
                    MediaNode.Setup.in(Files.createDirectory(folder.resolve(scheme))),
                    pages.url("/words.html"),
                    "subtitles");
            victim.environment().merge("PATH", programs + ":", (path, first) -> first + path);
            Process process = victim.start();
            try {
                assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            } finally {
                process.destroyForcibly();
            }
            assertThat(mark).doesNotExist();
            assertThat(folder.resolve(scheme + "/victim.log")).content().contains("of the scheme", scheme);
        }
    }

    @ParameterizedTest
    @CsvSource({"file, file:///etc/passwd", "gopher, gopher://127.0.0.1/1"})
    void aListOfPiecesThatNamesAnotherSchemeIsRefusedAndSaysWhich(String scheme, String piece) throws IOException {
        String name = scheme + ".m3u8";
        Files.writeString(
                site.resolve(name), "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n" + piece + "\n#EXT-X-ENDLIST\n");
        try (var node = new MediaNode(setup())) {
            Job job = node.submit(pages.url("/" + name));
            node.fails(job, ErrorCode.TARGET_REFUSED, "of the scheme " + scheme + "; only http and https");
            assertThat(node.now(job).attempt()).isEqualTo(1);
            node.nothingIsLeft();
        }
    }

    @Test
    void whatAPageSaysOfItselfIsMadeHarmless() throws IOException {
        Path standIn = standIn("""
                for word in "$@"; do
                    case $word in
                        --print=video:*-found*) word=${word#--print=video:}; found=${word%% *};;
                        --print=after_move:*) word=${word#--print=after_move:}; file=${word%% *};;
                    esac
                done
                said='{"id": "\\u202e1", "title": "my\\u202efdp\\u0007\\u2066.exe", "ext": "mp4",'
                said="$said"' "resolution": "\\u202e10x10", "thumbnail": "javascript:alert(1)"}'
                printf '%s %s\\n' "$found" "$said"
                printf '\\0bytes' > media.mp4
                echo "$file" '"media.mp4"'
                """);
        try (var node = new MediaNode(setup().ytDlp(standIn.toString()))) {
            Job job = node.becomes(node.submit(pages.url("/talk.mp4")), JobState.COMPLETED);
            DownloadFacts facts = DownloadFacts.of(job);
            assertThat(facts.videoInfo()).isEqualTo(new Video("1", "myfdp .exe", null, null, "10x10"));
            assertThat(facts.filename()).isEqualTo("myfdp .exe.mp4");
            node.onlyIsLeft(job);
        }
    }

    @Test
    void wordsThatLookLikeOptionsAreNone() throws IOException {
        Path proof = folder.resolve("proof");
        try (var node = new MediaNode(setup())) {
            node.fails(node.submit("http://127.0.0.1/--exec=touch%20" + proof), ErrorCode.UPSTREAM_UNAVAILABLE, "");
            node.fails(
                    node.submit(MediaNode.spec(pages.url("/talk.mp4"), "--exec=touch " + proof, null, false, false)),
                    ErrorCode.INVALID_REQUEST,
                    "quality");
            node.fails(node.submit("--exec=touch " + proof), ErrorCode.TARGET_REFUSED, "http");
            node.fails(node.submit(pages.url("/--exec=touch%20" + proof)), ErrorCode.UPSTREAM_NOT_FOUND, "404");
            assertThat(proof).doesNotExist();
        }
    }

    @Test
    void nothingOfAUrlIsAmongTheWordsOfTheProgram() throws IOException {
        Path words = folder.resolve("words");
        Path standIn = standIn("printf '%s\\n' \"$@\" >" + words + "; exit 1");
        try (var node = new MediaNode(setup().ytDlp(standIn.toString()))) {
            String url = pages.url("/--exec=touch%20proof");
            node.becomes(node.submit(url), JobState.FAILED);
            assertThat(words).content().contains("--batch-file=").doesNotContain("touch", "proof", pages.url("/"));
        }
    }

    @Test
    void aServerThatSendsOneByteASecondFailsTheDownload() throws IOException {
        try (var source = new TestingSource(TestingNode.bytes(1 << 20));
                var node = new MediaNode(setup())) {
            source.answer(exchange -> {
                exchange.head(200, "Content-Type: video/mp4", "Content-Length: " + (1 << 20));
                exchange.body(0, 4096);
                for (int at = 4096; at < 4296; at++) {
                    exchange.body(at, at + 1);
                    LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
                }
            });
            Job job = node.submit(MediaNode.spec(source.url("/film.mp4"), "audio", null, false, false));
            node.fails(job, ErrorCode.UPSTREAM_UNAVAILABLE, "sends less than 1024 bytes a second");
            node.nothingIsLeft();
        }
    }

    @Test
    void whatYtDlpSaysOfItIsTold() throws IOException {
        says("ERROR: [youtube] abc: Video unavailable. This video has been removed", ErrorCode.UPSTREAM_REFUSED);
        says("ERROR: [youtube] abc: Unable to download: HTTP Error 429: Too Many", ErrorCode.UPSTREAM_THROTTLED);
    }

    private void says(String words, ErrorCode code) throws IOException {
        Path standIn = standIn("echo '" + words + "; please report this issue on https://x' >&2; exit 1");
        try (var node = new MediaNode(setup().ytDlp(standIn.toString()))) {
            Job job = node.submit(pages.url("/talk.mp4"));
            node.fails(job, code, words.substring(words.indexOf("abc: ") + 5));
            assertThat(node.now(job).error())
                    .isNotNull()
                    .extracting(Problem::message)
                    .asString()
                    .doesNotContain("report");
        }
    }

    @Test
    void liveStreamIsRefusedSinceItHasNoEnd() throws IOException {
        Path standIn = standIn("""
                for word in "$@"; do
                    case $word in --print=video:*-found*)
                        word=${word#--print=video:}
                        echo "${word%% *}" '{"id": "1", "title": "News", "is_live": true, "protocol": "m3u8_native", "url": "http://127.0.0.1:1/a"}';;
                    esac
                done
                exec sleep 1000
                """);
        try (var node = new MediaNode(setup().ytDlp(standIn.toString()))) {
            node.fails(
                    node.submit(pages.url("/live")),
                    ErrorCode.UPSTREAM_REFUSED,
                    "\"News\" is a live stream, which has no end and needs a limit");
            node.nothingIsLeft();
        }
    }

    @Test
    void cookiesOfTheOwnerAreSentAndNotKept() throws IOException {
        Files.createDirectories(folder.resolve("cookies"));
        Files.writeString(folder.resolve("cookies/local.txt"), "# Netscape HTTP Cookie File\n");
        Path seen = Files.createFile(folder.resolve("seen"));
        Path standIn = standIn("for word in \"$@\"; do case $word in --cookies=*) cp \"${word#*=}\" " + seen
                + ";; esac; done; echo 'ERROR: private' >&2; exit 1");
        try (var node = new MediaNode(setup().ytDlp(standIn.toString()))) {
            node.fails(node.submit(pages.url("/talk.mp4")), ErrorCode.UPSTREAM_REFUSED, "private");
            assertThat(seen).content().startsWith("# Netscape");
            node.nothingIsLeft();
        }
    }

    @Test
    void nobodyIsServedWithTheCookiesOfAnother() throws IOException {
        Path cookies = Files.createDirectories(folder.resolve("cookies"));
        Files.writeString(cookies.resolve("anna.txt"), "of anna");
        Files.writeString(cookies.resolve("bert.txt"), "of bert");
        Path standIn = standIn("said='without cookies'; for word in \"$@\"; do case $word in --cookies=*)"
                + " said=$(cat \"${word#*=}\");; esac; done; echo \"ERROR: $said\" >&2; exit 1");
        Map<String, String> served = Map.of(
                "anna", "of anna",
                "bert", "of bert",
                "carla", "without cookies",
                "../cookies/anna", "without cookies");
        try (var node = new MediaNode(setup().ytDlp(standIn.toString()))) {
            served.forEach((owner, said) -> node.fails(
                    node.submit(pages.url("/talk.mp4"), new Owner(owner)), ErrorCode.UPSTREAM_REFUSED, said));
            node.nothingIsLeft();
        }
    }

    @Test
    void whatIsShownToWhoHasACookieIsFetchedWithIt() throws IOException {
        Path cookies = Files.createDirectories(folder.resolve("cookies"));
        for (String owner : List.of("anna", "bert")) {
            Files.writeString(
                    cookies.resolve(owner + ".txt"),
                    "# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\t" + owner + "\n");
        }
        try (var node = new MediaNode(setup())) {
            String url = pages.url("/private/talk.mp4");
            Job job = node.becomes(node.submit(url, new Owner("anna")), JobState.COMPLETED);
            assertThat(node.stored(job)).hasSameBinaryContentAs(site.resolve("talk.mp4"));
            for (String owner : List.of("bert", "carla")) {
                node.fails(node.submit(url, new Owner(owner)), ErrorCode.UPSTREAM_REFUSED, "403");
            }
            assertThat(node.secretsIn).isEmpty();
            node.onlyIsLeft(job);
        }
    }

    @Test
    void whatFailsBeforeItBeginsLeavesNoSecret() throws IOException {
        Files.createDirectories(folder.resolve("cookies"));
        Files.writeString(folder.resolve("cookies/local.txt"), "# Netscape HTTP Cookie File\n");
        Path place = Files.createDirectories(folder.resolve("work/unlucky-1"));
        Files.createFile(place.resolve(Workplace.PROGRAMS));
        try (var node = new MediaNode(setup())) {
            DownloadSpec spec = MediaNode.spec(pages.url("/talk.mp4"), null, null, false, false);
            node.fails(node.submit(new JobId("unlucky"), spec), ErrorCode.INTERNAL, "could not be worked in");
            assertThat(node.secretsIn).isEmpty();
        }
    }

    private Path standIn(String script) throws IOException {
        Path file = Files.createTempFile(folder, "yt-dlp", "");
        Files.writeString(file, "#!/bin/sh\nPATH=/usr/bin:/bin\n" + script);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }
}
