package dev.sluice.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Each fault and each kind of body, before a server that says how many bytes it got. Before the providers'
/// services the proxy stands in [TestingS3MockTest], [TestingS3ProxyTest] and [TestingAzuriteTest].
class FaultyProxyTest {
    private static final int MIB = 1 << 20;

    private final AtomicLong received = new AtomicLong();
    private HttpServer server;
    private FaultyProxy proxy;
    private HttpClient client;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/count", exchange -> {
            long count = exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
            received.addAndGet(count);
            byte[] answer = Long.toString(count).getBytes(US_ASCII);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.createContext("/chunked", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getRequestBody().transferTo(exchange.getResponseBody());
            exchange.close();
        });
        server.createContext("/refuse", exchange -> {
            exchange.sendResponseHeaders(403, -1);
            exchange.close();
        });
        server.start();
        proxy = FaultyProxy.before(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/count"));
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @AfterEach
    void stop() {
        client.close();
        proxy.close();
        server.stop(0);
    }

    // ------------------------------------------------------------ what passes, and what is written down

    @Test
    void aCallIsWrittenDown() throws Exception {
        Instant before = Instant.now();
        assertThat(put(MIB).body()).isEqualTo("" + MIB);
        Call call = proxy.await(Call::over);
        assertThat(call.method()).isEqualTo("PUT");
        assertThat(call.target()).isEqualTo("/count");
        assertThat(call.headers())
                .containsEntry("host", proxy.endpoint().getAuthority())
                .containsEntry("Content-Length", "" + MIB);
        assertThat(call.bodyBytes()).isEqualTo(MIB);
        assertThat(call.status()).hasValue(200);
        assertThat(call.ending()).isEqualTo(Call.Ending.ANSWERED);
        assertThat(List.of(
                        before, call.firstByte(), call.lastByte(), call.ended().orElseThrow()))
                .isSorted();
    }

    @Test
    void aConnectionIsKept() throws Exception {
        for (int i = 0; i < 3; i++) {
            put(1000);
        }
        assertThat(proxy.await(3, Call::over)).extracting(Call::connection).containsOnly(1);
        assertThat(proxy.calls()).extracting(Call::number).containsExactly(1, 2, 3);
        assertThat(proxy.connections()).isEqualTo(1);
    }

    @Test
    void chunksPassBothWays() throws Exception {
        byte[] content = S3PeerContract.content(300_000);
        var request = HttpRequest.newBuilder(proxy.endpoint().resolve("/chunked"))
                .PUT(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(content)))
                .build();
        assertThat(client.send(request, BodyHandlers.ofByteArray()).body()).isEqualTo(content);
        assertThat(client.send(request, BodyHandlers.ofByteArray()).body()).isEqualTo(content);
        assertThat(proxy.await(2, Call::over)).extracting(Call::connection).containsOnly(1);
        assertThat(proxy.calls())
                .allSatisfy(call -> assertThat(call.bodyBytes()).isGreaterThan(content.length));
    }

    @Test
    void whoWaitsForLeaveGetsIt() throws Exception {
        var request = to("/count", MIB).expectContinue(true).build();
        assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("" + MIB);
    }

    @Test
    void anEndWithoutAHeadIsNoCall() throws Exception {
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), proxy.endpoint().getPort())) {
            socket.shutdownOutput();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(proxy.calls()).isEmpty();
    }

    // ------------------------------------------------------------ faults

    @Test
    void aConnectionIsDroppedAtAByteOfTheBody() throws Exception {
        proxy.next(Call.matching("PUT", "/count"), Fault.dropAt(300_000));
        assertThatThrownBy(() -> put(MIB)).isInstanceOf(IOException.class);
        Call call = proxy.await(Call::over);
        assertThat(call.bodyBytes()).isEqualTo(300_000);
        assertThat(call.ending()).isEqualTo(Call.Ending.DROPPED);
        assertThat(received).hasValue(0);
        assertThat(put(MIB).statusCode()).isEqualTo(200);
    }

    @Test
    void anAnswerIsLostAfterTheServiceDidIt() throws Exception {
        proxy.next(Call.any(), Fault.loseAnswer());
        assertThatThrownBy(() -> put(MIB)).isInstanceOf(IOException.class);
        assertThat(proxy.await(Call::over).ending()).isEqualTo(Call.Ending.ANSWER_LOST);
        assertThat(received).hasValue(MIB);
    }

    @Test
    void theProxyAnswersInTheServicesPlaceAsOftenAsItWasTold() throws Exception {
        proxy.next(2, Call.matching("PUT", ""), Fault.s3Error(503, "SlowDown"));
        proxy.next(Call.any(), Fault.answer(429, Map.of("Retry-After", "2"), ""));
        for (int i = 0; i < 2; i++) {
            HttpResponse<String> refused = put(MIB);
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("<Code>SlowDown</Code>");
        }
        assertThat(put(MIB).headers().firstValue("Retry-After")).hasValue("2");
        assertThat(received).hasValue(0);
        assertThat(put(MIB).statusCode()).isEqualTo(200);
        assertThat(proxy.await(4, Call::over)).extracting(Call::connection).containsOnly(1);
        assertThat(proxy.calls()).extracting(call -> call.status().orElse(0)).containsExactly(503, 503, 429, 200);
    }

    @Test
    void whoWaitsForLeaveIsAnsweredWithoutTheBody() throws Exception {
        proxy.next(Call.any(), Fault.azureError(503, "ServerBusy"));
        var request = to("/count", MIB).expectContinue(true).build();
        assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(503);
        assertThat(proxy.await(Call::over).bodyBytes()).isEqualTo(0);
        assertThat(put(1000).statusCode()).isEqualTo(200);
    }

    @Test
    void aCallStallsUntilItIsReleased() throws Exception {
        proxy.next(Call.any(), Fault.stallAt(100_000));
        CompletableFuture<HttpResponse<String>> put = putLater();
        proxy.await(call -> call.bodyBytes() == 100_000);
        assertThat(put(1000).statusCode()).isEqualTo(200);
        assertThat(proxy.calls().getFirst().ending()).isEqualTo(Call.Ending.NOT_YET);
        proxy.release();
        assertThat(put.get().body()).isEqualTo("" + MIB);
    }

    @Test
    void anAnswerIsHeldUntilItIsReleased() throws Exception {
        proxy.next(Call.any(), Fault.holdAnswer());
        CompletableFuture<HttpResponse<String>> put = putLater();
        Call held = proxy.await(call -> call.status().isPresent());
        assertThat(held.ending()).isEqualTo(Call.Ending.NOT_YET);
        assertThat(received).hasValue(MIB);
        assertThat(put).isNotDone();
        proxy.release();
        assertThat(put.get().statusCode()).isEqualTo(200);
    }

    @Test
    void eachConnectionIsHeldToItsLimit() throws Exception {
        proxy.limitEach(2 * MIB);
        var both = List.of(putLater(), putLater());
        for (CompletableFuture<HttpResponse<String>> put : both) {
            put.get();
        }
        assertThat(proxy.calls())
                .allSatisfy(call -> assertThat(Duration.between(call.firstByte(), call.lastByte()))
                        .isGreaterThan(Duration.ofMillis(400)));
        proxy.limitEach(1);
        CompletableFuture<HttpResponse<String>> put = putLater();
        proxy.await(3, Call.any());
        proxy.unlimited();
        put.get();
    }

    @Test
    void allConnectionsTogetherAreHeldToTheirLimit() throws Exception {
        proxy.limitAll(2 * MIB);
        Instant before = Instant.now();
        var both = List.of(putLater(), putLater());
        for (CompletableFuture<HttpResponse<String>> put : both) {
            put.get();
        }
        assertThat(Duration.between(before, Instant.now())).isGreaterThan(Duration.ofMillis(900));
    }

    @Test
    void nobodyListensWhileItIsAway() throws Exception {
        put(1000);
        proxy.away();
        assertThatThrownBy(() -> new Socket(
                                InetAddress.getLoopbackAddress(),
                                proxy.endpoint().getPort())
                        .close())
                .isInstanceOf(ConnectException.class);
        assertThatThrownBy(() -> put(1000)).isInstanceOf(IOException.class);
        proxy.back();
        assertThat(put(1000).statusCode()).isEqualTo(200);
    }

    // ------------------------------------------------------------ those who leave

    @Test
    void aClientThatLeavesIsNoticedAndTheServiceWithIt() throws Exception {
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), proxy.endpoint().getPort())) {
            socket.getOutputStream()
                    .write("PUT /count HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf".getBytes(US_ASCII));
            proxy.await(call -> call.bodyBytes() == 4);
            socket.setSoLinger(true, 0);
        }
        assertThat(proxy.await(Call::over).ending()).isEqualTo(Call.Ending.CLIENT_LEFT);
        assertThat(received).hasValue(0);
    }

    @Test
    void aResetIsNoticedDuringAStall() throws Exception {
        proxy.next(Call.any(), Fault.stallAt(2));
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), proxy.endpoint().getPort())) {
            socket.getOutputStream()
                    .write("PUT /count HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf".getBytes(US_ASCII));
            proxy.await(call -> call.bodyBytes() == 2);
            socket.setSoLinger(true, 0);
        }
        Call call = proxy.await(Call::over);
        assertThat(call.ending()).isEqualTo(Call.Ending.CLIENT_LEFT);
        assertThat(call.bodyBytes()).isEqualTo(2);
    }

    @Test
    void aClientThatLeavesBeforeItsAnswerIsNoticed() throws Exception {
        proxy.next(Call.any(), Fault.holdAnswer());
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), proxy.endpoint().getPort())) {
            socket.getOutputStream().write("GET /count HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
            proxy.await(call -> call.status().isPresent());
        }
        assertThat(proxy.await(Call::over).ending()).isEqualTo(Call.Ending.CLIENT_LEFT);
        proxy.release();
    }

    @Test
    void anEarlyRefusalReachesTheClientAlthoughItStillSends() throws Exception {
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), proxy.endpoint().getPort())) {
            socket.getOutputStream()
                    .write("PUT /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\nhalf"
                            .getBytes(US_ASCII));
            assertThat(new String(socket.getInputStream().readNBytes(12), US_ASCII))
                    .isEqualTo("HTTP/1.1 403");
        }
        assertThat(proxy.await(Call::over).status()).hasValue(403);
    }

    @Test
    void aServiceThatCannotBeReachedIsToldFromAClientThatLeft() throws Exception {
        server.stop(0);
        assertThatThrownBy(() -> put(1000)).isInstanceOf(IOException.class);
        assertThat(proxy.await(Call::over).ending()).isEqualTo(Call.Ending.SERVICE_LEFT);
    }

    private HttpRequest.Builder to(String path, int bytes) {
        return HttpRequest.newBuilder(proxy.endpoint().resolve(path)).PUT(BodyPublishers.ofByteArray(new byte[bytes]));
    }

    private HttpResponse<String> put(int bytes) throws IOException, InterruptedException {
        return client.send(to("/count", bytes).build(), BodyHandlers.ofString());
    }

    private CompletableFuture<HttpResponse<String>> putLater() {
        return client.sendAsync(to("/count", MIB).build(), BodyHandlers.ofString());
    }
}
