package dev.sluice.download;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One connection of a [CheckedProxy]: a tunnel, or one plain exchange, after which it is closed, so that nothing
/// needs to know where an answer ends.
final class ProxiedConnection {
    private static final int LONGEST_HEAD = 64 << 10;
    private static final int HEAD_MILLIS = 30_000;
    private static final int IDLE_MILLIS = 120_000;
    private static final int STEP = 16 << 10;
    private static final Pattern TUNNEL =
            Pattern.compile("CONNECT (\\[[0-9a-fA-F:.]+]|[^\\[\\]/@: ]+):([0-9]{1,5}) .*");
    private static final Pattern PLAIN = Pattern.compile(
            "([A-Z]+) (?i:http)://(?:[^/?#@ ]*@)?(\\[[0-9a-fA-F:.]+]|[^\\[\\]/?#@: ]+)(?::([0-9]{1,5}))?"
                    + "([/?][^ ]*)? (HTTP/1\\.[01])");
    private static final Pattern OURS = Pattern.compile("(?i)(proxy-[a-z-]+|connection|keep-alive)\\s*:.*");

    private final CheckedProxy proxy;
    private final Socket client;
    private final InputStream in;
    private final OutputStream out;

    ProxiedConnection(CheckedProxy proxy, Socket client) throws IOException {
        this.proxy = proxy;
        this.client = client;
        this.in = new BufferedInputStream(client.getInputStream());
        this.out = client.getOutputStream();
    }

    void serve() throws IOException {
        client.setSoTimeout(HEAD_MILLIS);
        String[] head = head().split("\r\n");
        if (!isAllowed(head)) {
            answer("407 Proxy Authentication Required", "Proxy-Authenticate: Basic realm=\"sluice\"\r\n", "");
            return;
        }
        client.setSoTimeout(0);
        Matcher tunnel = TUNNEL.matcher(head[0]);
        Matcher plain = PLAIN.matcher(head[0]);
        try {
            if (tunnel.matches()) {
                tunnel(tunnel.group(1), Integer.parseInt(tunnel.group(2)));
            } else if (plain.matches()) {
                exchange(plain, head);
            } else {
                throw proxy.refused(new ProblemException(
                        ErrorCode.TARGET_REFUSED, "what the page wants is fetched neither by http nor by https"));
            }
        } catch (ProblemException e) {
            boolean refused = e.code() == ErrorCode.TARGET_REFUSED;
            answer(
                    refused ? "403 Forbidden" : "502 Bad Gateway",
                    "",
                    e.problem().message());
        }
    }

    private String head() throws IOException {
        var head = new ByteArrayOutputStream();
        int ended = 0;
        while (ended < 4) {
            int next = in.read();
            if (next < 0 || head.size() == LONGEST_HEAD) {
                throw new IOException("a request without an end");
            }
            head.write(next);
            ended = next == (ended % 2 == 0 ? '\r' : '\n') ? ended + 1 : next == '\r' ? 1 : 0;
        }
        return head.toString(ISO_8859_1);
    }

    private boolean isAllowed(String[] head) {
        String wanted =
                Base64.getEncoder().encodeToString(proxy.userAndPassword().getBytes(ISO_8859_1));
        for (String line : head) {
            if (line.toLowerCase(Locale.ROOT).startsWith("proxy-authorization:")) {
                String said = line.substring(line.indexOf(':') + 1).strip();
                return MessageDigest.isEqual(("Basic " + wanted).getBytes(ISO_8859_1), said.getBytes(ISO_8859_1));
            }
        }
        return false;
    }

    private void answer(String status, String header, String body) throws IOException {
        byte[] bytes = body.getBytes(ISO_8859_1);
        String head = "HTTP/1.1 " + status + "\r\n" + header + "Connection: close\r\nContent-Type: text/plain\r\n"
                + "Content-Length: " + bytes.length + "\r\n\r\n";
        out.write(head.getBytes(ISO_8859_1));
        out.write(bytes);
    }

    private void tunnel(String host, int port) throws IOException {
        Socket server = connect(host, port);
        try (server) {
            out.write("HTTP/1.1 200 Connection established\r\n\r\n".getBytes(ISO_8859_1));
            relay(host, server);
        } finally {
            proxy.close(server);
        }
    }

    private void exchange(Matcher request, String[] head) throws IOException {
        int port = request.group(3) == null ? 80 : Integer.parseInt(request.group(3));
        Socket server = connect(request.group(2), port);
        try (server) {
            server.getOutputStream().write(rewritten(request, head).getBytes(ISO_8859_1));
            relay(request.group(2), server);
        } finally {
            proxy.close(server);
        }
    }

    private Socket connect(String host, int port) throws IOException {
        if (port == 0 || port > 0xffff) {
            throw new IOException("no port: " + port);
        }
        Socket server = proxy.connect(host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port);
        server.setSoTimeout(IDLE_MILLIS);
        return server;
    }

    private static String rewritten(Matcher request, String[] head) {
        @Nullable String path = request.group(4);
        String origin = path == null ? "/" : path.startsWith("/") ? path : "/" + path;
        var out = new StringBuilder(request.group(1) + " " + origin + " " + request.group(5) + "\r\n");
        for (int i = 1; i < head.length; i++) {
            if (!head[i].isEmpty() && !OURS.matcher(head[i]).matches()) {
                out.append(head[i]).append("\r\n");
            }
        }
        return out.append("Connection: close\r\n\r\n").toString();
    }

    /// Passes bytes both ways until the server has no more.
    private void relay(String host, Socket server) throws IOException {
        Thread.ofVirtual().name("proxied request").start(() -> {
            try {
                in.transferTo(server.getOutputStream());
                server.shutdownOutput();
            } catch (IOException e) {
                // The other direction ends with it.
                proxy.close(server);
            }
        });
        var bytes = new byte[STEP];
        var least = new LeastRate(proxy.patience(), host, 0, 0);
        long waitedNanos = 0;
        long passed = 0;
        while (true) {
            long began = System.nanoTime();
            int count = server.getInputStream().read(bytes);
            waitedNanos += System.nanoTime() - began;
            if (count < 0) {
                return;
            }
            passed += count;
            Optional<ProblemException> missed = least.missed(waitedNanos, passed);
            if (missed.isPresent()) {
                // Amid an answer there is no other: its end is all that can be said.
                throw new IOException(proxy.lost(missed.get()));
            }
            proxy.take(host, count);
            out.write(bytes, 0, count);
        }
    }
}
