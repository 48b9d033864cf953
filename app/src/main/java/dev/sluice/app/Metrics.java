package dev.sluice.app;

import dev.sluice.core.Debt;
import dev.sluice.core.Event;
import dev.sluice.core.EventType;
import dev.sluice.core.JobStore;
import dev.sluice.core.Observer;
import dev.sluice.realtime.Counters;
import dev.sluice.realtime.Hub;
import dev.sluice.state.State;
import dev.sluice.upload.Uploads;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// What is counted and timed, for Prometheus. Safe for use by many threads.
public final class Metrics {
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
    private static final Duration[] CANCEL_BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(20),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10)
    };

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final MultiGauge jobs = MultiGauge.builder("sluice_jobs")
            .description("Jobs by kind and state")
            .register(registry);
    private final SocketMeters sockets = new SocketMeters(registry);
    private final AtomicReference<@Nullable JobStore> store = new AtomicReference<>();

    void follow(State state, Uploads uploads, Hub hub) {
        store.set(state.jobs());
        state.events().subscribe(this::countFailures);
        FunctionCounter.builder("sluice_bytes_stored", uploads, Uploads::bytesStored)
                .description("Bytes that jobs have stored")
                .tags("kind", "upload")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("sluice_debts", state, all -> all.debts().count())
                .description("Things that must not stay and are not gone yet")
                .register(registry);
        watched("sluice_watchers", "Watchers that are connected", hub, Counters::watchers);
        watched("sluice_outbox_bytes", "Bytes that wait for watchers", hub, Counters::outboxBytes);
        counted("sluice_messages_sent", "Messages sent to watchers", hub, Counters::sent);
        counted("sluice_progress_conflated", "Progress frames that a later one replaced", hub, Counters::conflated);
        counted("sluice_outbox_drops", "Watchers closed because they did not read fast enough", hub, Counters::slow);
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
    }

    private void watched(String name, String description, Hub hub, ToDoubleFunction<Counters> figure) {
        Gauge.builder(name, hub, all -> figure.applyAsDouble(all.counters()))
                .description(description)
                .register(registry);
    }

    private void counted(String name, String description, Hub hub, ToDoubleFunction<Counters> figure) {
        FunctionCounter.builder(name, hub, all -> figure.applyAsDouble(all.counters()))
                .description(description)
                .register(registry);
    }

    void cancelled(Observer.Cancelled cancelled) {
        Tags tags = Tags.of(
                "source", cancelled.by().word(),
                "phase", cancelled.phase(),
                "outcome", cancelled.cleanup().word());
        cancels("sluice_cancel_decided", "From a cancel's arrival to its decision", tags)
                .record(cancelled.decided());
        Duration lastByte = cancelled.lastByte();
        if (lastByte != null) {
            cancels("sluice_cancel_last_byte", "From a cancel's arrival to the last byte handed on", tags)
                    .record(lastByte);
        }
    }

    private Timer cancels(String name, String description, Tags tags) {
        return Timer.builder(name)
                .description(description)
                .tags(tags)
                .serviceLevelObjectives(CANCEL_BUCKETS)
                .register(registry);
    }

    /// Counts the attempts that failed, each with its problem's code: those that ended their job, and those that
    /// are tried again.
    private void countFailures(List<Event> events) {
        for (Event event : events) {
            boolean failed = event.type() == EventType.FAILED;
            if ((failed || event.type() == EventType.RETRYING)
                    && event.data().members().get("error") instanceof Map<?, ?> error) {
                registry.counter(
                                "sluice_job_failures",
                                Tags.of(
                                        "kind", event.kind().value(),
                                        "code", String.valueOf(error.get("code")),
                                        "outcome", failed ? "failed" : "retried"))
                        .increment();
            }
        }
    }

    void debtPaid(Debt debt) {
        registry.counter("sluice_debts_paid", "type", debt.type()).increment();
    }

    void debtUnpaid(Debt debt) {
        registry.counter("sluice_debts_unpaid", "type", debt.type()).increment();
    }

    /// Notes one answered request.
    ///
    /// @param code of the problem that it was answered with
    public void request(String method, int status, @Nullable String code, long nanos) {
        Timer.builder("sluice_http_requests")
                .description("Requests answered")
                .tags(
                        "method", METHODS.contains(method) ? method : "other",
                        "status", Integer.toString(status),
                        "code", code == null ? "" : code)
                .register(registry)
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    public SocketMeters sockets() {
        return sockets;
    }

    /// All figures in Prometheus' text format.
    public String scrape() {
        JobStore known = store.get();
        if (known != null) {
            jobs.register(
                    known.census().stream()
                            .map(census -> MultiGauge.Row.of(
                                    Tags.of(
                                            "kind",
                                            census.kind().value(),
                                            "state",
                                            census.state().word()),
                                    census.jobs()))
                            .toList(),
                    true);
        }
        return registry.scrape();
    }
}
