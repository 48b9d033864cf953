package dev.sluice.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One connection of a client through a [FaultyProxy], and the one to the service that belongs to it. Its own
/// thread takes the requests, a second one brings the answers.
final class Relay implements Runnable {
    private static final int PIECE = 128 << 10;

    /// How long a client may go on sending after it has been told that there is no more.
    private static final Duration LINGER = Duration.ofSeconds(1);

    private final FaultyProxy proxy;
    private final int number;
    private final SocketChannel client;
    private final Pace pace;

    /// Sent, or being sent, to the service, and not answered.
    private final Queue<Exchange> pending = new ConcurrentLinkedQueue<>();

    private volatile @Nullable SocketChannel service;
    private @Nullable Thread answers;

    Relay(FaultyProxy proxy, int number, SocketChannel client) {
        this.proxy = proxy;
        this.number = number;
        this.client = client;
        this.pace = new Pace(proxy::rateEach);
    }

    // ------------------------------------------------------------ requests

    @Override
    public void run() {
        try {
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            var in = new HttpInput(client);
            Optional<HttpHead> head;
            do {
                head = in.head();
            } while (head.isPresent() && serve(proxy.begin(number, head.get(), in.firstByte()), in));
        } catch (IOException e) {
            // Of this side: the client has left, or has been made to. Its calls say so.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            pending.forEach(exchange -> exchange.end(Call.Ending.CLIENT_LEFT));
            close(client);
            close(service);
            proxy.gone(this);
        }
    }

    /// @return whether another request may follow
    private boolean serve(Exchange exchange, HttpInput in) throws IOException, InterruptedException {
        BodyFrame body = exchange.head().requestBody();
        try {
            return exchange.fault() instanceof Fault.Answer answer
                    ? answer(exchange, answer, body, in)
                    : forward(exchange, body, in);
        } catch (IOException e) {
            exchange.end(Call.Ending.CLIENT_LEFT);
            throw e;
        }
    }

    private boolean forward(Exchange exchange, BodyFrame body, HttpInput in) throws IOException, InterruptedException {
        if (!overcome(exchange, 0)) {
            return false;
        }
        pending.add(exchange);
        ByteBuffer piece = ByteBuffer.wrap(exchange.head().raw());
        for (long arrived = 0; toService(piece); ) {
            if (body.ended()) {
                return true;
            }
            piece = in.body(body, (int) Math.min(piece(), toObstacle(exchange, arrived)));
            arrived += piece.remaining();
            exchange.arrived(arrived);
            pass(piece.remaining());
            if (!overcome(exchange, arrived)) {
                return false;
            }
        }
        drain(in, new BodyFrame.Rest(), null);
        return false;
    }

    /// How many more bytes of the body may be taken before something goes wrong.
    private static long toObstacle(Exchange exchange, long arrived) {
        long at = obstacle(exchange);
        return at > arrived ? at - arrived : Long.MAX_VALUE;
    }

    /// At which byte of the body something goes wrong; -1 for nowhere.
    private static long obstacle(Exchange exchange) {
        return switch (exchange.fault()) {
            case Fault.DropAt drop -> drop.bodyBytes();
            case Fault.StallAt stall -> stall.bodyBytes();
            case Fault.Answer answer -> -1;
            case Fault.HoldAnswer hold -> -1;
            case Fault.LoseAnswer lose -> -1;
            case null -> -1;
        };
    }

    /// @return false if the connection is no more
    private boolean overcome(Exchange exchange, long arrived) throws IOException, InterruptedException {
        if (arrived != obstacle(exchange)) {
            return true;
        }
        if (exchange.fault() instanceof Fault.DropAt) {
            exchange.end(Call.Ending.DROPPED);
            reset();
            return false;
        }
        stall();
        return true;
    }

    /// Takes nothing, and yet notices a reset: the kernel tells of one whatever it was asked, so it is asked
    /// for something that never comes.
    private void stall() throws IOException, InterruptedException {
        CountDownLatch released = proxy.released();
        client.configureBlocking(false);
        try (Selector selector = Selector.open()) {
            client.register(selector, SelectionKey.OP_CONNECT);
            while (!released.await(2, TimeUnit.MILLISECONDS)) {
                if (selector.selectNow() > 0) {
                    throw new SocketException("the client has reset the connection");
                }
            }
        }
        client.configureBlocking(true);
    }

    /// @return whether the service has taken it; if not, all that it had to say has been brought
    private boolean toService(ByteBuffer piece) throws InterruptedException {
        try {
            write(service(), piece);
            return true;
        } catch (IOException e) {
            Thread bringing = answers;
            if (bringing == null) {
                sayEnd();
            } else {
                bringing.join();
            }
            pending.forEach(each -> each.end(Call.Ending.SERVICE_LEFT));
            return false;
        }
    }

    private SocketChannel service() throws IOException {
        SocketChannel known = service;
        if (known != null) {
            return known;
        }
        SocketChannel opened = SocketChannel.open(proxy.service());
        opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
        service = opened;
        answers = Thread.ofVirtual().name("answers").start(() -> answers(opened));
        return opened;
    }

    private boolean answer(Exchange exchange, Fault.Answer answer, BodyFrame body, HttpInput in)
            throws IOException, InterruptedException {
        for (Exchange before : pending) {
            before.awaitEnd();
        }
        boolean goesOn = exchange.bodyAllowed();
        if (goesOn) {
            drain(in, body, exchange);
        }
        byte[] content = answer.body().getBytes(UTF_8);
        var head = new StringBuilder("HTTP/1.1 " + answer.status() + " Fault\r\n");
        answer.headers().forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
        head.append("Content-Length: " + content.length + "\r\n" + (goesOn ? "" : "Connection: close\r\n") + "\r\n");
        write(client, ByteBuffer.wrap(head.toString().getBytes(ISO_8859_1)));
        if (!exchange.head().method().equals("HEAD")) {
            write(client, ByteBuffer.wrap(content));
        }
        exchange.status(answer.status());
        exchange.end(Call.Ending.ANSWERED_BY_FAULT);
        if (!goesOn) {
            sayEnd();
            drain(in, new BodyFrame.Rest(), null);
        }
        return goesOn && !exchange.head().says("Connection", "close");
    }

    /// Takes what belongs to the body and forgets it.
    private void drain(HttpInput in, BodyFrame body, @Nullable Exchange exchange) throws IOException {
        for (long arrived = 0; !body.ended(); ) {
            int length = in.body(body, piece()).remaining();
            arrived += length;
            if (exchange != null) {
                exchange.arrived(arrived);
            }
            pass(length);
        }
    }

    // ------------------------------------------------------------ answers

    private void answers(SocketChannel from) {
        try {
            var in = new HttpInput(from);
            while (answerOnce(in)) {
                // The next one.
            }
        } catch (IOException e) {
            // Of either side. Of the client, `toClient` has told.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            pending.forEach(exchange -> exchange.end(Call.Ending.SERVICE_LEFT));
            close(from);
            sayEnd();
        }
    }

    /// @return whether another answer may follow
    private boolean answerOnce(HttpInput in) throws IOException, InterruptedException {
        Optional<HttpHead> begun = in.head();
        Exchange exchange = pending.peek();
        if (begun.isEmpty() || exchange == null) {
            return false;
        }
        HttpHead head = begun.get();
        if (head.status() < 200) {
            exchange.allowBody();
            toClient(exchange, ByteBuffer.wrap(head.raw()));
            return true;
        }
        exchange.status(head.status());
        if (exchange.fault() instanceof Fault.HoldAnswer) {
            proxy.released().await();
        }
        boolean lost = exchange.fault() instanceof Fault.LoseAnswer;
        BodyFrame body = head.answerBody(exchange.head().method());
        try {
            for (ByteBuffer piece = ByteBuffer.wrap(head.raw()); ; piece = in.body(body, piece())) {
                pass(piece.remaining());
                if (!lost) {
                    toClient(exchange, piece);
                }
                if (body.ended()) {
                    break;
                }
            }
        } catch (EOFException e) {
            if (!(body instanceof BodyFrame.Rest)) {
                throw e;
            }
        }
        pending.remove(exchange);
        exchange.end(lost ? Call.Ending.ANSWER_LOST : Call.Ending.ANSWERED);
        // A client that was not given leave to send its body may send it or not: what comes next could be either.
        return !lost && exchange.bodyAllowed();
    }

    private void toClient(Exchange exchange, ByteBuffer piece) throws IOException {
        try {
            write(client, piece);
        } catch (IOException e) {
            exchange.end(Call.Ending.CLIENT_LEFT);
            throw e;
        }
    }

    // ------------------------------------------------------------ both

    private int piece() {
        return proxy.paceAll().piece(pace.piece(PIECE));
    }

    private void pass(int bytes) {
        pace.pass(bytes);
        proxy.paceAll().pass(bytes);
    }

    private static void write(SocketChannel to, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            to.write(bytes);
        }
    }

    /// The client reads the end, and gets a moment to stop sending: closed at once, it might lose an answer to
    /// a reset.
    private void sayEnd() {
        try {
            client.shutdownOutput();
        } catch (IOException e) {
            return; // It is closed already.
        }
        Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(LINGER);
                client.close();
            } catch (IOException | InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /// Cuts both sides; the client sees a reset.
    void reset() {
        pending.forEach(exchange -> exchange.end(Call.Ending.DROPPED));
        try {
            client.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            // It is closed already.
        }
        close(client);
        close(service);
    }

    private static void close(@Nullable SocketChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // Nobody waits for it.
        }
    }
}
