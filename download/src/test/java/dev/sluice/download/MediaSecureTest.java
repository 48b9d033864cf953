package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Pages behind TLS, whom yt-dlp trusts or not.
@Timeout(120)
final class MediaSecureTest {
    @TempDir
    private static Path site;

    private static TestingCertificate certificate;
    private static MediaPages pages;

    @TempDir
    private Path folder;

    @BeforeAll
    static void make() throws Exception {
        MediaPages.make(site);
        certificate = TestingCertificate.make(site);
        pages = MediaPages.secure(site, certificate);
    }

    @AfterAll
    static void close() {
        pages.close();
    }

    /// In a process of its own, since it goes by the environment.
    @Test
    void whatAPageShowsComesThroughTlsFromWhomTheEnvironmentVouchesFor() throws Exception {
        for (String path : List.of("/talk.mp4", "/hls/talk.m3u8")) {
            Path own = Files.createDirectory(folder.resolve("of" + path.replace('/', '-')));
            ProcessBuilder builder = MediaVictim.builder(MediaNode.Setup.in(own), pages.url(path), "once");
            builder.environment().put("SSL_CERT_FILE", certificate.file().toString());
            Process process = builder.start();
            try {
                assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(process.exitValue())
                        .as(Files.readString(own.resolve("victim.log")))
                        .isZero();
            } finally {
                process.destroyForcibly();
            }
            assertThat(own.resolve("files/talk.mp4")).isNotEmptyFile();
        }
        assertThat(folder.resolve("of-talk.mp4/files/talk.mp4")).hasSameBinaryContentAs(site.resolve("talk.mp4"));
    }

    @Test
    void aPageWhoseCertificateDoesNotVerifyIsRefusedOnce() {
        try (var node = new MediaNode(MediaNode.Setup.in(folder))) {
            Job job = node.becomes(node.submit(pages.url("/talk.mp4")), JobState.FAILED);
            assertThat(job.error()).isNotNull().satisfies(problem -> {
                assertThat(problem.code()).isEqualTo(ErrorCode.UPSTREAM_REFUSED);
                assertThat(problem.message())
                        .isEqualTo("there is no safe connection: a certificate does not verify (self-signed"
                                + " certificate); one of an authority of your own needs SSL_CERT_FILE");
            });
            assertThat(job.attempt()).isEqualTo(1);
            assertThat(pages.sent()).isZero();
            node.nothingIsLeft();
        }
    }
}
