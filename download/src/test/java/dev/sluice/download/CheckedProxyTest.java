package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Reachable;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class CheckedProxyTest {
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

    private static CheckedProxy proxy(String... allowed) throws IOException {
        return CheckedProxy.open(
                new Reachable(List.of(allowed), Downloads.ALLOWED),
                new Throttles(null, null),
                Patience.STANDARD,
                new StopToken());
    }

    @Test
    void ffmpegGoesThroughIt() throws Exception {
        try (var proxy = proxy("127.0.0.1/32")) {
            assertThat(ffmpeg(proxy, pages.url("/hls/talk.m3u8"))).isZero();
        }
    }

    @Test
    void ffmpegDoesNotReachWhatIsRefused() throws Exception {
        String inside = "http://127.0.0.2:" + URI.create(pages.url("/")).getPort() + "/hls/talk0.ts";
        Files.writeString(
                site.resolve("inside.m3u8"),
                "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n" + inside + "\n#EXT-X-ENDLIST\n");
        try (var proxy = proxy("127.0.0.1/32")) {
            ffmpeg(proxy, pages.url("/inside.m3u8"));
            assertThat(explained(proxy)).isEqualTo(ErrorCode.TARGET_REFUSED);
        }
        try (var proxy = proxy()) {
            assertThat(ffmpeg(proxy, pages.url("/hls/talk.m3u8"))).isNotZero();
            assertThat(explained(proxy)).isEqualTo(ErrorCode.TARGET_REFUSED);
        }
    }

    @Test
    void ffmpegGoesThroughItByTls() throws Exception {
        try (var secure = MediaPages.secure(site, TestingCertificate.make(folder));
                var proxy = proxy("127.0.0.1/32")) {
            assertThat(ffmpeg(proxy, secure.url("/hls/talk.m3u8"))).isZero();
        }
    }

    @Test
    void ffmpegDoesNotGoAroundItByTls() throws Exception {
        try (var secure = MediaPages.secure(site, TestingCertificate.make(folder));
                var proxy = proxy()) {
            assertThat(ffmpeg(proxy, secure.url("/hls/talk.m3u8"))).isNotZero();
            assertThat(explained(proxy)).isEqualTo(ErrorCode.TARGET_REFUSED);
            assertThat(secure.sent()).isZero();
        }
    }

    @Test
    void aTunnelPassesOnWhatItDoesNotUnderstand() throws Exception {
        var certificate = TestingCertificate.make(folder);
        try (var secure = MediaPages.secure(site, certificate);
                var proxy = proxy("127.0.0.1/32");
                Socket socket = open(proxy)) {
            URI page = URI.create(secure.url("/talk.mp4"));
            send(socket, proxy.userAndPassword(), "CONNECT " + page.getAuthority() + " HTTP/1.1");
            assertThat(head(socket)).startsWith("HTTP/1.1 200 ");
            try (Socket tls = certificate
                    .trusting()
                    .getSocketFactory()
                    .createSocket(socket, page.getHost(), page.getPort(), true)) {
                tls.getOutputStream()
                        .write("GET /talk.mp4 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                                .getBytes(StandardCharsets.ISO_8859_1));
                assertThat(head(tls)).startsWith("HTTP/1.1 200 ");
                assertThat(tls.getInputStream().readAllBytes()).isEqualTo(Files.readAllBytes(site.resolve("talk.mp4")));
            }
        }
    }

    @Test
    void aNameThatHasARefusedAddressTheSecondTimeIsNotReachedByIt() throws IOException {
        var asked = new AtomicInteger();
        int port = URI.create(pages.url("/")).getPort();
        var rebinding = new Reachable(List.of("127.0.0.1/32"), Downloads.ALLOWED, host ->
                new InetAddress[] {InetAddress.getByName(asked.incrementAndGet() == 1 ? "127.0.0.1" : "127.0.0.2")});
        try (var inside = ServerSocketChannel.open();
                var proxy =
                        CheckedProxy.open(rebinding, new Throttles(null, null), Patience.STANDARD, new StopToken())) {
            inside.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 2}), port));
            inside.configureBlocking(false);
            String name = "files.example.org:" + port;
            String get = "GET http://" + name + "/talk.mp4 HTTP/1.1";
            assertThat(ask(proxy, proxy.userAndPassword(), get)).startsWith("HTTP/1.1 200 ");
            assertThat(ask(proxy, proxy.userAndPassword(), get)).startsWith("HTTP/1.1 403 ");
            assertThat(ask(proxy, proxy.userAndPassword(), "CONNECT " + name + " HTTP/1.1"))
                    .startsWith("HTTP/1.1 403 ");
            assertThat(asked).hasValue(3);
            assertThat(inside.accept()).isNull();
            assertThat(explained(proxy)).isEqualTo(ErrorCode.TARGET_REFUSED);
        }
    }

    private static String head(Socket socket) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = socket.getInputStream().read();
            assertThat(next).as("%s", head).isNotNegative();
            head.append((char) next);
        }
        return head.toString();
    }

    private static ErrorCode explained(CheckedProxy proxy) {
        return proxy.explained(new ProblemException(ErrorCode.UPSTREAM_REFUSED, "403"))
                .code();
    }

    private int ffmpeg(CheckedProxy proxy, String url) throws Exception {
        var builder = new ProcessBuilder(
                "ffmpeg",
                "-v",
                "error",
                "-y",
                "-i",
                url,
                "-c",
                "copy",
                folder.resolve("out.mp4").toString());
        builder.environment().put("http_proxy", proxy.url());
        builder.environment().put("https_proxy", proxy.url());
        return builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("ffmpeg.log").toFile())
                .start()
                .waitFor();
    }

    @Test
    void whoDoesNotKnowThePasswordIsNotLetIn() throws IOException {
        try (var proxy = proxy("127.0.0.1/32")) {
            assertThat(ask(proxy, "sluice:guessed", "GET " + pages.url("/talk.mp4") + " HTTP/1.1"))
                    .startsWith("HTTP/1.1 407");
        }
    }

    @Test
    void whatIsNoHttpIsRefused() throws IOException {
        try (var proxy = proxy("127.0.0.1/32")) {
            var wrong = new ArrayList<String>();
            for (String line : List.of(
                    "GET ftp://127.0.0.1/file HTTP/1.1",
                    "GET file:///etc/passwd HTTP/1.1",
                    "GET /talk.mp4 HTTP/1.1",
                    "CONNECT 10.0.0.1:443 HTTP/1.1",
                    "CONNECT [::1]:443 HTTP/1.1",
                    "GET http://127.0.0.1@169.254.169.254/ HTTP/1.1",
                    "nonsense")) {
                if (!ask(proxy, proxy.userAndPassword(), line).startsWith("HTTP/1.1 403")) {
                    wrong.add(line);
                }
            }
            assertThat(wrong).isEmpty();
        }
    }

    @Test
    void closingCutsWhatIsUnderWay() throws IOException {
        CheckedProxy proxy = proxy("127.0.0.1/32");
        try (Socket socket = open(proxy)) {
            send(socket, proxy.userAndPassword(), "GET " + pages.url("/slow/talk.mp4") + " HTTP/1.1");
            assertThat(socket.getInputStream().readNBytes(100_000)).hasSize(100_000);
            proxy.close();
            assertThat(rest(socket)).isLessThan(Files.size(site.resolve("talk.mp4")) - 100_000);
        }
    }

    @Test
    void whatComesThroughItIsWithinTheLimits() throws Exception {
        var throttles = new Throttles(1_500_000L, null);
        long bytes = Files.size(site.resolve("talk.mp4"));
        long began = System.nanoTime();
        try (var proxy = CheckedProxy.open(
                new Reachable(List.of("127.0.0.1/32"), Downloads.ALLOWED),
                throttles,
                Patience.STANDARD,
                new StopToken())) {
            var both = List.of(throughAsync(proxy), throughAsync(proxy));
            for (var one : both) {
                assertThat(one.get().length()).isGreaterThan((int) bytes);
            }
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        assertThat(2 * bytes / seconds).isLessThan(1.1 * 1_500_000);
    }

    private static CompletableFuture<String> throughAsync(CheckedProxy proxy) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return ask(proxy, proxy.userAndPassword(), "GET " + pages.url("/talk.mp4") + " HTTP/1.1");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static long rest(Socket socket) {
        long count = 0;
        try {
            while (socket.getInputStream().read() >= 0) {
                count++;
            }
        } catch (IOException e) {
            // Cut, too.
        }
        return count;
    }

    private static String ask(CheckedProxy proxy, String user, String line) throws IOException {
        try (Socket socket = open(proxy)) {
            send(socket, user, line);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static Socket open(CheckedProxy proxy) throws IOException {
        return new Socket(
                InetAddress.getByAddress(new byte[] {127, 0, 0, 1}),
                URI.create(proxy.url()).getPort());
    }

    private static void send(Socket socket, String user, String line) throws IOException {
        String word = Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream()
                .write((line + "\r\nHost: x\r\nProxy-Authorization: Basic " + word + "\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1));
    }
}
