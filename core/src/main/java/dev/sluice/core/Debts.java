package dev.sluice.core;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Pays debts: those of a job once nobody works on it, newest first, one job by one thread at a time, each debt on the
/// lane of the place where it lies. What cannot be paid now is tried again, ever more rarely.
final class Debts {
    private static final Logger log = LoggerFactory.getLogger(Debts.class);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);
    private static final int SWEEP = 256;
    private static final Duration CLOSING = Duration.ofSeconds(2);
    private static final DebtPayer NOBODY = debt -> {
        throw new IllegalStateException("nobody here can pay a debt of type " + debt.type());
    };

    private final Engine engine;
    private final Map<String, DebtPayer> payers;
    private final ConcurrentHashMap<JobId, CompletableFuture<Boolean>> paying = new ConcurrentHashMap<>();
    /// Jobs whose turn is still to come: each at most once.
    private final Set<JobId> woken = ConcurrentHashMap.newKeySet();

    private final Lanes lanes = new Lanes();

    Debts(Engine engine, Map<String, DebtPayer> payers) {
        this.engine = engine;
        this.payers = Map.copyOf(payers);
    }

    /// Pays what is due of a job soon.
    void wake(JobId job) {
        if (!lanes.isClosed() && woken.add(job)) {
            Thread.ofVirtual().name("debts").start(() -> settle(job, () -> woken.remove(job)));
        }
    }

    /// Looks for debts that nobody was woken for.
    void sweep() {
        // Those that are being paid are still due: where they are many they would hide all others.
        int known = woken.size() + paying.size();
        engine.debts().debtors(engine.now(), SWEEP + known).forEach(this::wake);
    }

    /// Pays what is due of a job now; while somebody here works on it that is only what is due at once.
    ///
    /// @return whether the job owes nothing any more
    boolean settle(JobId job) {
        return settle(job, () -> {});
    }

    /// @param onTurn runs before what is due is read
    private boolean settle(JobId job, Runnable onTurn) {
        return alone(job, () -> {
            onTurn.run();
            if (lanes.isClosed()) {
                log.debug("going down; the next start pays for {}", job);
                return false;
            }
            try {
                return payAll(job);
            } catch (RuntimeException e) {
                log.warn("[{}] the debts could not be read", job, e);
                return false;
            }
        });
    }

    /// Pays, for the session that has just claimed the job, what earlier ones published without completing, unless
    /// the session goes on from that.
    /// Whoever was paying before the claim has finished once this returns, and nobody begins while the session
    /// lasts: otherwise what the session publishes could be taken for what was published before it.
    void takeBack(JobId job) {
        boolean paid = alone(
                job,
                () -> engine.debts().of(job).stream()
                        .filter(debt -> payerOf(debt).isPublished(debt)
                                && (debt.when() == Debt.When.NOW
                                        || !payerOf(debt).isNeeded(debt)))
                        .allMatch(this::pay));
        if (!paid) {
            throw new ProblemException(
                    ErrorCode.STATE_UNAVAILABLE,
                    "what an interrupted commit of " + job + " left cannot be taken back yet");
        }
    }

    private DebtPayer payerOf(Debt debt) {
        return payers.getOrDefault(debt.type(), NOBODY);
    }

    /// Tells the payers what is owed from earlier.
    void recall() {
        DebtId last = null;
        List<Debt> some;
        do {
            some = engine.debts().page(last, SWEEP);
            some.forEach(this::recall);
            last = some.isEmpty() ? null : some.getLast().id();
        } while (last != null);
    }

    private void recall(Debt debt) {
        try {
            payerOf(debt).recall(debt);
        } catch (RuntimeException e) {
            log.warn("[{}] a debt of type {} cannot be read", debt.job(), debt.type(), e);
        }
    }

    private boolean alone(JobId job, BooleanSupplier work) {
        var mine = new CompletableFuture<Boolean>();
        CompletableFuture<Boolean> other;
        while ((other = paying.putIfAbsent(job, mine)) != null) {
            other.join();
        }
        try {
            return work.getAsBoolean();
        } finally {
            paying.remove(job, mine);
            mine.complete(true);
        }
    }

    /// How many bytes of a job are kept in what it owes, where it holds any and can be asked.
    OptionalLong kept(JobId job) {
        for (Debt debt : engine.debts().of(job)) {
            if (debt.when() != Debt.When.ENDED) {
                continue;
            }
            try {
                OptionalLong kept = payerOf(debt).kept(debt);
                if (kept.isPresent()) {
                    return kept;
                }
            } catch (Exception e) {
                if (e instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
                log.warn("[{}] what is kept of it cannot be told; its last checkpoint stands", job, e);
            }
        }
        return OptionalLong.empty();
    }

    private boolean payAll(JobId id) {
        Optional<Job> job = engine.jobs().find(id);
        List<Debt> debts = engine.debts().of(id);
        boolean clean = true;
        for (Debt debt : debts) {
            if (debt.when() == Debt.When.UNLESS_COMPLETED && isCompleted(job)) {
                engine.debts().strike(debt.id(), engine.now());
            } else if (!isDue(debt, job)) {
                clean = false;
            } else if (!pay(debt)) {
                return false;
            }
        }
        return clean;
    }

    private boolean isDue(Debt debt, Optional<Job> job) {
        if (debt.when() == Debt.When.NOW) {
            return true;
        }
        if (!engine.isFree(debt.job())) {
            return false;
        }
        boolean ended = job.map(now -> now.state().ended()).orElse(true);
        boolean heldElsewhere =
                job.map(Job::node).map(node -> !node.equals(engine.node())).orElse(false);
        return ended
                || (debt.when() == Debt.When.UNLESS_COMPLETED
                        && !heldElsewhere
                        && !payerOf(debt).isNeeded(debt));
    }

    private static boolean isCompleted(Optional<Job> job) {
        return job.map(now -> now.state() == JobState.COMPLETED).orElse(false);
    }

    private boolean pay(Debt debt) {
        try {
            if (debt.when() == Debt.When.UNLESS_COMPLETED) {
                DebtStore.Taking taking = engine.debts().take(debt, engine.node());
                if (taking != DebtStore.Taking.GIVEN) {
                    return taking == DebtStore.Taking.GONE;
                }
            }
            lanes.pay(payerOf(debt), debt);
            engine.debts().strike(debt.id(), engine.now());
            engine.observer().debtPaid(debt);
            return true;
        } catch (RejectedExecutionException e) {
            log.debug("going down; the next start pays for {}", debt.job());
            return false;
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            Duration wait = Duration.ofSeconds(1L << Math.min(debt.attempts(), 20));
            log.warn("[{}] a debt of type {} could not be paid and stays", debt.job(), debt.type(), e);
            engine.debts()
                    .postpone(debt.id(), engine.now().plus(wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait));
            engine.observer().debtUnpaid(debt, e);
            return false;
        }
    }

    /// Begins no payment any more, and waits a moment for those that have begun: what they need is closed next.
    void close() {
        lanes.close();
        long until = System.nanoTime() + CLOSING.toNanos();
        for (CompletableFuture<Boolean> one : paying.values()) {
            try {
                one.copy()
                        .completeOnTimeout(false, Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS)
                        .join();
            } catch (RuntimeException e) {
                log.debug("a payment failed at the end", e);
            }
        }
    }
}
