package dev.sluice.download;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// A site with media that ffmpeg has made: `/talk.mp4`, `/hls/talk.m3u8`, `/dash/talk.mpd`, and `/hls/choice.m3u8` with
/// 360 or 180 lines and subtitles; below `/slow` the same at 1 MB/s; `/never` does not answer, and below `/private`
/// who has not the cookie `session=anna` gets 403. It knows ranges,
/// as those who resume need.
final class MediaPages implements AutoCloseable {
    private static final int STEP = 32 << 10;

    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    final Path root;
    private final HttpServer server;
    private final AtomicLong sent = new AtomicLong();
    private final Set<String> breakOnce = ConcurrentHashMap.newKeySet();
    private final Set<String> breakAlways = ConcurrentHashMap.newKeySet();
    private final Map<String, String> redirects = new ConcurrentHashMap<>();

    MediaPages(Path root) throws IOException {
        this(root, HttpServer.create(ANY, 0));
    }

    private MediaPages(Path root, HttpServer server) {
        this.root = root;
        this.server = server;
        server.setExecutor(Executors.newCachedThreadPool(
                Thread.ofPlatform().daemon().name("pages-", 1).factory()));
        server.createContext("/", this::serve);
        server.start();
    }

    /// The same by TLS.
    static MediaPages secure(Path root, TestingCertificate certificate) throws IOException {
        HttpsServer server = HttpsServer.create(ANY, 0);
        server.setHttpsConfigurator(new HttpsConfigurator(certificate.serving()));
        return new MediaPages(root, server);
    }

    /// Makes the media once.
    static void make(Path root) throws IOException {
        Files.createDirectories(root.resolve("hls"));
        Files.createDirectories(root.resolve("dash"));
        ffmpeg(
                root,
                "-f lavfi -i testsrc2=size=640x360:rate=25:duration=12 -f lavfi -i sine=frequency=440:duration=12"
                        + " -c:v libx264 -preset ultrafast -b:v 2M -minrate 2M -maxrate 2M -bufsize 2M -g 25 -c:a aac"
                        + " talk.mp4");
        ffmpeg(root, "-i talk.mp4 -c copy -hls_time 1 -hls_list_size 0 -hls_playlist_type vod hls/talk.m3u8");
        ffmpeg(root, "-i talk.mp4 -c copy -seg_duration 1 -f dash dash/talk.mpd");
        ffmpeg(
                root,
                "-i talk.mp4 -vf scale=320:180 -c:v libx264 -preset ultrafast -b:v 300k -g 25 -c:a copy -hls_time 1"
                        + " -hls_list_size 0 -hls_playlist_type vod hls/small.m3u8");
        Files.writeString(root.resolve("hls/words.vtt"), "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nGood evening.\n");
        Files.writeString(
                root.resolve("hls/words.m3u8"),
                "#EXTM3U\n#EXT-X-TARGETDURATION:12\n#EXTINF:12,\nwords.vtt\n#EXT-X-ENDLIST\n");
        String form = "#EXT-X-STREAM-INF:CODECS=\"avc1.42c01e,mp4a.40.2\",SUBTITLES=\"words\",";
        Files.writeString(
                root.resolve("hls/choice.m3u8"),
                "#EXTM3U\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"words\",NAME=\"English\",LANGUAGE=\"en\","
                        + "URI=\"words.m3u8\"\n" + form + "BANDWIDTH=2200000,RESOLUTION=640x360\ntalk.m3u8\n" + form
                        + "BANDWIDTH=450000,RESOLUTION=320x180\nsmall.m3u8\n");
    }

    static void ffmpeg(Path root, String words) throws IOException {
        var command = new java.util.ArrayList<>(List.of("ffmpeg", "-v", "error", "-y"));
        command.addAll(Arrays.asList(words.split(" ")));
        Process process =
                new ProcessBuilder(command).directory(root.toFile()).inheritIO().start();
        try {
            if (process.waitFor() != 0) {
                throw new IOException("ffmpeg failed: " + words);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /// How many packets of picture and sound there are.
    static long packets(Path file) throws IOException, InterruptedException {
        return probe(file, "packet=stream_index")
                .lines()
                .filter(line -> !line.isBlank())
                .count();
    }

    /// How many of the picture.
    static long frames(Path file) throws IOException, InterruptedException {
        return probe(file, "packet=codec_type")
                .lines()
                .filter(line -> line.startsWith("video"))
                .count();
    }

    /// How long it is.
    static double seconds(Path file) throws IOException, InterruptedException {
        return Double.parseDouble(probe(file, "format=duration").strip());
    }

    private static String probe(Path file, String entries) throws IOException, InterruptedException {
        Process probe = new ProcessBuilder(
                        "ffprobe", "-v", "error", "-show_entries", entries, "-of", "csv=p=0", file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            return new String(probe.getInputStream().readAllBytes(), UTF_8);
        } finally {
            probe.waitFor();
        }
    }

    String url(String path) {
        return (server instanceof HttpsServer ? "https" : "http") + "://127.0.0.1:"
                + server.getAddress().getPort() + path;
    }

    /// Bytes of media, until now.
    long sent() {
        return sent.get();
    }

    void redirect(String path, String to) {
        redirects.put(path, to);
    }

    /// Of this the connection breaks in the middle, once.
    void breakOnce(String path) {
        breakOnce.add(path);
    }

    /// Of this the connection breaks in the middle each time, and whoever asks for the rest is sent the whole.
    void breakAlways(String path) {
        breakAlways.add(path);
    }

    private void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/never")) {
            LockSupport.park();
        }
        String elsewhere = redirects.get(path);
        if (elsewhere != null) {
            exchange.getResponseHeaders().set("Location", elsewhere);
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
            return;
        }
        boolean hidden = path.startsWith("/private");
        String cookie = exchange.getRequestHeaders().getFirst("Cookie");
        if (hidden && (cookie == null || !cookie.contains("session=anna"))) {
            exchange.sendResponseHeaders(403, -1);
            exchange.close();
            return;
        }
        boolean slow = path.startsWith("/slow");
        Path file = root.resolve(path.substring(slow ? 6 : hidden ? 9 : 1));
        if (!Files.isRegularFile(file)) {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
            return;
        }
        exchange.getResponseHeaders().set("Content-Type", type(path));
        boolean ranges = !breakAlways.contains(path);
        send(exchange, Files.readAllBytes(file), slow, ranges, breakOnce.remove(path) || !ranges);
    }

    private void send(HttpExchange exchange, byte[] whole, boolean slow, boolean ranges, boolean breaks)
            throws IOException {
        String range = !ranges ? null : exchange.getRequestHeaders().getFirst("Range");
        int begin = 0;
        int end = whole.length;
        if (range != null) {
            String[] ends = range.substring("bytes=".length()).split("-");
            begin = Integer.parseInt(ends[0]);
            if (begin >= whole.length) {
                exchange.sendResponseHeaders(416, -1);
                exchange.close();
                return;
            }
            end = ends.length > 1 ? Math.min(whole.length, Integer.parseInt(ends[1]) + 1) : end;
            exchange.getResponseHeaders().set("Content-Range", "bytes " + begin + "-" + (end - 1) + "/" + whole.length);
        }
        exchange.getResponseHeaders().set("Accept-Ranges", "bytes");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(end - begin));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
            return;
        }
        exchange.sendResponseHeaders(range == null ? 200 : 206, end - begin);
        int last = breaks ? begin + (end - begin) / 2 : end;
        try (OutputStream out = exchange.getResponseBody()) {
            for (int at = begin; at < last; at += STEP) {
                out.write(whole, at, Math.min(STEP, end - at));
                out.flush();
                sent.addAndGet(Math.min(STEP, end - at));
                if (slow) {
                    LockSupport.parkNanos(32_000_000);
                }
            }
            if (breaks) {
                throw new IOException("as it was to be");
            }
        }
    }

    private static String type(String path) {
        String extension = path.substring(path.lastIndexOf('.') + 1);
        return switch (extension) {
            case "mp4" -> "video/mp4";
            case "m3u8" -> "application/vnd.apple.mpegurl";
            case "mpd" -> "application/dash+xml";
            case "vtt" -> "text/vtt";
            case "xml" -> "application/rss+xml";
            case "html" -> "text/html";
            default -> "application/octet-stream";
        };
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
