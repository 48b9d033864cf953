package dev.sluice.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// The page for people: files that the build has made and packed (`dev/page`), sent from memory.
///
/// An address of the page is answered with it only where HTML is wanted, so that none of the API is hidden: `curl /`
/// still gets a text. A jar that was built without the page leaves all of that to the routes behind.
final class PageFiles extends Handler.Wrapper {
    /// What the page may do: run its own scripts, use its own styles, ask this server, and nothing else.
    static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"
            + " font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none';"
            + " frame-ancestors 'none'";

    private static final String LIST = "/files.txt";
    private static final String START = "/index.html";
    private static final Set<String> ADDRESSES =
            Set.of("/", "/upload", "/download", "/disks", "/import", "/history", "/insight", "/settings", "/login");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml",
            "woff2", "font/woff2",
            "txt", "text/plain; charset=utf-8");

    /// The better one first.
    private static final List<Coding> CODINGS = List.of(new Coding("br", "br"), new Coding("gzip", "gz"));

    private final Map<String, Item> items;

    private record Coding(String word, String ending) {}

    /// A file in each form in which it can be sent.
    ///
    /// @param digest of its plain bytes
    /// @param packed by the word of the coding
    private record Item(String type, String digest, ByteBuffer plain, Map<String, ByteBuffer> packed) {}

    /// @param page gives a file of the page by its path, or null where there is none
    PageFiles(Handler next, Function<String, byte @Nullable []> page) {
        super(next);
        this.items = read(page);
    }

    /// As the build has put it beside our classes.
    static byte @Nullable [] built(String path) {
        try (InputStream in = PageFiles.class.getResourceAsStream("/page" + path)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("the page's file " + path + " cannot be read", e);
        }
    }

    private static Map<String, Item> read(Function<String, byte @Nullable []> page) {
        byte[] list = page.apply(LIST);
        if (list == null) {
            return Map.of();
        }
        return new String(list, StandardCharsets.UTF_8)
                .lines()
                .map(line -> List.of(line.split(" ")))
                .collect(Collectors.toUnmodifiableMap(List::getFirst, words -> item(words, page)));
    }

    /// @param words path, digest, and how it is packed
    private static Item item(List<String> words, Function<String, byte @Nullable []> page) {
        String path = words.getFirst();
        Map<String, ByteBuffer> packed = CODINGS.stream()
                .filter(coding -> words.contains(coding.ending()))
                .collect(Collectors.toUnmodifiableMap(
                        Coding::word, coding -> existing(path + "." + coding.ending(), page)));
        String type = TYPES.getOrDefault(path.substring(path.lastIndexOf('.') + 1), "application/octet-stream");
        return new Item(type, words.get(1), existing(path, page), packed);
    }

    private static ByteBuffer existing(String path, Function<String, byte @Nullable []> page) {
        byte[] bytes = page.apply(path);
        if (bytes == null) {
            throw new IllegalStateException("the page has no " + path + "; build it anew: dev/page");
        }
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Item item = wanted(request);
        if (item == null) {
            return super.handle(request, response, callback);
        }
        var headers = response.getHeaders();
        boolean forever = Request.getPathInContext(request).startsWith("/assets/");
        headers.put(HttpHeader.CACHE_CONTROL, forever ? "public, max-age=31536000, immutable" : "no-cache");
        headers.put(HttpHeader.VARY, "Accept, Accept-Encoding");
        headers.put("Content-Security-Policy", POLICY);
        headers.put("Cross-Origin-Opener-Policy", "same-origin");
        headers.put(HttpHeader.CONTENT_TYPE, item.type());
        @Nullable String coding = coding(request, item);
        String etag = "\"" + item.digest() + (coding == null ? "" : "-" + coding) + "\"";
        headers.put(HttpHeader.ETAG, etag);
        if (request.getHeaders().getQualityCSV(HttpHeader.IF_NONE_MATCH).contains(etag)) {
            response.setStatus(304);
            callback.succeeded();
            return true;
        }
        ByteBuffer body = item.plain();
        if (coding != null) {
            headers.put(HttpHeader.CONTENT_ENCODING, coding);
            body = Objects.requireNonNull(item.packed().get(coding));
        }
        headers.put(HttpHeader.CONTENT_LENGTH, body.remaining());
        if (HttpMethod.HEAD.is(request.getMethod())) {
            callback.succeeded();
        } else {
            response.write(true, body.slice(), callback);
        }
        return true;
    }

    private @Nullable Item wanted(Request request) {
        if (!HttpMethod.GET.is(request.getMethod()) && !HttpMethod.HEAD.is(request.getMethod())) {
            return null;
        }
        if ("websocket".equalsIgnoreCase(request.getHeaders().get(HttpHeader.UPGRADE))) {
            return null;
        }
        String path = Request.getPathInContext(request);
        if (ADDRESSES.contains(path)) {
            return wantsHtml(request) ? items.get(START) : null;
        }
        return items.get(path);
    }

    private static boolean wantsHtml(Request request) {
        return request.getHeaders().getQualityCSV(HttpHeader.ACCEPT).stream()
                .anyMatch(type -> type.startsWith("text/html"));
    }

    /// The best that the client takes.
    private static @Nullable String coding(Request request, Item item) {
        List<String> taken = request.getHeaders().getQualityCSV(HttpHeader.ACCEPT_ENCODING);
        return CODINGS.stream()
                .map(Coding::word)
                .filter(word -> item.packed().containsKey(word) && taken.contains(word))
                .findFirst()
                .orElse(null);
    }
}
