package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.Engine;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Reachable;
import dev.sluice.testing.TestingNginx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A cancel takes a download's connections when it arrives; one that cannot be written down costs it nothing else.
class UndecidedTest {
    private static final byte[] CONTENT = TestingNode.bytes(16 << 20);

    @TempDir
    Path folder;

    private Connection database() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("state.db"));
    }

    /// Before the node writes much: who else writes to its database could be in its way.
    private void refuseCancels() throws SQLException {
        try (Connection database = database();
                Statement trigger = database.createStatement()) {
            trigger.execute("CREATE TRIGGER no_cancel BEFORE UPDATE ON jobs WHEN new.state = 'cancelled'"
                    + " BEGIN SELECT RAISE(ABORT, 'the disk fails'); END");
        }
    }

    @Test
    void bytesEndBeforeACancelIsWrittenDown() throws SQLException {
        try (var node = new TestingNode(folder);
                var source = new TestingSource(CONTENT)) {
            source.answer(exchange -> {
                exchange.head206();
                exchange.body(exchange.from(), Math.min(exchange.to(), exchange.from() + (1 << 20)));
                exchange.socket.getInputStream().read();
            });
            Job job = node.submit(source.url("/film.mp4"));
            node.awaitBytes(job, 1 << 20);
            CompletableFuture<Engine.Cancelled> cancelled;
            try (Connection database = database();
                    Statement writer = database.createStatement()) {
                writer.execute("BEGIN IMMEDIATE");
                cancelled = CompletableFuture.supplyAsync(() -> node.cancel(job));
                await().atMost(Duration.ofSeconds(2)).until(() -> source.connections() == 0);
                assertThat(node.now(job).state()).isEqualTo(JobState.RUNNING);
                assertThat(cancelled).isNotDone();
                writer.execute("ROLLBACK");
            }
            cancelled.join();
            node.awaitNothingHeld();
            assertThat(source.connections()).isZero();
        }
    }

    @Test
    void aFileGoesOnWhereACancelCannotBeWrittenDown() throws IOException, SQLException {
        try (var node = new TestingNode(folder);
                var nginx = TestingNginx.start()) {
            Files.write(nginx.files().resolve("film.mp4"), CONTENT);
            refuseCancels();
            Job job = node.submit(nginx.url("slow/1000000/film.mp4").toString());
            for (int cancels = 1; cancels <= 3; cancels++) {
                node.awaitBytes(job, cancels * (4L << 20));
                assertThatThrownBy(() -> node.cancel(job)).isInstanceOf(ProblemException.class);
            }
            Job ended = node.awaitEnd(job);
            assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobState.COMPLETED);
            assertThat(ended.attempt()).isEqualTo(1);
            assertThat(node.stored(job)).isEqualTo(CONTENT);
            assertThat(nginx.sent()).isLessThan(CONTENT.length + (4L << 20));
        }
    }

    /// Those that wait for their turn have stored nothing by then, and some have got nothing yet.
    @Test
    void noConnectionIsGivenUpWhereACancelCannotBeWrittenDown() throws SQLException {
        var ordered = new TestingCloud(folder.resolve("ordered"), false);
        var reachable = new Reachable(List.of("127.0.0.0/8"), Downloads.ALLOWED);
        try (var node = new TestingNode(folder, reachable, plain -> plain, Map.of("ordered", ordered));
                var source = new TestingSource(CONTENT)) {
            var gate = new Gate();
            source.answer(exchange -> {
                if (exchange.from() == 0) {
                    exchange.file();
                } else {
                    exchange.socket.getInputStream().read();
                }
            });
            ordered.onWrite(offset -> gate.pass());
            refuseCancels();
            Job job = node.submit(new DownloadRequest(
                    source.url("/film.mp4"), null, null, false, null, false, "ordered", null, null, null));
            gate.awaitReached();
            await().until(() -> source.requests().size() == 4);
            source.answer(TestingSource.Exchange::file);
            assertThatThrownBy(() -> node.cancel(job)).isInstanceOf(ProblemException.class);
            await().until(() -> source.requests().size() >= 7);
            gate.open();
            Job ended = node.awaitEnd(job);
            assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobState.COMPLETED);
            assertThat(ended.attempt()).isEqualTo(1);
            assertThat(node.stored(job)).isEqualTo(CONTENT);
        }
    }

    @Test
    void whatCannotBeTakenUpAgainIsNotCut() throws SQLException {
        try (var node = new TestingNode(folder);
                var source = new TestingSource(CONTENT)) {
            var gate = new Gate();
            source.answer(exchange -> {
                exchange.head(200, "Content-Length: " + CONTENT.length);
                exchange.body(0, 4 << 20);
                gate.pass();
                exchange.body(4 << 20, CONTENT.length);
            });
            refuseCancels();
            Job job = node.submit(source.url("/film.mp4"));
            gate.awaitReached();
            assertThatThrownBy(() -> node.cancel(job)).isInstanceOf(ProblemException.class);
            gate.open();
            Job ended = node.awaitEnd(job);
            assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobState.COMPLETED);
            assertThat(node.stored(job)).isEqualTo(CONTENT);
            assertThat(source.accepted()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/slow/talk.mp4", "/slow/hls/talk.m3u8"})
    void whatAPageShowsComesWhereACancelCannotBeWrittenDown(String path, @TempDir Path site)
            throws IOException, SQLException, InterruptedException {
        MediaPages.make(site);
        try (var node = new MediaNode(MediaNode.Setup.in(folder));
                var pages = new MediaPages(site)) {
            refuseCancels();
            Job job = node.submit(pages.url(path));
            node.downloads(job, 200_000);
            assertThatThrownBy(() -> node.cancel(job)).isInstanceOf(ProblemException.class);
            node.becomes(job, JobState.COMPLETED);
            assertThat(node.now(job).attempt()).as("%s", node.events(job)).isEqualTo(1);
            if (path.endsWith(".mp4")) {
                assertThat(node.stored(job)).hasSameBinaryContentAs(site.resolve("talk.mp4"));
            } else {
                assertThat(MediaPages.packets(node.stored(job)))
                        .isEqualTo(MediaPages.packets(site.resolve("hls/talk.m3u8")));
            }
            node.onlyIsLeft(job);
        }
    }
}
