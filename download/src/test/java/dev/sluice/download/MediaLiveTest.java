package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Streams to which is added while they are fetched.
@Timeout(120)
final class MediaLiveTest {
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
                                + " -f lavfi -i sine -t 600 -c:v libx264 -preset ultrafast -g 25 -c:a aac"
                                + " -f hls -hls_time 1 -hls_list_size 5 -hls_flags delete_segments news.m3u8")
                        .split(" "))
                .directory(own.toFile())
                .inheritIO()
                .start();
        String described = Files.readString(site.resolve("dash/talk.mpd"));
        assertThat(described).contains("type=\"static\"");
        Files.writeString(site.resolve("dash/live.mpd"), described.replace("type=\"static\"", "type=\"dynamic\""));
        for (String list : List.of("live/news.m3u8", "dash/live.mpd")) {
            Files.writeString(
                    site.resolve(list + ".html"),
                    "<html><head><title>News</title></head><body><video src=\"" + pages.url("/" + list)
                            + "\"></video></body></html>");
        }
        await().atMost(MediaNode.PATIENCE).until(() -> Files.exists(own.resolve("news.m3u8")));
    }

    @AfterAll
    static void close() {
        live.destroyForcibly();
        pages.close();
    }

    private MediaNode.Setup setup() {
        return MediaNode.Setup.in(folder);
    }

    /// yt-dlp would fetch what stands in the list just then, and be done.
    @Test
    void aPageThatShowsALiveStreamIsRefusedWithoutALimit() {
        try (var node = new MediaNode(setup())) {
            for (String page : List.of("/live/news.m3u8.html", "/live/news.m3u8")) {
                node.fails(
                        node.submit(pages.url(page)),
                        ErrorCode.UPSTREAM_REFUSED,
                        "is a live stream, which has no end and needs a limit: say by maxDuration");
                node.nothingIsLeft();
            }
        }
    }

    @Test
    void aLiveStreamOfWhichHolesWouldBeRecordedIsRefused() {
        try (var node = new MediaNode(setup())) {
            for (String page : List.of("/dash/live.mpd.html", "/dash/live.mpd")) {
                node.fails(
                        node.submit(MediaNode.limited(pages.url(page), 5)),
                        ErrorCode.UPSTREAM_REFUSED,
                        "comes by DASH, which cannot be recorded");
                node.nothingIsLeft();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/live/news.m3u8", "/live/news.m3u8.html"})
    void aLiveStreamIsRecordedForAsLongAsIsWanted(String path) throws IOException, InterruptedException {
        try (var node = new MediaNode(setup())) {
            Job job = node.becomes(node.submit(MediaNode.limited(pages.url(path), 8)), JobState.COMPLETED);
            assertThat(MediaPages.seconds(node.stored(job))).isCloseTo(8, within(0.2));
            assertThat(DownloadFacts.of(job).fileSize()).isEqualTo(Files.size(node.stored(job)));
            assertThat(node.progress.stream().map(Progress::percent))
                    .as("it is told while it runs, and up to the end")
                    .hasSizeGreaterThan(3)
                    .isSorted()
                    .anyMatch(percent -> percent > 20 && percent < 80);
            node.onlyIsLeft(job);
        }
    }

    @Test
    void aRecordingIsStoppedAtOnceAndBeginsAnewAfterAPause() throws IOException, InterruptedException {
        try (var node = new MediaNode(setup())) {
            Job endless = node.submit(MediaNode.limited(pages.url("/live/news.m3u8"), 600));
            node.downloads(endless, 1);
            node.cancel(endless);
            node.becomes(endless, JobState.CANCELLED);
            node.nothingIsLeft();

            Job job = node.submit(MediaNode.limited(pages.url("/live/news.m3u8"), 5));
            node.downloads(job, 1);
            node.engine.pause(job.id());
            node.becomes(job, JobState.PAUSED);
            assertThat(node.children()).isEmpty();
            node.engine.resume(job.id());
            node.becomes(job, JobState.COMPLETED);
            assertThat(MediaPages.seconds(node.stored(job))).isCloseTo(5, within(0.2));
            node.onlyIsLeft(job);
        }
    }

    @Test
    void ofWhatHasAnEndNoMoreIsFetchedThanTheLimit() throws IOException, InterruptedException {
        try (var node = new MediaNode(setup())) {
            Job cut = node.becomes(node.submit(MediaNode.limited(pages.url("/hls/talk.m3u8"), 4)), JobState.COMPLETED);
            assertThat(MediaPages.seconds(node.stored(cut))).isCloseTo(4, within(0.2));
            Job dash = node.becomes(node.submit(MediaNode.limited(pages.url("/dash/talk.mpd"), 4)), JobState.COMPLETED);
            assertThat(MediaPages.seconds(node.stored(dash))).isCloseTo(4, within(0.2));
            Job whole =
                    node.becomes(node.submit(MediaNode.limited(pages.url("/hls/talk.m3u8"), 60)), JobState.COMPLETED);
            assertThat(MediaPages.seconds(node.stored(whole))).isCloseTo(12, within(0.2));
            node.onlyIsLeft(cut, dash, whole);
        }
    }
}
