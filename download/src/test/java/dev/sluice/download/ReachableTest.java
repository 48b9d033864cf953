package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Reachable;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Addresses that a download must not reach, in all their disguises.
class ReachableTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///etc/passwd",
                "gopher://127.0.0.1/1",
                "ftp://example.org/a",
                "http://127.0.0.1/a",
                "http://localhost/a",
                "http://a.localhost./a",
                "http://2130706433/a",
                "http://0x7f000001/a",
                "http://0177.0.0.1/a",
                "http://127.1/a",
                "http://0/a",
                "http://[::1]/a",
                "http://[::ffff:169.254.169.254]/a",
                "http://[::ffff:7f00:1]/a",
                "http://[::127.0.0.1]/a",
                "http://[64:ff9b::7f00:1]/a",
                "http://[2002:7f00:1::]/a",
                "http://[::ffff:0:127.0.0.1]/a",
                "http://[::ffff:0:a9fe:a9fe]/a",
                "http://168.63.129.16/a",
                "http://[::ffff:168.63.129.16]/a",
                "http://[fe80::1]/a",
                "http://[ff02::1]/a",
                "http://198.18.0.1/a",
                "http://[fd00::1]/a",
                "http://169.254.169.254/latest/meta-data/",
                "http://10.1.2.3/a",
                "http://172.16.0.1/a",
                "http://192.168.1.1/a",
                "http://100.64.0.1/a",
                "http://224.0.0.1/a",
                "http://255.255.255.255/a",
                "http://user:word@127.0.0.1/a",
                "http://１２７.０.０.１/a"
            })
    void theyAreRefusedAtOnce(String url) {
        try (var node =
                new TestingNode(folder, new Reachable(List.of(), Downloads.ALLOWED), plain -> plain, Map.of())) {
            assertThatExceptionOfType(ProblemException.class)
                    .isThrownBy(() -> node.submit(url))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.TARGET_REFUSED));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "nothing", "http://", "http:///a", "http://a b/", "http://256.1.1.1/", "http://a:99999/"})
    void whatIsNoUrlIsRefused(String url) {
        try (var node = new TestingNode(folder)) {
            assertThatExceptionOfType(ProblemException.class)
                    .isThrownBy(() -> node.submit(url))
                    .satisfies(e -> assertThat(e.code()).isIn(ErrorCode.INVALID_REQUEST, ErrorCode.TARGET_REFUSED));
        }
    }

    @Test
    void aNameOfARefusedAddressFailsTheDownload() {
        Reachable private_ = new Reachable(
                List.of(), Downloads.ALLOWED, host -> new InetAddress[] {InetAddress.getLoopbackAddress()});
        try (var node = new TestingNode(folder, private_, plain -> plain, Map.of())) {
            Job job = node.awaitEnd(node.submit("http://files.example.org/a"));
            refused(job);
            assertThat(job.error())
                    .isNotNull()
                    .satisfies(problem -> assertThat(problem.message())
                            .contains("files.example.org", Downloads.ALLOWED)
                            .doesNotContain("127.0.0.1"));
        }
    }

    @Test
    void aNameWhoseAddressChangesGainsNothing() {
        var asked = new AtomicInteger();
        byte[] content = TestingNode.bytes(8 << 20);
        try (var source = new TestingSource(content)) {
            // The first connection is allowed; the file's second half comes from where it must not.
            var rebinding =
                    new Reachable(List.of("127.0.0.1/32"), Downloads.ALLOWED, host -> new InetAddress[] {
                        InetAddress.getByName(asked.incrementAndGet() == 1 ? "127.0.0.1" : "127.0.0.2")
                    });
            try (var node = new TestingNode(folder, rebinding, plain -> plain, Map.of())) {
                Job job = node.awaitEnd(node.submit("http://files.example.org:" + source.port() + "/a"));
                refused(job);
                assertThat(asked.get()).isGreaterThan(1);
            }
        }
    }

    @Test
    void aRedirectToARefusedAddressFailsTheDownload() {
        try (var source = new TestingSource(new byte[3])) {
            source.answer(exchange -> exchange.empty(302, "Location: http://169.254.169.254/latest/meta-data/"));
            try (var node = new TestingNode(folder)) {
                refused(node.awaitEnd(node.submit(source.url("/a"))));
            }
        }
    }

    @Test
    void passwordsAreKeptAndNotShown() {
        try (var source = new TestingSource(new byte[3])) {
            source.answer(exchange -> {
                if (exchange.request.header("Authorization").equals("Basic bmFtZTp3w7ZyZA==")) {
                    exchange.file();
                } else {
                    exchange.empty(401);
                }
            });
            try (var node = new TestingNode(folder)) {
                Job job = node.submit(source.url("/a?token=verysecret&b=1").replace("//", "//name:w%C3%B6rd@"));
                assertThat(node.awaitEnd(job).state()).isEqualTo(JobState.COMPLETED);
                assertThat(node.now(job).spec().json()).doesNotContain("verysecret", "rd@", "w%C3");
                assertThat(Downloads.spec(job).url()).endsWith("/a?token=...&b=...");
                assertThat(source.requests().getFirst().path()).isEqualTo("/a?token=verysecret&b=1");
            }
        }
    }

    private static void refused(Job job) {
        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.error())
                .isNotNull()
                .satisfies(
                        problem -> assertThat(problem.code()).as("%s", problem).isEqualTo(ErrorCode.TARGET_REFUSED));
    }
}
