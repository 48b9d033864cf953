package dev.sluice.download;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Reachable;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests, answers, and the connections that they go over.
@Timeout(30)
class OriginTest {
    private static final Patience SHORT = new Patience(
            Duration.ofSeconds(2), Duration.ofMillis(300), Duration.ofSeconds(2), 1024, 3, Duration.ofMillis(10));

    private final StopToken stop = new StopToken();
    private final TestingSource source = new TestingSource(new byte[100]);
    private final Target target = Target.of(source.url("/film.mp4"));
    private final Lines lines = new Lines(
            new Reachable(List.of("127.0.0.0/8"), Downloads.ALLOWED),
            SHORT,
            () -> (SSLSocketFactory) SSLSocketFactory.getDefault(),
            stop);
    private final Origin origin = new Origin(target, lines, stop);

    @AfterEach
    void close() {
        lines.close();
        source.close();
    }

    @Test
    void afterTheEndNoConnectionIsUsedOrOpened() throws IOException {
        whole(origin.ask("bytes=0-", null));
        int before = source.requests().size();
        lines.end("another connection has failed");
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> origin.ask("bytes=0-", null));
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> lines.open(target));
        assertThat(source.requests()).hasSize(before);
    }

    @Test
    void anAnswerThatIsClosedTwiceGivesItsConnectionBackOnce() throws IOException {
        Reply reply = whole(origin.ask("bytes=0-", null));
        reply.close();
        assertThat(lines.kept(target)).isNotNull();
        assertThat(lines.kept(target)).isNull();
    }

    private static Reply whole(Reply reply) throws IOException {
        try (reply) {
            var bytes = ByteBuffer.allocate(1000);
            while (reply.read(bytes) >= 0) {
                // Until all of it is there.
            }
            return reply;
        }
    }

    @Test
    void announcementsWithoutEndAreNoAnswer() {
        endlessly("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    }

    @Test
    void aHeadThatDripsInIsNoAnswer() {
        endlessly("HTTP/1.1 200 OK\r\nX-Long: " + "x".repeat(1000));
    }

    private void endlessly(String words) {
        source.answer(exchange -> {
            for (int i = 0; i < 500; i++) {
                int at = i % words.length();
                exchange.write(
                        words.length() > 100
                                ? words.substring(at, at + 1).getBytes(US_ASCII)
                                : words.getBytes(US_ASCII));
                LockSupport.parkNanos(20_000_000);
            }
        });
        long began = System.nanoTime();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> origin.ask("bytes=0-", null))
                .withMessageContaining("did not come to the end");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
    }

    @Test
    void aRedirectThatIsAQueryAloneKeepsThePath() {
        assertThat(Target.of("http://example.org/a/b?y=2").to("?x=1").whole()).isEqualTo("http://example.org/a/b?x=1");
        assertThat(Target.of("http://example.org/a/b").to("c?x=1").whole()).isEqualTo("http://example.org/a/c?x=1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://[fe80::1%25lo]/a",
                "http://[::1%25lo]/a",
                "http://example.org:+80/a",
                "http://example.org:\u0661\u0661/a",
                "http://example.org:99999/a"
            })
    void whatIsNoAddressAndNoPortIsRefused(String url) {
        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> Target.of(url))
                .matches(e -> e.code() == ErrorCode.INVALID_REQUEST);
    }

    @Test
    void aQueryIsEscapedWhereverItBegins() {
        assertThat(Target.of("http://example.org?a[0]=b c").whole()).isEqualTo("http://example.org/?a%5B0%5D=b%20c");
        assertThat(Target.of("http://example.org/a").to("b?u=http://x y").whole())
                .isEqualTo("http://example.org/b?u=http://x%20y");
        assertThat(NumericHost.of("0x-1")).isNull();
    }

    @Test
    void aNameThatEndsWithADigitIsLeftForLater() {
        var reachable = new Reachable(List.of(), Downloads.ALLOWED, host -> {
            throw new AssertionError(host + " was looked up");
        });
        reachable.requireNamed("cdn1");
        reachable.requireNamed("host.example2");
    }

    @Test
    void whatIsSecretInAQueryIsHiddenInNoTime() {
        assertThat(Target.of("http://example.org/a?next=/b?token=x&mykey=1&c=2&key")
                        .shown())
                .isEqualTo("http://example.org/a?next=...&mykey=...&c=...&key");
        long began = System.nanoTime();
        Target.of("http://example.invalid/" + "?key".repeat(1_600)).shown();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void noValueOfAQueryIsShownWhateverItsNameIs() {
        Target target = Target.of("http://example.org/film.mp4?hdnts=exp%3D9~hmac%3Dab&e=1&st=&x=a=b");
        assertThat(target.shown()).isEqualTo("http://example.org/film.mp4?hdnts=...&e=...&st=&x=...");
        assertThat(target.isShownWhole()).isFalse();
    }

    @Test
    void aPasswordIsNotShownWhereTheUrlIsNone() {
        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> Target.of("http://user:pa@ss word@host/"))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("pa@", "ss word"));
        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> Target.of("http://user:hidden/film.mp4"))
                .satisfies(e -> assertThat(e.getMessage()).contains("no port").doesNotContain("hidden"));
        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> Target.of("http://us er:hid#d/en@host/film.mp4?a=shy#b=sly"))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hid", "en@", "shy", "sly"));
    }
}
