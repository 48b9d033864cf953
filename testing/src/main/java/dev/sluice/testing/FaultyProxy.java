package dev.sluice.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Stands on a loopback port before a service that speaks HTTP/1.1 without TLS, writes down every request, and
/// goes wrong when it is told to. Bytes pass unchanged, the `Host` of the proxy too, so that signatures stay
/// valid.
///
/// A limit or a stall holds the client back as a slow network does: what the proxy has not read lies in the
/// kernel's buffers, and after a reset it is still read first. Connections that are made under a limit get
/// small ones. A client that waits for `100 Continue` and is refused finds its connection closed afterwards.
/// Safe for use by many threads.
public final class FaultyProxy implements AutoCloseable {
    private static final int RECEIVE_BUFFER = 128 << 10;
    private static final int SMALL_RECEIVE_BUFFER = 4 << 10;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private record Plan(Predicate<Call> which, Fault fault, AtomicInteger left) {}

    private final URI service;
    private final int port;
    private final Queue<Exchange> exchanges = new ConcurrentLinkedQueue<>();
    private final Queue<Plan> plans = new ConcurrentLinkedQueue<>();
    private final Set<Relay> relays = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger numbers = new AtomicInteger();
    private final Pace paceAll = new Pace(() -> this.rateAll);

    private volatile ServerSocketChannel listener;
    private volatile Thread acceptor;
    private volatile long rateEach;
    private volatile long rateAll;
    private volatile CountDownLatch released = new CountDownLatch(1);

    private FaultyProxy(URI service) throws IOException {
        this.service = service;
        this.listener = listen(0);
        this.port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
        this.acceptor = accept(listener);
    }

    public static FaultyProxy before(URI service) {
        try {
            return new FaultyProxy(service);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What the client is given instead of the service's address.
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port + service.getPath());
    }

    // ------------------------------------------------------------ what goes wrong

    /// The next so many requests that match meet this fault. Where several plans match, the oldest is first.
    ///
    /// @param which is shown the request as it is when its head has come
    public void next(int times, Predicate<Call> which, Fault fault) {
        plans.add(new Plan(which, fault, new AtomicInteger(times)));
    }

    /// The next request that matches meets this fault.
    public void next(Predicate<Call> which, Fault fault) {
        next(1, which, fault);
    }

    /// What stalls or is held goes on.
    public void release() {
        CountDownLatch before = released;
        released = new CountDownLatch(1);
        before.countDown();
    }

    /// So many bytes a second on each connection, both ways together.
    public void limitEach(long bytesPerSecond) {
        rateEach = bytesPerSecond;
        adjustBuffers();
    }

    /// So many bytes a second on all connections together, both ways.
    public void limitAll(long bytesPerSecond) {
        rateAll = bytesPerSecond;
        adjustBuffers();
    }

    public void unlimited() {
        rateEach = 0;
        rateAll = 0;
        adjustBuffers();
    }

    private void adjustBuffers() {
        try {
            listener.setOption(
                    StandardSocketOptions.SO_RCVBUF, rateEach + rateAll == 0 ? RECEIVE_BUFFER : SMALL_RECEIVE_BUFFER);
        } catch (ClosedChannelException e) {
            // It is away; what comes back asks again.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Nobody listens here and every connection is reset, until [#back].
    public void away() {
        try {
            listener.close();
            // The port is free when whoever waits at it has been woken.
            acceptor.join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        relays.forEach(Relay::reset);
    }

    public void back() {
        try {
            listener = listen(port);
            adjustBuffers();
            acceptor = accept(listener);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Forgets faults and limits that were asked for, and the calls so far.
    public void forget() {
        plans.clear();
        unlimited();
        release();
        exchanges.clear();
    }

    // ------------------------------------------------------------ what was seen

    /// Every call since the start or [#forget], as it is now, in the order of their beginnings.
    public List<Call> calls() {
        return exchanges.stream().map(Exchange::now).toList();
    }

    public List<Call> calls(Predicate<Call> which) {
        return calls().stream().filter(which).toList();
    }

    /// How many connections of clients are open.
    public int connections() {
        return relays.size();
    }

    /// Waits until at least so many calls are as wanted.
    ///
    /// @throws AssertionError after 20 s, with what there was
    public List<Call> await(int count, Predicate<Call> which) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            List<Call> found = calls(which);
            if (found.size() >= count) {
                return found;
            }
            if (System.nanoTime() > until) {
                throw new AssertionError(found.size() + " calls of " + count + " are as wanted, of these:\n"
                        + calls().stream().map(Call::toString).collect(Collectors.joining("\n")));
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /// Waits until a call is as wanted, and returns the first one that is.
    public Call await(Predicate<Call> which) {
        return await(1, which).getFirst();
    }

    // ------------------------------------------------------------ for the connections

    private static ServerSocketChannel listen(int port) throws IOException {
        ServerSocketChannel opened = ServerSocketChannel.open();
        opened.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
        return opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
    }

    private Thread accept(ServerSocketChannel from) {
        return Thread.ofVirtual().name("faulty proxy").start(() -> {
            try {
                while (true) {
                    SocketChannel client = from.accept();
                    var relay = new Relay(this, connections.incrementAndGet(), client);
                    relays.add(relay);
                    Thread.ofVirtual().name("relay").start(relay);
                }
            } catch (IOException e) {
                // It was closed.
            }
        });
    }

    InetSocketAddress service() {
        return new InetSocketAddress(service.getHost(), service.getPort());
    }

    Exchange begin(int connection, HttpHead head, Instant firstByte) {
        var exchange = new Exchange(numbers.incrementAndGet(), connection, head, firstByte);
        Call seen = exchange.now();
        for (Plan plan : plans) {
            if (plan.which().test(seen) && plan.left().getAndDecrement() > 0) {
                exchange.suffer(plan.fault());
                break;
            }
        }
        plans.removeIf(plan -> plan.left().get() <= 0);
        exchanges.add(exchange);
        return exchange;
    }

    void gone(Relay relay) {
        relays.remove(relay);
    }

    CountDownLatch released() {
        return released;
    }

    long rateEach() {
        return rateEach;
    }

    Pace paceAll() {
        return paceAll;
    }

    @Override
    public void close() {
        away();
        release();
    }
}
