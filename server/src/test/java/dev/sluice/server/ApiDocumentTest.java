package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.app.Configuration;
import dev.sluice.app.DataFolder;
import dev.sluice.core.ErrorCode;
import io.javalin.jetty.JavalinJettyServlet;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Holds `openapi.json` to the routes that there are, on a running server.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApiDocumentTest {
    private static final Set<String> METHODS = Set.of("options", "get", "head", "post", "put", "patch", "delete");
    private static final List<String> SOCKETS = List.of(
            "/ws_api/upload/",
            "/ws_api/upload_parallel/",
            "/ws/upload/",
            "/ws/jobs",
            "/ws/operations",
            "/ws/download/",
            "/ws/upload-progress/");

    private final JsonNode document = read();
    private final HttpClient http = HttpClient.newHttpClient();
    private DataFolder folder;
    private SluiceServer server;

    @BeforeAll
    void start(@TempDir Path data) {
        folder = DataFolder.open(data);
        server = SluiceServer.start(
                folder,
                Configuration.load(data, null, Map.of("server.port", "0", "operations.port", "0"), Map.of())
                        .settings());
    }

    @AfterAll
    void stop() {
        http.close();
        try (var held = folder;
                var running = server) {
            assertThat(running.url()).as("of the server on " + held.path()).isNotEmpty();
        }
    }

    @Test
    void everyRouteIsInTheDocumentAndNoOther() throws ReflectiveOperationException, ServletException {
        var routes = new TreeSet<String>(ByteRoutes.ROUTES);
        routes.addAll(jsonRoutes());
        assertThat(documented()).isEqualTo(routes);
    }

    @Test
    void everyRouteOfTheDocumentIsAnswered() throws IOException, InterruptedException {
        for (String route : documented()) {
            HttpResponse<String> answer = ask(route);
            assertThat(answer.statusCode()).as(route + " " + answer.body()).isNotEqualTo(405);
            if (ByteRoutes.ROUTES.contains(route)) {
                assertThat(answer.body()).as(route).doesNotContain("there is nothing at");
            }
        }
    }

    @Test
    void everyStatusThatIsAnsweredIsInTheDocument() throws IOException, InterruptedException {
        for (String route : documented()) {
            String status = Integer.toString(ask(route).statusCode());
            assertThat(operation(route).path("responses").has(status))
                    .as(route + " answers " + status)
                    .isTrue();
        }
    }

    @Test
    void everySocketIsDescribed() {
        assertThat(document.path("info").path("description").asText()).contains(SOCKETS);
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        assertThat(document.path("openapi").asText()).isEqualTo("3.1.0");
        List<String> references = document.findValuesAsText("$ref");
        assertThat(references).isNotEmpty().allSatisfy(reference -> {
            assertThat(reference).startsWith("#/");
            assertThat(document.at(reference.substring(1)).isMissingNode())
                    .as(reference)
                    .isFalse();
        });
    }

    @Test
    void everyPartIsUsed() {
        Set<String> references = Set.copyOf(document.findValuesAsText("$ref"));
        var parts = new ArrayList<String>();
        document.path("components")
                .properties()
                .forEach(kind -> kind.getValue()
                        .fieldNames()
                        .forEachRemaining(name -> parts.add("#/components/" + kind.getKey() + "/" + name)));
        assertThat(references)
                .containsAll(parts.stream()
                        .filter(part -> !part.equals("#/components/responses/Forbidden"))
                        .toList());
    }

    @Test
    void operationsHaveNamesOfTheirOwnAndNameTheirParameters() {
        List<String> names = document.path("paths").findValuesAsText("operationId");
        assertThat(names).doesNotHaveDuplicates().hasSameSizeAs(documented());
        for (String route : documented()) {
            var named = new ArrayList<String>();
            for (JsonNode parameter : operation(route).path("parameters")) {
                JsonNode resolved = parameter.has("$ref")
                        ? document.at(parameter.path("$ref").asText().substring(1))
                        : parameter;
                if (resolved.path("in").asText().equals("path")) {
                    named.add("{" + resolved.path("name").asText() + "}");
                }
            }
            assertThat(Arrays.stream(route.split("/", -1)).filter(part -> part.startsWith("{")))
                    .as(route)
                    .containsExactlyElementsOf(named);
        }
    }

    @Test
    void theCodesAreThoseThatThereAre() {
        var codes = new ArrayList<String>();
        document.at("/components/schemas/Code/enum").forEach(code -> codes.add(code.asText()));
        assertThat(codes)
                .containsExactlyInAnyOrderElementsOf(
                        Stream.of(ErrorCode.values()).map(ErrorCode::code).toList());
    }

    @Test
    void thePageToReadItHasAllItsParts() throws IOException, InterruptedException {
        HttpResponse<String> page = ask("GET /docs");
        assertThat(page.statusCode()).isEqualTo(200);
        var parts =
                java.util.regex.Pattern.compile("(?:src|href)=\"(/[^\"]+)\"").matcher(page.body());
        var found = new ArrayList<String>();
        while (parts.find()) {
            found.add(parts.group(1));
            assertThat(ask("GET " + parts.group(1)).statusCode())
                    .as(parts.group(1))
                    .isEqualTo(200);
        }
        assertThat(found).contains("/docs/start.js", "/docs/swagger-ui.css");
        assertThat(ask("GET /docs/start.js").body()).contains("/openapi.json");
    }

    private HttpResponse<String> ask(String route) throws IOException, InterruptedException {
        String[] words = route.split(" ", 2);
        // Events never end: more names than are taken get an answer that does.
        String path = words[1].equals("/api/v1/events")
                ? words[1] + "?jobs="
                        + Stream.iterate(1, n -> n + 1)
                                .limit(1001)
                                .map(n -> "j" + n)
                                .collect(Collectors.joining(","))
                : words[1].replace("{file}", "start.js")
                        .replace("{id}", "0")
                        .replace("{name}", "local")
                        .replace("{account}", "somebody")
                        .replace("{delivery}", "0");
        var request = HttpRequest.newBuilder(URI.create(server.url() + path))
                .method(words[0], HttpRequest.BodyPublishers.noBody())
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private Set<String> documented() {
        var routes = new TreeSet<String>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue().fieldNames().forEachRemaining(method -> {
                    assertThat(METHODS).contains(method);
                    routes.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
                }));
        return routes;
    }

    private JsonNode operation(String route) {
        String[] words = route.split(" ", 2);
        return document.path("paths").path(words[1]).path(words[0].toLowerCase(Locale.ROOT));
    }

    /// What Javalin has been given, read out of the assembled server.
    private List<String> jsonRoutes() throws ReflectiveOperationException, ServletException {
        var field = SluiceServer.class.getDeclaredField("doors");
        field.setAccessible(true);
        Server jetty = ((Doors) field.get(server)).jetty();
        var context = jetty.getDescendant(ServletContextHandler.class);
        for (var holder : context.getServletHandler().getServlets()) {
            if (holder.getServlet() instanceof JavalinJettyServlet javalin) {
                return javalin.getCfg().internalRouter.allHttpHandlers().stream()
                        .map(each -> each.endpoint)
                        .filter(endpoint -> endpoint.method.isHttpMethod())
                        .map(endpoint -> endpoint.method.name() + " " + endpoint.path)
                        .toList();
            }
        }
        throw new AssertionError("there is no servlet for JSON routes");
    }

    private static JsonNode read() {
        try (InputStream in = ApiDocumentTest.class.getResourceAsStream("/openapi.json")) {
            return new ObjectMapper().readTree(Objects.requireNonNull(in, "there is no openapi.json"));
        } catch (IOException e) {
            throw new AssertionError("openapi.json is no JSON", e);
        }
    }
}
