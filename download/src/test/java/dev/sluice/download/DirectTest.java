package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.testing.TestingNginx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Plain files from a real server into a real folder.
class DirectTest {
    @TempDir
    Path folder;

    private TestingNode node;
    private TestingNginx nginx;

    @BeforeEach
    void open() {
        nginx = TestingNginx.start();
        node = new TestingNode(folder);
    }

    @AfterEach
    void close() {
        node.close();
        nginx.close();
    }

    /// Often, since who fetches what is a race each time.
    @RepeatedTest(20)
    void aFileComesOverSeveralConnectionsAndIsTheSame() throws IOException {
        byte[] content = TestingNode.bytes(30 << 20);
        Files.write(nginx.files().resolve("film.mp4"), content);
        Job job = node.awaitEnd(node.submit(nginx.url("film.mp4").toString()));
        assertThat(job.state()).as("%s", job.error()).isEqualTo(JobState.COMPLETED);
        assertThat(node.stored(job)).isEqualTo(content);
        node.awaitHeld("film.mp4");
        DownloadFacts facts = DownloadFacts.of(job);
        assertThat(facts.fileSize()).isEqualTo(content.length);
        assertThat(facts.contentType()).isEqualTo("video/mp4");
        assertThat(facts.videoInfo())
                .isNotNull()
                .satisfies(info -> assertThat(info.title()).isEqualTo("film.mp4"));
    }

    @Test
    void anEmptyFileComes() throws IOException {
        Files.write(nginx.files().resolve("empty.bin"), new byte[0]);
        Job job = node.awaitEnd(node.submit(nginx.url("empty.bin").toString()));
        assertThat(job.state()).as("%s", job.error()).isEqualTo(JobState.COMPLETED);
        assertThat(node.stored(job)).isEmpty();
    }

    @Test
    void aFileOfAFewBytesComes() throws IOException {
        Files.write(nginx.files().resolve("few.txt"), TestingNode.bytes(17));
        Job job = node.awaitEnd(node.submit(nginx.url("few.txt").toString()));
        assertThat(node.stored(job)).isEqualTo(TestingNode.bytes(17));
    }

    @Test
    void connectionsThatAServerDropsAreOpenedAgainForTheRest() throws IOException {
        byte[] content = TestingNode.bytes(16 << 20);
        Files.write(nginx.files().resolve("film.mp4"), content);
        Job job = node.submit(nginx.url("slow/1000000/film.mp4").toString());
        for (int drops = 1; drops <= 3; drops++) {
            node.awaitBytes(job, drops * (4L << 20));
            nginx.dropConnections();
        }
        Job ended = node.awaitEnd(job);
        assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobState.COMPLETED);
        assertThat(node.stored(job)).isEqualTo(content);
        assertThat(ended.bytes()).isEqualTo(content.length);
        assertThat(nginx.sent())
                .as("what connections brought that were not dropped")
                .isLessThan(6 << 20);
    }
}
