package dev.sluice.google;

import dev.sluice.cloud.Supplies;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Outcome;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.db.Database;
import dev.sluice.google.Faults.Failed;
import dev.sluice.google.Faults.Remedy;
import dev.sluice.storage.StorageAccount;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The accounts of a folder of Google Drive: those of key files, and those that users have connected, which lie in the
/// database with what is to be remembered of all of them.
///
/// An upload gets the account with the most free room. One that is over a limit or refused is set aside: new uploads
/// pass it over, what it has begun goes on. No lock is held while the provider or the database is asked.
public final class AccountPool implements Accounts {
    private static final Logger log = LoggerFactory.getLogger(AccountPool.class);
    /// For so long another node's changes may not be seen here.
    private static final Duration REREAD = Duration.ofSeconds(5);
    /// An account that is full, or that is refused for reasons that may pass, is tried again after a while.
    private static final Duration RETRY = Duration.ofHours(1);
    /// So long a list waits for the provider.
    private static final Duration GLANCE = Duration.ofSeconds(2);

    private final String storage;
    private final Supplies supplies;
    private final @Nullable OAuthClient client;
    private final AccountRows rows;
    private final Calls calls;
    private final Quota quota;
    private final Executor threads = work -> Thread.ofVirtual().name("accounts").start(work);
    private final SharedCall<Boolean> reading = new SharedCall<>();

    private final ReentrantLock lock = new ReentrantLock();
    /// Under the lock, with their rooms.
    private final Map<String, Member> members = new TreeMap<>();

    private volatile Instant read = Instant.MIN;

    /// Makes no call to the provider yet.
    ///
    /// @param keyed accounts of key files
    /// @param client by which users can connect accounts; null where there is none
    /// @throws ProblemException `state_unavailable`
    public AccountPool(
            DriveSettings settings,
            List<GoogleAccount> keyed,
            @Nullable OAuthClient client,
            Database database,
            Supplies supplies) {
        this.storage = settings.name();
        this.supplies = supplies;
        this.client = client;
        this.rows = new AccountRows(database, storage);
        this.calls = new Calls(
                storage, "storage \"" + storage + "\", " + settings, supplies.transport(), supplies.backOff());
        this.quota = new Quota(settings, calls);
        keyed.forEach(account -> members.put(account.id(), member(account, null, null)));
    }

    private Member member(GoogleAccount account, @Nullable Instant connected, @Nullable Member before) {
        return new Member(
                account.id(),
                account,
                connected,
                before == null ? new DailyBytes(account.id(), rows, supplies.clock()) : before.daily(),
                before == null ? new Room() : before.room(),
                new SharedCall<>(),
                null);
    }

    private Instant now() {
        return supplies.clock().instant();
    }

    /// To the second: nobody waits for less.
    private static @Nullable Instant shown(@Nullable Instant at) {
        return at == null ? null : at.truncatedTo(ChronoUnit.SECONDS);
    }

    private <T> T locked(java.util.function.Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    private void locked(Runnable work) {
        lock.lock();
        try {
            work.run();
        } finally {
            lock.unlock();
        }
    }

    // ------------------------------------------------------------ what is remembered

    private void reread() {
        if (!now().isBefore(read.plus(REREAD))) {
            reading.join(this::readAll, new StopToken());
        }
    }

    private Boolean readAll() {
        Instant at = now();
        AccountRows.Known known = rows.known(DailyBytes.oldest(supplies.clock()));
        locked(() -> take(known));
        List<String> over = known.asides().entrySet().stream()
                .filter(entry -> entry.getValue().isOver(at))
                .map(Map.Entry::getKey)
                .toList();
        if (!over.isEmpty()) {
            rows.takeBack(at);
            log.info("accounts of storage {} that may be used again: {}", storage, String.join(", ", over));
        }
        read = at;
        return true;
    }

    private void take(AccountRows.Known known) {
        Map<String, AccountRows.Connected> connected =
                known.connected().stream().collect(Collectors.toMap(AccountRows.Connected::account, row -> row));
        members.values().removeIf(member -> member.connected() != null && !connected.containsKey(member.id()));
        connected.values().forEach(row -> {
            Member before = members.get(row.account());
            boolean keyed = before != null && before.connected() == null;
            if (!keyed && (before == null || !row.since().equals(before.connected()))) {
                user(row).ifPresent(account -> members.put(row.account(), member(account, row.since(), before)));
            }
        });
        members.replaceAll((id, member) -> {
            member.daily().know(known.sent().get(id));
            return member.with(known.asides().get(id));
        });
    }

    private Optional<GoogleAccount> user(AccountRows.Connected row) {
        OAuthClient known = client;
        if (known == null) {
            log.warn(
                    "account {} of storage {} needs the client that it was connected with: set client-id and"
                            + " client-secret",
                    row.account(),
                    storage);
            return Optional.empty();
        }
        String token = supplies.vault().open(context(row.account()), row.sealed());
        return Optional.of(user(known, row.account(), token));
    }

    private GoogleAccount user(OAuthClient known, String account, String token) {
        var credentials = known.user(token, supplies.transport(), storage);
        return new GoogleAccount(account, () -> credentials, supplies);
    }

    private String context(String account) {
        return "account " + account + " of storage " + storage;
    }

    // ------------------------------------------------------------ choosing

    @Override
    public Account any(StopToken stop) {
        reread();
        return locked(() -> members.values().stream()
                        // Who may send nothing just now may still look and read.
                        .filter(member -> !isRevoked(member))
                        .min(Comparator.comparing(this::isAside))
                        .map(member -> (Account) new Chosen(member.id(), null)))
                .orElseThrow(() -> none("look there"));
    }

    @Override
    public Account reserve(String upload, long size, StopToken stop) {
        reread();
        long needed = Math.max(0, size);
        ask(locked(() -> stale(member -> !isAside(member) && !member.dayIsFull())), stop);
        Optional<Account> found = locked(() -> {
            members.values().forEach(member -> member.room().release(upload));
            Optional<Member> best = members.values().stream()
                    .filter(member -> refusal(member, needed) == null)
                    .min(order(needed));
            best.ifPresent(member -> member.room().reserve(upload, needed));
            return best.map(member -> new Chosen(member.id(), upload));
        });
        return found.orElseThrow(() -> none(size < 0 ? "take a file" : "take a file of " + size + " bytes", needed));
    }

    /// The most free room first; among those without bounds, who has sent the least. A file that goes beyond a day's
    /// bytes is taken by Google to its end, and goes where it does not, if it can.
    private Comparator<Member> order(long size) {
        return Comparator.comparing(
                        (Member member) -> member.daily().used() + member.room().reserved() + size > DailyBytes.LIMIT)
                .thenComparing(Comparator.comparingLong(AccountPool::room).reversed())
                .thenComparingLong(
                        member -> member.daily().used() + member.room().reserved())
                .thenComparing(Member::id);
    }

    /// Unknown is the last choice: the upload is told what is wrong.
    private static long room(Member member) {
        Long free = member.room().free();
        return free == null ? -1 : free;
    }

    /// Why an account cannot take an upload; null where it can.
    private @Nullable String refusal(Member member, long size) {
        Aside aside = member.aside();
        if (aside != null && isAside(member)) {
            return (aside.until() == null ? "to be connected anew" : "not before " + shown(aside.until())) + ": "
                    + aside.reason();
        }
        if (member.dayIsFull()) {
            return "not before " + member.daily().free() + ": " + reasonOfDay(member);
        }
        Long free = member.room().free();
        return free != null && free < size ? "has room for " + free + " bytes" : null;
    }

    private static String reasonOfDay(Member member) {
        return "it has sent " + member.daily().used() + " bytes in 24 hours, of " + DailyBytes.LIMIT
                + " that Google allows";
    }

    private boolean isAside(Member member) {
        Aside aside = member.aside();
        return aside != null && !aside.isOver(now());
    }

    private static boolean isRevoked(Member member) {
        return member.aside() != null && member.aside().revoked();
    }

    private ProblemException none(String what) {
        return none(what, 0);
    }

    private ProblemException none(String what, long size) {
        List<String> why = locked(() -> members.values().stream()
                .map(member -> Optional.ofNullable(refusal(member, size))
                        .map(reason -> member.id() + " " + reason)
                        .orElse(member.id()))
                .toList());
        if (why.isEmpty()) {
            return new ProblemException(
                    ErrorCode.UPSTREAM_REFUSED,
                    "storage \"" + storage + "\" has no account: connect one with `sluice storage connect " + storage
                            + "`, or name key files of service accounts in storages." + storage + ".credentials");
        }
        return new ProblemException(
                ErrorCode.QUOTA_EXCEEDED,
                "no account of storage \"" + storage + "\" can " + what + ": " + String.join("; ", why)
                        + ". Make room, or connect another account with `sluice storage connect " + storage + "`");
    }

    @Override
    public Account named(String id) {
        requireKnown(id);
        return new Chosen(id, null);
    }

    @Override
    public Account resume(String upload, String id, long left) {
        requireKnown(id);
        locked(() -> member(id).room().reserve(upload, Math.max(0, left)));
        return new Chosen(id, upload);
    }

    private void requireKnown(String id) {
        if (!locked(() -> members.containsKey(id))) {
            reading.join(this::readAll, new StopToken());
        }
        member(id);
    }

    private Member member(String id) {
        Member known = locked(() -> Optional.ofNullable(members.get(id)))
                .orElseThrow(() -> new ProblemException(
                        ErrorCode.UPSTREAM_REFUSED,
                        "account " + id + " does not belong to storage \"" + storage
                                + "\" any more: connect it again, or name its key file again"));
        return known;
    }

    @Override
    public void release(String upload) {
        locked(() -> members.values().forEach(member -> member.room().release(upload)));
    }

    // ------------------------------------------------------------ room

    private List<Member> stale(Predicate<Member> wanted) {
        Instant at = now();
        return members.values().stream()
                .filter(wanted)
                .filter(member -> member.room().isStale(at))
                .toList();
    }

    private void ask(Collection<Member> asked, StopToken stop) {
        if (asked.size() == 1) {
            asked.forEach(member -> ask(member, stop));
            return;
        }
        var all = asked.stream()
                .map(member -> CompletableFuture.runAsync(() -> ask(member, stop), threads))
                .toArray(CompletableFuture<?>[]::new);
        Outcome.of(CompletableFuture.allOf(all));
    }

    /// Whoever does not answer is not known to have room, and is asked again soon.
    private void ask(Member member, StopToken stop) {
        boolean unused = member.asking()
                .join(
                        () -> {
                            var by = new Chosen(member.id(), null);
                            try {
                                long free = quota.free(by, stop);
                                locked(() -> member.room().told(free, now()));
                            } catch (Failed e) {
                                locked(() -> member.room().untold(now()));
                                if (e.fault().remedy() == Remedy.OTHER_ACCOUNT) {
                                    by.setAside(calls.problem("ask for the room of " + member.id(), e), null);
                                } else {
                                    log.debug("the room of account {} is not known: {}", member.id(), e.getMessage());
                                }
                            } catch (ProblemException e) {
                                locked(() -> member.room().untold(now()));
                                log.debug("the room of account {} is not known", member.id(), e);
                            }
                            return true;
                        },
                        stop);
    }

    // ------------------------------------------------------------ setting aside

    private void setAside(Member member, Aside why) {
        boolean first = locked(() -> {
            Member now = members.get(member.id());
            if (now == null || !now.credentials().equals(member.credentials()) || isAside(now)) {
                return false;
            }
            members.put(now.id(), now.with(why));
            return true;
        });
        if (!first) {
            return;
        }
        log.warn(
                "account {} of storage {} is set aside {}: {}",
                member.id(),
                storage,
                why.until() == null ? "until it is connected anew" : "until " + shown(why.until()),
                why.reason());
        if (!rows.setAside(member.id(), why, member.connected())) {
            reading.join(this::readAll, new StopToken());
        }
    }

    // ------------------------------------------------------------ for people

    @Override
    public List<StorageAccount> standing() {
        reread();
        List<Member> unknown = locked(() -> stale(member -> !isAside(member)));
        if (!unknown.isEmpty()) {
            var asked = CompletableFuture.runAsync(() -> ask(unknown, new StopToken()), threads);
            var unused = asked.completeOnTimeout(null, GLANCE.toMillis(), TimeUnit.MILLISECONDS)
                    .handle((none, failure) -> true)
                    .join();
        }
        return locked(() -> members.values().stream().map(this::standing).toList());
    }

    private StorageAccount standing(Member member) {
        Long free = member.room().free();
        Long bounded = free == null || free == Room.ENDLESS ? null : free;
        long sent = member.daily().used();
        Aside aside = member.aside();
        if (aside != null && isAside(member)) {
            var state = aside.revoked() ? StorageAccount.State.REVOKED : StorageAccount.State.SET_ASIDE;
            return new StorageAccount(member.id(), state, bounded, sent, aside.until(), aside.reason());
        }
        if (sent >= DailyBytes.LIMIT) {
            return new StorageAccount(
                    member.id(),
                    StorageAccount.State.SET_ASIDE,
                    bounded,
                    sent,
                    member.daily().free(),
                    reasonOfDay(member));
        }
        return new StorageAccount(member.id(), StorageAccount.State.READY, bounded, sent, null, null);
    }

    @Override
    public StorageAccount connect(String grant) {
        OAuthClient known = client;
        if (known == null) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "storage \"" + storage + "\" has no client: set storages." + storage
                            + ".client-id and client-secret");
        }
        Quota.Told told = calls.told(
                "connect an account", () -> quota.ask(user(known, "that is to be connected", grant), new StopToken()));
        String id = told.account();
        if (id.isBlank() || id.matches(".*\\s.*")) {
            throw new ProblemException(ErrorCode.UPSTREAM_REFUSED, "Google does not say which account that is");
        }
        if (locked(() -> members.containsKey(id) && member(id).connected() == null)) {
            throw new ProblemException(
                    ErrorCode.CONFLICT, "account " + id + " belongs to storage \"" + storage + "\" by its key file");
        }
        rows.connect(id, supplies.vault().seal(context(id), grant), now());
        reading.join(this::readAll, new StopToken());
        log.info("account {} is connected to storage {}", id, storage);
        return locked(() -> {
            member(id).room().told(told.free(), now());
            return standing(member(id));
        });
    }

    @Override
    public void disconnect(String account) {
        reread();
        if (locked(() -> members.containsKey(account) && member(account).connected() == null)) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "account " + account + " is there by its key file: take that out of storages." + storage
                            + ".credentials");
        }
        if (!rows.disconnect(account)) {
            throw new ProblemException(
                    ErrorCode.NOT_FOUND, "there is no account " + account + " in storage \"" + storage + "\"");
        }
        reading.join(this::readAll, new StopToken());
        log.info("account {} is connected to storage {} no more", account, storage);
    }

    @Override
    public void close() {
        Consumer<Member> settle = member -> {
            try {
                member.daily().settle();
            } catch (ProblemException e) {
                log.warn("account {} has counted up to {} bytes too much", member.id(), DailyBytes.STEP, e);
            }
        };
        locked(() -> List.copyOf(members.values())).forEach(settle);
    }

    /// An account as an upload has it, or a look: its credentials may be replaced meanwhile.
    private final class Chosen implements Account {
        private final String id;
        private final @Nullable String upload;

        Chosen(String id, @Nullable String upload) {
            this.id = id;
            this.upload = upload;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public String token(StopToken stop) {
            Member member = member(id);
            try {
                return member.credentials().token(stop);
            } catch (ProblemException e) {
                if (e.code() == ErrorCode.UPSTREAM_REFUSED) {
                    boolean revoked = member.connected() != null && GoogleAccount.isRevoked(e);
                    Instant until = revoked ? null : now().plus(RETRY);
                    AccountPool.this.setAside(
                            member, new Aside(now(), until, e.problem().message()));
                }
                throw e;
            }
        }

        @Override
        public void refused(String token) {
            member(id).credentials().refused(token);
        }

        @Override
        public void sending(long bytes) {
            Member member = member(id);
            member.daily().take(bytes);
            locked(() -> member.room().sent(upload, bytes));
        }

        @Override
        public void setAside(ProblemException why, @Nullable Instant until) {
            Instant again = until == null ? now().plus(RETRY) : until;
            AccountPool.this.setAside(
                    member(id), new Aside(now(), again, why.problem().message()));
        }
    }
}
