package dev.sluice.notify;

import dev.sluice.core.Event;
import dev.sluice.core.EventLog;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobStore;
import dev.sluice.core.Kind;
import dev.sluice.core.Owner;
import dev.sluice.db.Database;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes deliveries of the ends of jobs. The deliveries of some events and the position behind these are one
/// transaction, and events are numbered without gaps in the order of their commits: so each end is told once, whichever
/// node reads it and whenever one dies. Used by one thread.
final class Relay {
    private static final Logger log = LoggerFactory.getLogger(Relay.class);
    private static final int PAGE = 500;
    /// Rows that one transaction writes: about a millisecond, so that a cancel behind it does not notice.
    private static final int ROWS = 200;

    private final Database database;
    private final EventLog events;
    private final JobStore jobs;
    private final Ids ids;
    private final Hooks hooks;
    private final Devices devices;
    private final Choices choices;
    private final Deliveries deliveries;
    private final Predicate<Owner> active;
    /// What lies before it is done with; the stored position may be a little less.
    private long seen;

    Relay(
            Database database,
            EventLog events,
            JobStore jobs,
            Ids ids,
            Hooks hooks,
            Devices devices,
            Choices choices,
            Deliveries deliveries,
            Predicate<Owner> active) {
        this.database = database;
        this.events = events;
        this.jobs = jobs;
        this.ids = ids;
        this.hooks = hooks;
        this.devices = devices;
        this.choices = choices;
        this.deliveries = deliveries;
        this.active = active;
        this.seen = stored(events.position());
    }

    /// Who has never read begins with what comes.
    private long stored(long first) {
        return database.write(transaction -> {
            Handle handle = transaction.handle();
            handle.createUpdate("INSERT INTO notify_reader (id, seq) VALUES (1, :seq) ON CONFLICT DO NOTHING")
                    .bind("seq", first)
                    .execute();
            return handle.createQuery("SELECT seq FROM notify_reader WHERE id = 1")
                    .mapTo(Long.class)
                    .one();
        });
    }

    /// Makes deliveries of all that has ended until now.
    void catchUp() {
        while (true) {
            long last = events.position();
            if (seen >= last) {
                return;
            }
            if (!hooks.any() && !devices.any()) {
                pass(last);
                return;
            }
            long floor = events.floor();
            if (seen + 1 < floor) {
                log.warn(
                        "ends of jobs are not told: the events {} to {} are not held any more (state.event-age)",
                        seen + 1,
                        floor - 1);
            }
            List<Event> page = events.read(seen, last, null, PAGE);
            long upTo = page.size() == PAGE ? page.getLast().seq() : last;
            relay(page.stream().filter(event -> JobEnd.of(event.type()) != null).toList(), upTo);
        }
    }

    /// Where nothing ended, or nobody is there to be told, the position is written down now and then only.
    private void pass(long upTo) {
        if (upTo - seen >= PAGE) {
            write(List.of(), upTo);
        } else {
            seen = upTo;
        }
    }

    private void relay(List<Event> ends, long upTo) {
        if (ends.isEmpty()) {
            pass(upTo);
            return;
        }
        Set<Owner> owners = ends.stream().map(Event::owner).filter(active).collect(Collectors.toSet());
        if (owners.isEmpty()) {
            write(List.of(), upTo);
            return;
        }
        var receivers = new Receivers(
                hooks.of(owners).stream()
                        .filter(hook -> hook.off() == null)
                        .collect(Collectors.groupingBy(Hook::owner)),
                devices.of(owners).stream().collect(Collectors.groupingBy(Device::owner)),
                choices.of(owners));
        Map<JobId, Job> known = jobs
                .find(ends.stream().map(Event::job).distinct().toList())
                .stream()
                .collect(Collectors.toMap(Job::id, Function.identity()));
        var fresh = new ArrayList<Deliveries.Fresh>();
        for (Event event : ends) {
            receivers.of(event, known, fresh);
            if (fresh.size() >= ROWS) {
                if (!write(fresh, event.seq())) {
                    return;
                }
                fresh.clear();
            }
        }
        write(fresh, upTo);
    }

    private final class Receivers {
        private final Map<Owner, List<Hook>> hooksOf;
        private final Map<Owner, List<Device>> devicesOf;
        private final Map<Owner, Map<Kind, Set<JobEnd>>> chosen;
        private final Set<String> crowded = new HashSet<>();
        private final Set<String> roomy = new HashSet<>();

        Receivers(
                Map<Owner, List<Hook>> hooksOf,
                Map<Owner, List<Device>> devicesOf,
                Map<Owner, Map<Kind, Set<JobEnd>>> chosen) {
            this.hooksOf = hooksOf;
            this.devicesOf = devicesOf;
            this.chosen = chosen;
        }

        void of(Event event, Map<JobId, Job> known, List<Deliveries.Fresh> into) {
            JobEnd end = JobEnd.of(event.type());
            if (end == null) {
                return;
            }
            Job job = known.get(event.job());
            for (Hook hook : hooksOf.getOrDefault(event.owner(), List.of())) {
                boolean wanted = hook.wants(event.kind(), end) && !event.at().isBefore(hook.created());
                if (wanted && hasRoom(hook)) {
                    into.add(fresh(
                            event, end, Delivery.Channel.WEBHOOK, hook.id(), null, Message.forHook(end, event, job)));
                }
            }
            if (Choices.wants(chosen.getOrDefault(event.owner(), Map.of()), event.kind(), end)) {
                String topic = event.batch() == null ? null : PushTopic.of(event.batch());
                for (Device device : devicesOf.getOrDefault(event.owner(), List.of())) {
                    if (!event.at().isBefore(device.created()) && hasRoom(device.id())) {
                        into.add(fresh(
                                event,
                                end,
                                Delivery.Channel.PUSH,
                                device.id(),
                                topic,
                                Message.forDevice(end, event, job)));
                    }
                }
            }
        }

        private Deliveries.Fresh fresh(
                Event event, JobEnd end, Delivery.Channel channel, String target, @Nullable String topic, String body) {
            return new Deliveries.Fresh(
                    ids.unique(),
                    event.owner(),
                    channel,
                    target,
                    event.seq(),
                    Message.type(end),
                    event.job().value(),
                    topic,
                    body);
        }

        private boolean hasRoom(Hook hook) {
            boolean known = crowded.contains(hook.id());
            boolean room = hasRoom(hook.id());
            if (!room && !known) {
                hooks.switchOff(hook.id(), Deliveries.MOST_WAITING + " messages wait for it");
            }
            return room;
        }

        /// Looked at once for some hundred events.
        private boolean hasRoom(String target) {
            if (roomy.contains(target)) {
                return true;
            }
            boolean full = crowded.contains(target) || deliveries.waiting(target) >= Deliveries.MOST_WAITING;
            (full ? crowded : roomy).add(target);
            return !full;
        }
    }

    /// @return false where another node was first
    private boolean write(List<Deliveries.Fresh> fresh, long upTo) {
        List<Deliveries.Fresh> all = List.copyOf(fresh);
        long from = seen;
        long now = database.write(transaction -> {
            Handle handle = transaction.handle();
            long stands = handle.createQuery("SELECT seq FROM notify_reader WHERE id = 1" + transaction.lockingRows())
                    .mapTo(Long.class)
                    .one();
            if (stands > from) {
                return stands;
            }
            handle.createUpdate("UPDATE notify_reader SET seq = :seq WHERE id = 1")
                    .bind("seq", upTo)
                    .execute();
            deliveries.add(handle, all);
            return upTo;
        });
        seen = now;
        return now == upTo;
    }
}
