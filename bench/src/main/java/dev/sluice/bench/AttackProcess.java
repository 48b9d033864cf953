package dev.sluice.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/// Breaks one limit as fast as it can, from an address of its own, until it is ended: `KIND PORT`. It says `attempts N`
/// every second, those of that second, and `done M`, how many of them were answered with 200.
final class AttackProcess {
    private static final int KEPT = 2_000;
    private static final int HANDS = 8;
    /// More than may wait for their passwords to be hashed.
    private static final int LOGIN_HANDS = 48;
    private static final String OK = "HTTP/1.1 200 ";
    private static final byte[] ASK = bytes("GET /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\n\r\n");
    private static final byte[] UPGRADE = bytes(String.join(
            "\r\n",
            "GET /ws/jobs HTTP/1.1",
            "Host: localhost",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "",
            ""));
    private static final byte[] BODY = bytes(String.join(
            "\r\n",
            "POST /api/v1/upload/initiate HTTP/1.1",
            "Host: localhost",
            "Content-Type: application/json",
            "Content-Length: 65536",
            "",
            "[".repeat(65_536)));

    private static final byte[] LOGIN = bytes(String.join(
            "\r\n",
            "POST /api/v1/auth/login HTTP/1.1",
            "Host: localhost",
            "Content-Type: application/x-www-form-urlencoded",
            "Content-Length: " + LoginFloodRow.LOGIN.length(),
            "",
            LoginFloodRow.LOGIN));

    private final InetSocketAddress server;
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong attempts = new AtomicLong();

    /// What it does.
    enum Kind {
        SPIN,
        REQUESTS,
        CONNECTIONS,
        SOCKETS,
        HEADERS,
        BODIES,
        LOGINS;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private AttackProcess(InetSocketAddress server) {
        this.server = server;
    }

    public static void main(String[] args) throws InterruptedException {
        var attack =
                new AttackProcess(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[1])));
        Kind kind = Kind.valueOf(args[0]);
        for (int hand = 0; hand < (kind == Kind.LOGINS ? LOGIN_HANDS : HANDS); hand++) {
            Thread.ofPlatform().daemon().start(() -> attack.run(kind));
        }
        System.out.println("attacking " + kind.word());
        long before = 0;
        long doneBefore = 0;
        while (true) {
            Thread.sleep(1_000);
            long now = attack.attempts.get();
            long doneNow = attack.done.get();
            System.out.println("attempts " + (now - before));
            System.out.println("done " + (doneNow - doneBefore));
            before = now;
            doneBefore = doneNow;
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private void run(Kind kind) {
        while (true) {
            switch (kind) {
                case SPIN -> attempts.incrementAndGet();
                case REQUESTS -> ask(ASK);
                case BODIES -> ask(BODY);
                case LOGINS -> ask(LOGIN);
                case CONNECTIONS -> keep(new byte[0]);
                case SOCKETS -> keep(UPGRADE);
                case HEADERS -> keep(bytes("G"));
            }
        }
    }

    private Socket connect() throws IOException {
        var socket = new Socket();
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.2"), 0));
        socket.setSoLinger(true, 0);
        socket.setSoTimeout(10_000);
        socket.connect(server);
        return socket;
    }

    /// On one connection, again and again, until the server ends it.
    private void ask(byte[] request) {
        try (Socket socket = connect()) {
            InputStream in = socket.getInputStream();
            var answer = new byte[16 << 10];
            while (true) {
                attempts.incrementAndGet();
                socket.getOutputStream().write(request);
                int read = in.read(answer);
                if (read < 0) {
                    return;
                }
                if (new String(answer, 0, Math.min(read, OK.length()), StandardCharsets.ISO_8859_1).equals(OK)) {
                    done.incrementAndGet();
                }
            }
        } catch (IOException e) {
            // That is what it is here for.
        }
    }

    /// Opens one connection after the other, each beginning like this, and keeps the last ones.
    private void keep(byte[] begin) {
        Deque<Socket> kept = new ArrayDeque<>();
        try {
            while (true) {
                attempts.incrementAndGet();
                Socket socket = connect();
                kept.add(socket);
                socket.getOutputStream().write(begin);
                if (kept.size() > KEPT / HANDS) {
                    kept.remove().close();
                }
            }
        } catch (IOException e) {
            // That is what it is here for.
        } finally {
            for (Socket socket : kept) {
                close(socket);
            }
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is closed.
        }
    }
}
