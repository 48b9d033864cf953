package dev.sluice.server;

import dev.sluice.accounts.Right;
import dev.sluice.app.Sluice;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.wire.TextTables;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

/// What the server says of itself: health, figures, documents about its API.
final class SystemRoutes {
    static final String VERSION = version();
    private static final String PAGE = PageFiles.built("/index.html") == null
            ? "This build has no page for browsers; with Node 20.19 or newer dev/page makes it."
            : "A browser gets a page here.";
    private static final String SWAGGER = "/META-INF/resources/webjars/swagger-ui/";
    private static final Map<String, String> TYPES = Map.of(
            "js",
            "text/javascript; charset=utf-8",
            "css",
            "text/css; charset=utf-8",
            "html",
            "text/html; charset=utf-8");

    private final Sluice sluice;
    private final AtomicBoolean draining;

    SystemRoutes(Sluice sluice, AtomicBoolean draining) {
        this.sluice = sluice;
        this.draining = draining;
    }

    void add(RoutesConfig routes) {
        routes.get("/", this::index);
        routes.get("/health", this::ready);
        routes.get("/health/live", request -> Routes.json(request, Map.of("status", "up")));
        routes.get("/health/ready", this::ready);
        routes.get("/metrics", request -> {
            Access.require(Routes.core(request), Right.METRICS);
            request.contentType("text/plain; version=0.0.4; charset=utf-8")
                    .result(sluice.metrics().scrape());
        });
        routes.get("/api/v1/status", this::status);
        routes.get("/openapi.json", request -> request.contentType(Answers.JSON).result(resource("/openapi.json")));
        routes.get(
                "/docs",
                request -> request.contentType(type("html"))
                        .header(SecurityHeaders.POLICY, SecurityHeaders.PAGE)
                        .result(resource("/docs.html")));
        routes.get("/docs/{file}", this::docsPart);
    }

    private void index(Context request) {
        request.contentType("text/plain; charset=utf-8").result("""
                Sluice %s moves files as jobs.

                  /docs            the API, to read
                  /openapi.json    the API, for machines
                  /api/v1/status   what runs here
                  /api/v1/jobs     the jobs
                  /api/v1/download fetches what a URL leads to
                  /api/v1/upload/csv   takes a bank's CSV into the database; /api/v1/transactions shows what is there
                  /api/v1/operations   copies, moves and new names on the disks of this machine
                  /files           uploads by tus 1.0.0
                  /ws/jobs         live events (WebSocket); /api/v1/events as Server-Sent Events
                  /ws/operations   how far one file operation is; /ws/download/ID a download,
                                   /ws/upload-progress/ID an import
                  /health          whether it is well
                  /metrics         figures for Prometheus

                ./sluice upload FILE sends a file; ./sluice --help names all commands.
                %s
                """.formatted(VERSION, PAGE));
    }

    private void ready(Context request) {
        if (draining.get()) {
            request.status(503);
            Routes.json(request, Map.of("status", "draining"));
            return;
        }
        sluice.jobs().census();
        Routes.json(request, Map.of("status", "up"));
    }

    private void status(Context request) {
        if (!Identity.of(Routes.core(request)).may(Right.ADMIN)) {
            Routes.json(request, Map.of("version", VERSION, "since", sluice.since()));
            return;
        }
        var jobs = new TreeMap<String, Map<String, Long>>();
        sluice.jobs()
                .census()
                .forEach(census -> jobs.computeIfAbsent(census.kind().value(), kind -> new LinkedHashMap<>())
                        .put(census.state().word(), census.jobs()));
        long up = Duration.between(sluice.since(), Clock.systemUTC().instant()).toSeconds();
        var storages = new TreeMap<String, String>();
        sluice.storages()
                .all()
                .forEach((name, storage) -> storages.put(name, storage.shape().kind()));
        if (Routes.wantsText(request)) {
            var text = new StringBuilder("sluice %s, up %s, %d watchers%n"
                    .formatted(
                            VERSION,
                            TextTables.duration((double) up),
                            sluice.hub().counters().watchers()));
            jobs.forEach((kind, states) -> text.append("%s: %s%n".formatted(kind, states)));
            text.append("storages: ").append(storages).append('\n');
            text.append("stored since start: ")
                    .append(TextTables.size(sluice.uploads().bytesStored()))
                    .append('\n');
            Routes.text(request, text.toString());
            return;
        }
        var document = new LinkedHashMap<String, Object>();
        document.put("version", VERSION);
        document.put("since", sluice.since());
        document.put("uptimeSeconds", up);
        document.put("node", sluice.engine().node().value());
        document.put("jobs", jobs);
        document.put("watchers", sluice.hub().counters().watchers());
        document.put("bytesStored", sluice.uploads().bytesStored());
        document.put("debts", sluice.debts());
        document.put("storages", storages);
        Routes.json(request, document);
    }

    private void docsPart(Context request) {
        String file = request.pathParam("file");
        if (file.equals("start.js")) {
            request.contentType(type("js")).result(resource("/start.js"));
            return;
        }
        if (!file.matches("[a-z0-9-]{1,60}(\\.[a-z]{2,10}){1,2}") || !TYPES.containsKey(ending(file))) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "there is no page " + request.path());
        }
        request.contentType(type(ending(file))).result(resource(SWAGGER + SWAGGER_VERSION + "/" + file));
    }

    private static String ending(String file) {
        return file.substring(file.lastIndexOf('.') + 1);
    }

    private static String type(String ending) {
        return TYPES.getOrDefault(ending, "application/octet-stream");
    }

    private static byte[] resource(String path) {
        try (InputStream in = SystemRoutes.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new ProblemException(ErrorCode.NOT_FOUND, "there is no page " + path);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new ProblemException(ErrorCode.INTERNAL, "the page " + path + " cannot be read", e);
        }
    }

    private static final String SWAGGER_VERSION = swaggerVersion();

    private static String swaggerVersion() {
        var properties = new java.util.Properties();
        try (InputStream in =
                SystemRoutes.class.getResourceAsStream("/META-INF/maven/org.webjars/swagger-ui/pom.properties")) {
            if (in != null) {
                properties.load(new java.io.InputStreamReader(in, StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return properties.getProperty("version", "");
    }

    private static String version() {
        String version = SystemRoutes.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
