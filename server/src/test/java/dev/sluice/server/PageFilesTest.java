package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageFilesTest {
    private static final String HTML = "text/html,application/xhtml+xml,*/*;q=0.8";
    private static final int BEHIND = 299;
    private static final Map<String, String> PAGE = Map.of(
            "/files.txt", "/index.html aa gz br\n/assets/start-x1.js bb gz\n/assets/letters.woff2 cc\n",
            "/index.html", "plain page",
            "/index.html.gz", "gzip page",
            "/index.html.br", "brotli page",
            "/assets/start-x1.js", "plain script",
            "/assets/start-x1.js.gz", "gzip script",
            "/assets/letters.woff2", "letters");

    private final HttpClient http = HttpClient.newHttpClient();
    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server);

    @BeforeAll
    void start() throws Exception {
        server.addConnector(connector);
        server.setHandler(new PageFiles(new Behind(), path -> {
            String file = PAGE.get(path);
            return file == null ? null : file.getBytes(StandardCharsets.UTF_8);
        }));
        server.start();
    }

    @AfterAll
    void stop() throws Exception {
        http.close();
        server.stop();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/upload", "/history", "/settings", "/login"})
    void addressesOfThePageAreThePageWhereHtmlIsWanted(String address) throws Exception {
        HttpResponse<String> answer = get(address, "Accept", HTML);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("plain page");
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-cache");
        assertThat(answer.headers().firstValue("Content-Security-Policy")).contains(PageFiles.POLICY);
        assertThat(get(address, "Accept", "*/*").statusCode()).isEqualTo(BEHIND);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/api/v1/jobs", "/files", "/docs", "/health", "/elsewhere", "/files.txt", "/assets/none.js"})
    void whatIsNotThePageGoesOn(String path) throws Exception {
        assertThat(get(path, "Accept", HTML).statusCode()).isEqualTo(BEHIND);
    }

    @Test
    void thePolicyNamesNoOtherHostAndNothingInline() {
        assertThat(PageFiles.POLICY)
                .startsWith("default-src 'none'")
                .doesNotContain("unsafe")
                .doesNotContain("http")
                .doesNotContain("*");
    }

    @Test
    void eachClientGetsTheBestCodingThatItTakes() throws Exception {
        assertThat(coded("/", "gzip, deflate, br")).containsExactly("br", "brotli page");
        assertThat(coded("/", "gzip, br;q=0")).containsExactly("gzip", "gzip page");
        assertThat(coded("/", "identity")).containsExactly("", "plain page");
        assertThat(coded("/assets/start-x1.js", "br, gzip")).containsExactly("gzip", "gzip script");
        assertThat(coded("/assets/letters.woff2", "br, gzip")).containsExactly("", "letters");
    }

    @Test
    void hashedFilesAreKeptForEver() throws Exception {
        HttpResponse<String> answer = get("/assets/start-x1.js");
        assertThat(answer.headers().firstValue("Cache-Control")).contains("public, max-age=31536000, immutable");
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/javascript; charset=utf-8");
    }

    @Test
    void whoHasItIsNotSentItAgain() throws Exception {
        String etag = get("/", "Accept", HTML).headers().firstValue("ETag").orElseThrow();
        assertThat(get("/", "Accept", HTML, "If-None-Match", etag).statusCode()).isEqualTo(304);
        assertThat(get("/", "Accept", HTML, "If-None-Match", etag, "Accept-Encoding", "br")
                        .statusCode())
                .as("in another coding it is something else")
                .isEqualTo(200);
    }

    @Test
    void headTellsTheLengthAndSendsNothing() throws Exception {
        var request =
                HttpRequest.newBuilder(uri("/")).header("Accept", HTML).HEAD().build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(10);
        assertThat(answer.body()).isEmpty();
    }

    private List<String> coded(String path, String taken) throws Exception {
        HttpResponse<String> answer = get(path, "Accept", HTML, "Accept-Encoding", taken);
        return List.of(answer.headers().firstValue("Content-Encoding").orElse(""), answer.body());
    }

    private HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(uri(path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + connector.getLocalPort() + path);
    }

    private static final class Behind extends Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            response.setStatus(BEHIND);
            callback.succeeded();
            return true;
        }
    }
}
