package dev.sluice.notify;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.EventLog;
import dev.sluice.core.Ids;
import dev.sluice.core.JobStore;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Reachable;
import dev.sluice.db.Database;
import dev.sluice.db.Schema;
import dev.sluice.secrets.Vault;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/// All of it, in the database that has the events. Safe for use by many threads.
public final class Notifications implements AutoCloseable {
    private static final Schema SCHEMA = new Schema("notify", 1);

    private final Database database;
    private final Ids ids;
    private final Clock clock;
    private final Hooks hooks;
    private final Devices devices;
    private final Choices choices;
    private final Deliveries deliveries;
    private final Vapid vapid;
    private final Courier courier;
    private final LaterPost post;

    /// What it stands on.
    ///
    /// @param database in which the events are; it stays the caller's
    /// @param vault seals what is secret; asked for when there is something
    /// @param active whether somebody is to be told of anything
    public record Ground(
            Database database,
            EventLog events,
            JobStore jobs,
            Clock clock,
            Ids ids,
            Supplier<Vault> vault,
            Predicate<Owner> active) {}

    /// An HTTP client is made when the first message goes out: most servers have nobody to tell.
    private static final class LaterPost implements AutoCloseable {
        private final Supplier<Post> opening;
        private final ReentrantLock lock = new ReentrantLock();
        private @Nullable Post opened;

        LaterPost(Supplier<Post> opening) {
            this.opening = opening;
        }

        Post open() {
            lock.lock();
            try {
                Post known = opened;
                if (known == null) {
                    known = opening.get();
                    opened = known;
                }
                return known;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (opened != null) {
                    opened.close();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private Notifications(Ground ground, NotifySettings settings, Reachable reachable, SslContextFactory.Client tls) {
        database = ground.database();
        ids = ground.ids();
        clock = ground.clock();
        deliveries = new Deliveries(database, clock, settings);
        hooks = new Hooks(database, ids, clock, ground.vault(), reachable, deliveries);
        devices = new Devices(database, ids, clock, ground.vault(), reachable, deliveries);
        choices = new Choices(database);
        vapid = new Vapid(database, ground.vault(), clock, settings.contact());
        post = new LaterPost(() -> Post.open(reachable, settings.timeout(), tls));
        var relay = new Relay(
                database, ground.events(), ground.jobs(), ids, hooks, devices, choices, deliveries, ground.active());
        courier = new Courier(relay, hooks, devices, deliveries, vapid, post::open, clock, settings);
        ground.events().subscribe(events -> {
            if (events.stream().anyMatch(event -> JobEnd.of(event.type()) != null)) {
                courier.wake();
            }
        });
        courier.start();
    }

    /// Brings the tables up to date and begins to tell, first what has ended since somebody last did.
    ///
    /// @throws IllegalArgumentException where a network is none
    public static Notifications open(Ground ground, NotifySettings settings) {
        return open(
                ground,
                settings,
                new Reachable(settings.networks(), NotifySettings.NETWORKS),
                new SslContextFactory.Client());
    }

    static Notifications open(
            Ground ground, NotifySettings settings, Reachable reachable, SslContextFactory.Client tls) {
        ground.database().migrate(SCHEMA);
        return new Notifications(ground, settings, reachable, tls);
    }

    public Hooks hooks() {
        return hooks;
    }

    public Devices devices() {
        return devices;
    }

    public Choices choices() {
        return choices;
    }

    public Deliveries deliveries() {
        return deliveries;
    }

    /// What browsers subscribe with, for `applicationServerKey`.
    public String publicKey() {
        return vapid.publicKey();
    }

    /// Sends a message that says that it is a test.
    public Delivery test(Hook hook) {
        return test(hook.owner(), Delivery.Channel.WEBHOOK, hook.id());
    }

    public Delivery test(Device device) {
        return test(device.owner(), Delivery.Channel.PUSH, device.id());
    }

    private Delivery test(Owner owner, Delivery.Channel channel, String target) {
        if (deliveries.waiting(target) >= Deliveries.MOST_WAITING) {
            throw new ProblemException(ErrorCode.LIMIT_EXCEEDED, "too many messages wait for this receiver");
        }
        String id = ids.unique();
        String body = Message.test(clock.instant());
        database.write(transaction -> {
            deliveries.add(
                    transaction.handle(),
                    List.of(new Deliveries.Fresh(id, owner, channel, target, null, Delivery.TEST, null, null, body)));
            return true;
        });
        courier.wake();
        return deliveries.find(id).orElseThrow();
    }

    /// Sends a message again, under the same id.
    ///
    /// @throws ProblemException `conflict` where it has not ended
    public Delivery again(Delivery delivery) {
        if (!deliveries.again(delivery.id())) {
            throw new ProblemException(
                    ErrorCode.CONFLICT, "the message " + delivery.id() + " is still on its way: it is sent by itself");
        }
        courier.wake();
        return deliveries.find(delivery.id()).orElse(delivery);
    }

    /// What was held for a hook goes on when it is on again.
    public void wake() {
        courier.wake();
    }

    /// Gives up and forgets what is too old.
    public void trim() {
        deliveries.trim();
    }

    @Override
    public void close() {
        courier.close();
        post.close();
    }
}
