package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stopping at each phase, and the death of the process that runs it.
@Timeout(120)
final class MediaStopTest {
    private static final Logger log = LoggerFactory.getLogger(MediaStopTest.class);
    private static final Duration SOON = Duration.ofSeconds(1);
    /// SIGKILL comes 50 ms after a cancel.
    private static final Duration KILLED = Duration.ofMillis(300);
    /// What ffmpeg is called while it does not come to an end.
    private static final String ENDLESS = "endless-ffmpeg";

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
    void cancelWhileItAsksThePageLeavesNothing() {
        try (var node = new MediaNode(setup())) {
            Job job = node.submit(pages.url("/never"));
            await().atMost(MediaNode.PATIENCE)
                    .until(() -> names(node.children()).contains("yt-dlp"));
            cancelLeavesNothing(node, job, "probing");
        }
    }

    @Test
    void cancelWhileItDownloadsLeavesNothing() {
        for (String path : List.of("/slow/talk.mp4", "/slow/hls/talk.m3u8")) {
            try (var node = new MediaNode(setup())) {
                Job job = node.submit(pages.url(path));
                node.downloads(job, 100_000);
                cancelLeavesNothing(node, job, "downloading " + path);
            }
        }
    }

    @Test
    void cancelWhileFfmpegWorksLeavesNothing() throws IOException {
        try (var node = new MediaNode(setup().ffmpeg(endlessFfmpeg()))) {
            Job job = node.submit(MediaNode.spec(pages.url("/talk.mp4"), "audio", "mp3", false, false));
            await().atMost(MediaNode.PATIENCE)
                    .until(() -> names(node.children()).contains(ENDLESS));
            cancelLeavesNothing(node, job, "converting");
        }
    }

    @Test
    void cancelWhilePictureAndSoundAreMergedLeavesNothing() throws IOException {
        try (var node = new MediaNode(setup().ffmpeg(endlessFfmpeg()))) {
            Job job = merging(node);
            cancelLeavesNothing(node, job, "merging");
        }
    }

    /// What was recorded is put into its container by ffmpeg: by itself, not by yt-dlp.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRecordingThatIsPutIntoItsContainerIsStoppedAndGoneOnWith(boolean cancel) throws Exception {
        List<String> pieces = List.of("talk0.ts", "talk1.ts", "talk2.ts");
        try (var node = new MediaNode(setup().ffmpeg(endlessFfmpeg()));
                var list = new SlidingList(site.resolve("hls/recorded.m3u8"), "", 0, pieces, "")) {
            list.go();
            Job job = node.submit(MediaNode.limited(pages.url("/hls/recorded.m3u8"), 3));
            await().atMost(MediaNode.PATIENCE)
                    .until(() -> names(node.children()).contains(ENDLESS));
            if (cancel) {
                cancelLeavesNothing(node, job, "containing");
                return;
            }
            node.engine.pause(job.id());
            await().atMost(MediaNode.PATIENCE).until(() -> node.children().isEmpty());
            node.engine.awaitStopped(job.id());
            list.vanish();
            Files.delete(folder.resolve("programs/endless"));
            node.engine.resume(job.id());
            node.becomes(job, JobState.COMPLETED);
            assertThat(MediaPages.frames(node.stored(job))).isEqualTo(3 * 25);
            node.onlyIsLeft(job);
        }
    }

    private static Job merging(MediaNode node) {
        return working(node, "/dash/talk.mpd", "mkv");
    }

    private static Job working(MediaNode node, String path, String format) {
        Job job = node.submit(MediaNode.spec(pages.url(path), null, format, false, false));
        await().atMost(MediaNode.PATIENCE).until(() -> names(node.children()).contains(ENDLESS));
        return job;
    }

    @Test
    void cancelWhileItUploadsLeavesNothing() {
        var gate = new Gate();
        try (var node = new MediaNode(setup())) {
            node.cloud.onWrite(offset -> gate.pass());
            cancelOfWhatWaitsLeavesNothing(node, gate, Downloads.UPLOAD);
        }
    }

    @Test
    void cancelWhileItCommitsLeavesNoObject() {
        var gate = new Gate();
        try (var node = new MediaNode(setup())) {
            node.cloud.onCommit(offset -> gate.pass());
            cancelOfWhatWaitsLeavesNothing(node, gate, Downloads.COMMIT);
        }
    }

    private static void cancelOfWhatWaitsLeavesNothing(MediaNode node, Gate gate, String stage) {
        Job job = node.submit(intoTheCloud());
        gate.awaitReached();
        assertThat(node.now(job).stages().current())
                .get()
                .satisfies(now -> assertThat(now.name()).isEqualTo(stage));
        node.cancel(job);
        gate.open();
        node.nothingIsLeft();
        assertThat(node.now(job).state()).isEqualTo(JobState.CANCELLED);
        assertThat(node.events(job)).contains("CANCELLED").doesNotContain("COMPLETED");
    }

    private static DownloadSpec intoTheCloud() {
        return MediaNode.in("cloud", MediaNode.spec(pages.url("/talk.mp4"), null, null, false, false));
    }

    /// Pieces of a stream, too, which ffmpeg puts into the container that their file's name tells of.
    @ParameterizedTest
    @CsvSource({"/dash/talk.mpd, mkv, matroska", "/hls/talk.m3u8, mp4, ftypisom"})
    void pausedWhileFfmpegMakesOneFileItMakesItAnew(String path, String format, String container) throws IOException {
        try (var node = new MediaNode(setup().ffmpeg(endlessFfmpeg()))) {
            Job job = working(node, path, format);
            node.engine.pause(job.id());
            await().atMost(MediaNode.PATIENCE).until(() -> node.children().isEmpty());
            node.engine.awaitStopped(job.id());
            long sent = pages.sent();
            Files.delete(folder.resolve("programs/endless"));
            node.engine.resume(job.id());
            node.becomes(job, JobState.COMPLETED);
            assertThat(pages.sent() - sent).as("bytes fetched again").isLessThan(100_000);
            assertThat(Files.readString(node.stored(job), StandardCharsets.ISO_8859_1)
                            .substring(0, 64))
                    .contains(container);
            node.onlyIsLeft(job);
        }
    }

    @Test
    void pausedWhileItCommitsItIsOneObject() throws IOException {
        var gate = new Gate();
        try (var node = new MediaNode(setup())) {
            node.cloud.onCommit(offset -> gate.pass());
            Job job = node.submit(intoTheCloud());
            gate.awaitReached();
            node.engine.pause(job.id());
            gate.open();
            node.engine.awaitStopped(job.id());
            assertThat(node.now(job).state()).isEqualTo(JobState.PAUSED);
            long sent = pages.sent();
            node.engine.resume(job.id());
            node.becomes(job, JobState.COMPLETED);
            assertThat(pages.sent()).isEqualTo(sent);
            assertThat(folder.resolve("cloud/talk.mp4")).hasSameBinaryContentAs(site.resolve("talk.mp4"));
            node.onlyIsLeft(job);
        }
    }

    @Test
    void cancelIsFirstSaidBySigterm() throws IOException {
        Path said = Files.createFile(folder.resolve("said"));
        Path polite = script(folder.resolve("polite"), "trap 'echo TERM >" + said + "; exit' TERM; sleep 1000 & wait");
        try (var node = new MediaNode(setup().ytDlp(polite.toString()))) {
            Job job = node.submit(pages.url("/talk.mp4"));
            await().atMost(MediaNode.PATIENCE)
                    .until(() -> names(node.children()).contains("sleep"));
            cancelLeavesNothing(node, job, "polite", KILLED);
            assertThat(said).hasContent("TERM");
        }
    }

    @Test
    void cancelOfWhatIgnoresSigtermLeavesNothing() throws IOException {
        Path deaf = script(folder.resolve("deaf"), "trap '' TERM; sleep 1000 & sleep 1001");
        try (var node = new MediaNode(setup().ytDlp(deaf.toString()))) {
            Job job = node.submit(pages.url("/talk.mp4"));
            await().atMost(MediaNode.PATIENCE)
                    .until(() -> names(node.children()).contains("sleep"));
            cancelLeavesNothing(node, job, "deaf", KILLED);
        }
    }

    @Test
    void whatIgnoresAPauseHasTwoSeconds() throws IOException {
        Path deaf = script(folder.resolve("deaf"), "trap '' TERM; sleep 1000 & sleep 1001");
        try (var node = new MediaNode(setup().ytDlp(deaf.toString()))) {
            Job job = node.submit(pages.url("/talk.mp4"));
            await().atMost(MediaNode.PATIENCE)
                    .until(() -> names(node.children()).contains("sleep"));
            List<ProcessHandle> children = node.children();
            long begin = System.nanoTime();
            node.engine.pause(job.id());
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .atMost(MediaNode.PATIENCE)
                    .until(() -> children.stream().noneMatch(MediaStopTest::runs));
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isBetween(Duration.ofMillis(1500), Duration.ofSeconds(5));
            node.engine.awaitStopped(job.id());
            assertThat(node.now(job).state()).isEqualTo(JobState.PAUSED);
            node.cancel(job);
            node.nothingIsLeft();
        }
    }

    private static void cancelLeavesNothing(MediaNode node, Job job, String phase) {
        cancelLeavesNothing(node, job, phase, SOON);
    }

    private static void cancelLeavesNothing(MediaNode node, Job job, String phase, Duration bound) {
        List<ProcessHandle> children = node.children();
        assertThat(children).isNotEmpty();
        long begin = System.nanoTime();
        node.cancel(job);
        double answered = (System.nanoTime() - begin) / 1e6;
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(bound)
                .until(() -> children.stream().noneMatch(MediaStopTest::runs));
        log.info(
                "{}: answered after {} ms, children gone after {} ms",
                phase,
                answered,
                (System.nanoTime() - begin) / 1e6);
        node.nothingIsLeft();
        assertThat(node.now(job).state()).isEqualTo(JobState.CANCELLED);
    }

    /// A zombie that nobody has reaped runs no more.
    private static boolean runs(ProcessHandle process) {
        try {
            String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"), StandardCharsets.ISO_8859_1);
            return !stat.substring(stat.lastIndexOf(')') + 2).startsWith("Z");
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> names(List<ProcessHandle> processes) {
        return processes.stream()
                .flatMap(process -> words(process.pid()))
                .map(word -> word.substring(word.lastIndexOf('/') + 1))
                .toList();
    }

    private static Stream<String> words(long pid) {
        try {
            // The leader's words have the program's behind its script.
            return Stream.of(Files.readString(Path.of("/proc/" + pid + "/cmdline"))
                            .split("\0"))
                    .limit(2)
                    .filter(word -> !word.equals("-c"));
        } catch (IOException e) {
            return Stream.of();
        }
    }

    @Test
    void pausedDownloadGoesOnWhereItWas() throws IOException, InterruptedException {
        for (String path : List.of("/slow/talk.mp4", "/slow/hls/talk.m3u8")) {
            try (var node = new MediaNode(MediaNode.Setup.in(folder.resolve("of" + path.replace('/', '-'))))) {
                Job job = node.submit(pages.url(path));
                node.downloads(job, 400_000);
                node.engine.pause(job.id());
                await().atMost(SOON).until(() -> node.children().isEmpty());
                assertThat(node.places())
                        .singleElement()
                        .satisfies(place -> assertThat(kept(place)).isGreaterThan(200_000));
                node.engine.awaitStopped(job.id());
                long requested = pages.sent();
                node.engine.resume(job.id());
                node.becomes(job, JobState.COMPLETED);
                if (path.endsWith(".mp4")) {
                    assertThat(node.stored(job)).hasSameBinaryContentAs(site.resolve("talk.mp4"));
                } else {
                    assertThat(MediaPages.packets(node.stored(job)))
                            .isEqualTo(MediaPages.packets(site.resolve("hls/talk.m3u8")));
                }
                assertThat(pages.sent() - requested).isLessThan(Files.size(site.resolve("talk.mp4")) - 150_000);
                node.onlyIsLeft(job);
            }
        }
    }

    /// Killed between a piece and its note, or while the note is empty.
    @ParameterizedTest
    @ValueSource(strings = {"", "{\"downloader\": {\"current_fragment\": {\"index\": 1}, \"extra_state\": {}}}"})
    void noPieceIsInAStreamTwice(String note) throws IOException, InterruptedException {
        try (var node = new MediaNode(setup())) {
            Job job = node.submit(pages.url("/slow/hls/talk.m3u8"));
            node.downloads(job, 1_500_000);
            node.engine.pause(job.id());
            node.engine.awaitStopped(job.id());
            for (Path file : MediaNode.list(node.places().getFirst())) {
                if (file.toString().endsWith(".ytdl")) {
                    Files.writeString(file, note);
                }
            }
            node.engine.resume(job.id());
            node.becomes(job, JobState.COMPLETED);
            assertThat(MediaPages.packets(node.stored(job)))
                    .isEqualTo(MediaPages.packets(site.resolve("hls/talk.m3u8")));
            node.onlyIsLeft(job);
        }
    }

    private static long kept(Path place) {
        return MediaNode.list(place).stream()
                .mapToLong(file -> file.toFile().length())
                .sum();
    }

    @Test
    void whatIsFetchedIsNotFetchedAgainWhenItsUploadGoesOn() throws IOException {
        Path runs = Files.createFile(folder.resolve("runs"));
        Path large = script(folder.resolve("large"), """
                echo run >> %s
                for word in "$@"; do
                    case $word in
                        --print=video:*-found*) word=${word#--print=video:}; found=${word%%%% *};;
                        --print=after_move:*) word=${word#--print=after_move:}; file=${word%%%% *};;
                    esac
                done
                echo "$found" '{"id": "1", "title": "Large", "ext": "mp4"}'
                head -c 600000000 /dev/zero > media.mp4
                echo "$file" '"media.mp4"'
                """.formatted(runs));
        try (var node = new MediaNode(setup().ytDlp(large.toString()))) {
            Job job = node.submit(pages.url("/large"));
            node.reaches(job, Downloads.UPLOAD);
            node.engine.pause(job.id());
            node.engine.awaitStopped(job.id());
            assertThat(node.now(job).bytes()).isLessThan(600_000_000);
            node.engine.resume(job.id());
            node.becomes(job, JobState.COMPLETED);
            assertThat(node.stored(job)).hasSize(600_000_000);
            assertThat(runs).hasContent("run");
            node.onlyIsLeft(job);
        }
    }

    @Test
    void cancelOfWhatIsPausedLeavesNothing() {
        try (var node = new MediaNode(setup())) {
            Job job = node.submit(pages.url("/slow/talk.mp4"));
            node.downloads(job, 100_000);
            node.engine.pause(job.id());
            node.cancel(job);
            node.nothingIsLeft();
        }
    }

    @Test
    void deathOfTheServerIsThatOfAllThatItStarted() throws IOException {
        dies("yt-dlp", "yt-dlp", "ffmpeg", pages.url("/slow/talk.mp4"));
        dies("ffmpeg", ENDLESS, endlessFfmpeg(), pages.url("/talk.mp4"));
    }

    private void dies(String program, String called, String ffmpeg, String url) throws IOException {
        MediaNode.Setup setup = MediaNode.Setup.in(Files.createDirectory(folder.resolve("with-" + program)));
        Process server = MediaVictim.start(setup.ffmpeg(ffmpeg), url, program);
        try {
            Path work = setup.folder().resolve("work");
            await().atMost(MediaNode.PATIENCE).until(() -> names(in(work)).contains(called));
            List<ProcessHandle> children = in(work);
            long begin = System.nanoTime();
            server.destroyForcibly();
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .atMost(SOON)
                    .until(() -> children.stream().noneMatch(MediaStopTest::runs));
            log.info("killed while {} ran: children gone after {} ms", program, (System.nanoTime() - begin) / 1e6);
            assertThat(in(work)).isEmpty();
        } finally {
            server.destroyForcibly();
        }
        try (var node = new MediaNode(setup)) {
            Job job = node.engine.job(MediaVictim.id(program));
            node.becomes(job, JobState.COMPLETED);
            node.onlyIsLeft(job);
        }
    }

    /// What has left the group dies not with it, and is owed.
    @Test
    void whatHadLeftTheGroupIsKilledAtTheNextStart() throws Exception {
        Path deserting =
                script(folder.resolve("deserting"), "setsid sleep 1000 </dev/null >/dev/null 2>&1 & exec sleep 1001");
        MediaNode.Setup setup = MediaNode.Setup.in(Files.createDirectory(folder.resolve("own")));
        Process server = MediaVictim.start(setup.ytDlp(deserting.toString()), pages.url("/talk.mp4"), "yt-dlp");
        Path work = setup.folder().resolve("work");
        ProcessHandle left;
        try {
            await().atMost(MediaNode.PATIENCE)
                    .until(() ->
                            names(in(work)).stream().filter("sleep"::equals).count() == 2);
            server.destroyForcibly();
            await().atMost(SOON).until(() -> in(work).size() == 1);
            left = in(work).getFirst();
            assertThat(words(left.pid())).containsExactly("sleep", "1000");
        } finally {
            server.destroyForcibly();
        }
        try (var node = new MediaNode(setup)) {
            await().atMost(MediaNode.PATIENCE).until(() -> !runs(left));
            Job job = node.becomes(node.engine.job(MediaVictim.id("yt-dlp")), JobState.COMPLETED);
            node.onlyIsLeft(job);
            assertThat(node.state.debts().of(job.id())).isEmpty();
        }
    }

    private static List<ProcessHandle> in(Path work) {
        return (Files.exists(work) ? MediaNode.list(work) : List.<Path>of())
                .stream()
                        .flatMap(place -> Marked.living(place.toString()).stream())
                        .toList();
    }

    @Test
    void processesThatACrashLeftAreKilledAsADebt() throws Exception {
        Path place = folder.resolve("place");
        Files.createDirectories(place);
        Files.writeString(place.resolve("media.mp4.part"), "bytes");
        var builder = new ProcessBuilder("setsid", "sleep", "1000");
        builder.environment().put(Marked.VARIABLE, place.toString());
        Process left = builder.start();
        try {
            await().until(() -> names(Marked.living(place.toString())).contains("sleep"));
            Workplace.clear(place);
            assertThat(Marked.living(place.toString())).isEmpty();
            assertThat(place).doesNotExist();
            Workplace.clear(place);
        } finally {
            left.destroyForcibly();
        }
    }

    /// Real ffmpeg, at work for ever, under that name, while there is a file `endless` beside it.
    private String endlessFfmpeg() throws IOException {
        Path programs = Files.createDirectories(folder.resolve("programs"));
        Files.createFile(programs.resolve("endless"));
        script(programs.resolve("ffprobe"), "exec ffprobe \"$@\"");
        return script(programs.resolve("ffmpeg"), """
                here=${0%/*}
                case "$(test -e "$here/endless" && echo " $* ")" in *' -i '*)
                    ln -sf "$(command -v ffmpeg)" "$here/endless-ffmpeg"
                    exec "$here/endless-ffmpeg" -v quiet -re -f lavfi -i testsrc -f null -;;
                esac
                exec ffmpeg "$@"
                """).toString();
    }

    private static Path script(Path file, String text) throws IOException {
        Files.writeString(file, "#!/bin/sh\nPATH=/usr/bin:/bin\n" + text + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }
}
