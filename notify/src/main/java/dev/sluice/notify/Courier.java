package dev.sluice.notify;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.core.Owner;
import dev.sluice.core.RetryAfter;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes deliveries to their places: a thread that looks what is due, and a virtual one for each that is under way. A
/// receiver has two under way at the most and an owner eight, so that those who are slow or away delay nobody else.
///
/// What does not arrive is tried again: truncated exponential back-off with equal jitter, or later where the receiver
/// asks for that in `Retry-After`, until it is too old.
final class Courier implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Courier.class);
    private static final int OF_TARGET = 2;
    private static final int OF_OWNER = 8;
    static final int IN_ALL = 128;
    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(30);
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(5);
    /// What comes on top of an exchange: looking up, reading and writing down.
    private static final Duration MARGIN = Duration.ofSeconds(15);
    /// How long a push service keeps a message for a browser that is away.
    private static final Duration PUSH_KEPT = Duration.ofDays(1);

    private static final int ANSWER = 500;

    private final Relay relay;
    private final Hooks hooks;
    private final Devices devices;
    private final Deliveries deliveries;
    private final Vapid vapid;
    private final Supplier<Post> post;
    private final Clock clock;
    private final NotifySettings settings;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, Integer> ofTarget = new HashMap<>();
    private final Map<Owner, Integer> ofOwner = new HashMap<>();
    private int underWay;
    private boolean woken;
    private boolean closed;
    private final Thread thread;

    Courier(
            Relay relay,
            Hooks hooks,
            Devices devices,
            Deliveries deliveries,
            Vapid vapid,
            Supplier<Post> post,
            Clock clock,
            NotifySettings settings) {
        this.relay = relay;
        this.hooks = hooks;
        this.devices = devices;
        this.deliveries = deliveries;
        this.vapid = vapid;
        this.post = post;
        this.clock = clock;
        this.settings = settings;
        this.thread = Thread.ofPlatform().name("notify").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// Something may have ended, or be due.
    void wake() {
        lock.lock();
        try {
            woken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        while (!isClosed()) {
            Duration sleep;
            try {
                relay.catchUp();
                sendDue();
                sleep = untilNext();
            } catch (RuntimeException e) {
                if (isClosed()) {
                    return;
                }
                log.warn("notifications wait: {}", e.getMessage(), e);
                sleep = AFTER_TROUBLE;
            }
            sleep(sleep);
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private Duration untilNext() {
        Instant now = clock.instant();
        Duration wait = deliveries
                .next()
                .map(next -> Duration.between(now, next).plusMillis(1))
                .orElse(LONGEST_SLEEP);
        return wait.compareTo(LONGEST_SLEEP) > 0 ? LONGEST_SLEEP : wait;
    }

    private void sleep(Duration most) {
        lock.lock();
        try {
            long left = most.toNanos();
            while (!woken && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            woken = false;
        } catch (InterruptedException e) {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    private void sendDue() {
        while (true) {
            var busyTargets = new ArrayList<String>();
            var busyOwners = new ArrayList<String>();
            int room;
            lock.lock();
            try {
                room = closed ? 0 : IN_ALL - underWay;
                ofTarget.forEach((target, count) -> {
                    if (count >= OF_TARGET) {
                        busyTargets.add(target);
                    }
                });
                ofOwner.forEach((owner, count) -> {
                    if (count >= OF_OWNER) {
                        busyOwners.add(owner.name());
                    }
                });
            } finally {
                lock.unlock();
            }
            List<Delivery> due = room <= 0 ? List.of() : deliveries.due(busyTargets, busyOwners, room);
            List<Delivery> admitted = due.stream().filter(this::admit).toList();
            if (admitted.isEmpty()) {
                return;
            }
            List<Delivery> taken;
            try {
                taken = deliveries.take(
                        admitted, clock.instant().plus(settings.timeout()).plus(MARGIN));
            } catch (RuntimeException e) {
                admitted.forEach(this::leave);
                throw e;
            }
            List<String> got = taken.stream().map(Delivery::id).toList();
            admitted.stream().filter(one -> !got.contains(one.id())).forEach(this::leave);
            taken.forEach(one -> Thread.ofVirtual().name("notify-" + one.id()).start(() -> carry(one)));
        }
    }

    private boolean admit(Delivery one) {
        lock.lock();
        try {
            boolean room = underWay < IN_ALL
                    && ofTarget.getOrDefault(one.target(), 0) < OF_TARGET
                    && ofOwner.getOrDefault(one.owner(), 0) < OF_OWNER;
            if (room) {
                underWay++;
                ofTarget.merge(one.target(), 1, Integer::sum);
                ofOwner.merge(one.owner(), 1, Integer::sum);
            }
            return room;
        } finally {
            lock.unlock();
        }
    }

    private void leave(Delivery one) {
        lock.lock();
        try {
            underWay--;
            ofTarget.computeIfPresent(one.target(), (target, count) -> count == 1 ? null : count - 1);
            ofOwner.computeIfPresent(one.owner(), (owner, count) -> count == 1 ? null : count - 1);
            woken = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void carry(Delivery one) {
        try {
            switch (one.channel()) {
                case WEBHOOK -> toHook(one);
                case PUSH -> toDevice(one);
            }
        } catch (RuntimeException e) {
            // What was cut off by the end of this node is tried again after its next start.
            if (isClosed()) {
                log.debug("the message {} waits for the next start", one.id(), e);
            } else {
                failed(one, e);
            }
        } finally {
            leave(one);
        }
    }

    /// A message that cannot even be made, as without the key that its secret was sealed with, has an end, too.
    private void failed(Delivery one, RuntimeException why) {
        try {
            retry(one, null, String.valueOf(why.getMessage()), null);
            log.warn("the message {} cannot be sent: {}", one.id(), why.getMessage());
        } catch (RuntimeException e) {
            e.addSuppressed(why);
            log.error("the message {} waits", one.id(), e);
        }
    }

    private void toHook(Delivery one) {
        Optional<Hook> hook = hooks.find(one.target());
        Optional<String> secret = hooks.secret(one.target());
        if (hook.isEmpty() || secret.isEmpty()) {
            deliveries.forget(one.target());
            return;
        }
        Map<String, String> headers = HookSignature.headers(secret.get(), one.id(), clock.instant(), one.body());
        headers.put("Content-Type", "application/json");
        Post.Sent sent = post.get()
                .send(URI.create(hook.get().url()), headers, one.body().getBytes(UTF_8));
        switch (sent) {
            case Post.Sent.Unreached unreached -> retry(one, null, unreached.why(), null);
            case Post.Sent.Answered answered -> {
                int status = answered.status();
                String text = answered.text();
                if (status >= 200 && status < 300) {
                    deliveries.settle(one, Delivery.State.DELIVERED, null, status, shortened(text));
                } else if (status == 410) {
                    deliveries.settle(one, Delivery.State.FAILED, null, status, shortened(text));
                    hooks.switchOff(one.target(), "its receiver answers 410 Gone");
                    log.info("the webhook {} of {} is off: its receiver answers 410", one.target(), one.owner());
                } else {
                    retry(one, status, text, answered.retryAfter());
                }
            }
        }
    }

    private void toDevice(Delivery one) {
        Optional<Subscription> subscription = devices.subscription(one.target());
        if (subscription.isEmpty()) {
            deliveries.forget(one.target());
            return;
        }
        URI endpoint = URI.create(subscription.get().endpoint());
        Duration left = Duration.between(clock.instant(), one.expires());
        long seconds = Math.clamp(left.toSeconds(), 0, PUSH_KEPT.toSeconds());
        var headers = new LinkedHashMap<>(Map.of(
                "Authorization",
                vapid.authorization(endpoint),
                "Content-Encoding",
                "aes128gcm",
                "Content-Type",
                "application/octet-stream",
                "TTL",
                Long.toString(seconds),
                "Urgency",
                "normal"));
        if (one.topic() != null) {
            headers.put("Topic", one.topic());
        }
        byte[] body = PushEncryption.encrypt(one.body().getBytes(UTF_8), subscription.get());
        Post.Sent sent = post.get().send(endpoint, headers, body);
        switch (sent) {
            case Post.Sent.Unreached unreached -> retry(one, null, unreached.why(), null);
            case Post.Sent.Answered answered -> {
                int status = answered.status();
                String text = answered.text();
                if (status >= 200 && status < 300) {
                    deliveries.settle(one, Delivery.State.DELIVERED, null, status, null);
                } else if (status == 404 || status == 410) {
                    log.info("a browser of {} is not pushed to any more: its service answers {}", one.owner(), status);
                    devices.remove(one.target());
                } else if (status == 429 || status >= 500) {
                    retry(one, status, text, answered.retryAfter());
                } else {
                    log.warn("a push service refuses a message of {}: {} {}", one.owner(), status, shortened(text));
                    deliveries.settle(one, Delivery.State.FAILED, null, status, shortened(text));
                }
            }
        }
    }

    /// The body of a message to a device is encrypted anew with each try.
    private void retry(Delivery one, @Nullable Integer status, String said, @Nullable String asked) {
        Instant now = clock.instant();
        Instant next = now.plus(wait(one.attempts(), RetryAfter.of(asked, now)));
        boolean over = next.isAfter(one.expires());
        deliveries.settle(
                one,
                over ? Delivery.State.FAILED : Delivery.State.WAITING,
                over ? null : next,
                status,
                shortened(said));
        if (over) {
            log.warn("gave up the message {} to {} after {} tries", one.id(), one.target(), one.attempts());
        }
    }

    private Duration wait(int attempts, @Nullable Duration asked) {
        long most = Math.min(
                settings.longestWait().toMillis(), settings.firstWait().toMillis() << Math.min(attempts - 1, 20));
        long millis = ThreadLocalRandom.current().nextLong(most / 2, most + 1);
        return Duration.ofMillis(asked == null ? millis : Math.max(millis, asked.toMillis()));
    }

    private static String shortened(String text) {
        return text.substring(0, Math.min(text.length(), ANSWER));
    }

    /// What is under way is not waited for: it is tried again after the next start, under the same id.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(AFTER_TROUBLE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
