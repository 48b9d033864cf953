package dev.sluice.app;

import dev.sluice.accounts.AccountSettings;
import dev.sluice.accounts.Accounts;
import dev.sluice.accounts.Issuer;
import dev.sluice.categories.Categorizer;
import dev.sluice.cloud.Patience;
import dev.sluice.core.DebtPayer;
import dev.sluice.core.Engine;
import dev.sluice.core.EngineSettings;
import dev.sluice.core.EventLog;
import dev.sluice.core.Ids;
import dev.sluice.core.Insight;
import dev.sluice.core.Job;
import dev.sluice.core.JobStore;
import dev.sluice.core.Observer;
import dev.sluice.core.Owner;
import dev.sluice.core.Progress;
import dev.sluice.db.Database;
import dev.sluice.download.DownloadSettings;
import dev.sluice.download.Downloads;
import dev.sluice.files.Operations;
import dev.sluice.imports.ImportSettings;
import dev.sluice.imports.Imports;
import dev.sluice.imports.Ledger;
import dev.sluice.notify.Notifications;
import dev.sluice.notify.NotifySettings;
import dev.sluice.realtime.Frames;
import dev.sluice.realtime.Hub;
import dev.sluice.realtime.HubSettings;
import dev.sluice.scan.ScanSettings;
import dev.sluice.scan.Scanning;
import dev.sluice.state.State;
import dev.sluice.storage.Deposit;
import dev.sluice.storage.Storage;
import dev.sluice.storage.Storages;
import dev.sluice.upload.Tails;
import dev.sluice.upload.UploadSettings;
import dev.sluice.upload.Uploads;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All the parts of one node, put together: the only place where they are.
public final class Sluice implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Sluice.class);
    private static final Duration TRIM = Duration.ofMinutes(1);
    /// How long a correction waits for an import to end.
    private static final Duration LEDGER_PATIENCE = Duration.ofMinutes(1);

    private final Settings settings;
    private final Instant since;
    private final State state;
    private final Clouds clouds;
    private final Storages storages;
    private final Engine engine;
    private final Uploads uploads;
    private final Downloads downloads;
    private final @Nullable URI publicUrl;
    private final Operations operations;
    private final Ledger ledger;
    private final Imports imports;
    private final Tails tails;
    private final Later<Accounts> accounts;
    private final Later<Notifications> notifications;
    private final Hub hub;
    private final Metrics metrics;
    private final ScheduledExecutorService trimmer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("trimmer").factory());

    /// Opens database and storages, takes over what a predecessor left, and begins to work.
    ///
    /// @param frames how watchers' messages are written
    /// @throws ConfigurationException where a storage is not as it must be
    /// @throws dev.sluice.core.ProblemException `state_unavailable` where the database cannot be used
    public static Sluice open(DataFolder folder, Settings settings, Frames frames) {
        return open(folder, settings, frames, StorageKind.ALL);
    }

    /// Opens them with storages of other kinds.
    ///
    /// @param kinds by the name that settings call them
    public static Sluice open(DataFolder folder, Settings settings, Frames frames, Map<String, StorageKind> kinds) {
        return new Sluice(folder, settings, frames, kinds);
    }

    private Sluice(DataFolder folder, Settings settings, Frames frames, Map<String, StorageKind> kinds) {
        var clock = Clock.systemUTC();
        var ids = new Ids(clock);
        this.settings = settings;
        this.since = clock.instant();
        this.publicUrl = ConfiguredDownloads.publicUrl(settings.server());
        DownloadSettings downloadSettings = ConfiguredDownloads.of(settings, folder.path());
        ImportSettings importSettings = ConfiguredImports.of(settings.imports());
        ScanSettings scanSettings = ConfiguredImports.of(settings.scan());
        NotifySettings notifySettings = ConfiguredNotifications.of(settings.notifications());
        Database database = database(folder.path(), settings.state());
        try {
            clouds = new Clouds(folder.keptTails(), folder.key(), settings, Patience.STANDARD, () -> database);
            storages = new Storages(storages(folder.path(), settings, kinds, clouds), settings.storage());
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
        var engineSettings = EngineSettings.defaults(
                folder.path().toString(), settings.upload().patience());
        state = State.open(
                database,
                clock,
                ids,
                new State.Settings(
                        Set.of(Uploads.KIND),
                        settings.state().eventAge(),
                        settings.state().eventCount(),
                        engineSettings.lease()));
        hub = new Hub(state.events(), state.jobs(), frames, clock, hubSettings(settings.websocket()));
        metrics = new Metrics();
        ledger = new Ledger(() -> ledgerDatabase(folder.path(), settings.state()));
        engine = new Engine(
                state.jobs(),
                state.debts(),
                state.nodes(),
                payers(folder),
                new Watching(hub, metrics, this::cancelled),
                clock,
                ids,
                engineSettings);
        accounts = new Later<>(() -> accounts(database, clock, ids, folder.path()), Accounts::close);
        notifications = new Later<>(() -> notifications(database, clock, ids, notifySettings), Notifications::close);
        engine.limit(new OwnerQuotas(state.jobs(), settings.limits(), clock));
        uploads = new Uploads(engine, storages, ids, uploadSettings(settings.upload()));
        tails = Tails.in(folder.tails(), settings.upload().unverified().bytes());
        metrics.follow(state, uploads, hub);
        downloads = new Downloads(engine, storages, ids, downloadSettings, clouds::vault);
        operations = new Operations(engine, folder.operations(), ids);
        imports = new Imports(
                engine,
                ledger,
                folder.imports(),
                ids,
                clock,
                importSettings,
                new Scanning(scanSettings),
                Categorizer::load);
        imports.sweep();
        engine.start(uploads.composer(), downloads.runner(), operations.runner(), imports.runner());
        var unused = trimmer.scheduleWithFixedDelay(this::trim, TRIM.toSeconds(), TRIM.toSeconds(), TimeUnit.SECONDS);
    }

    private Accounts accounts(Database database, Clock clock, Ids ids, Path folder) {
        Settings.Auth auth = settings.auth();
        return Accounts.open(
                database,
                clock,
                ids,
                new AccountSettings(auth.sessionAge(), auth.sessionLimit(), auth.freeFailures(), auth.auditAge()),
                HexFormat.of().parseHex(sign("tickets", "key")),
                sign("nodes", host() + ":" + folder));
    }

    private Notifications notifications(Database database, Clock clock, Ids ids, NotifySettings tuned) {
        return Notifications.open(
                new Notifications.Ground(
                        database, state.events(), state.jobs(), clock, ids, clouds::vault, this::isTold),
                tuned);
    }

    /// Who is disabled is told nothing; nor are guests, whom nobody knows.
    private boolean isTold(Owner owner) {
        return settings.auth().mode() != AuthMode.ACCOUNTS
                || owner.equals(Owner.LOCAL)
                || accounts.open()
                        .users()
                        .find(owner.name())
                        .filter(user -> user.disabled() == null)
                        .isPresent();
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            log.debug("this machine has no name", e);
            return "localhost";
        }
    }

    private Map<String, DebtPayer> payers(DataFolder folder) {
        var payers = new HashMap<>(Deposit.payers(storages));
        payers.putAll(Downloads.payers());
        payers.putAll(Operations.payers(folder.operations(), state.jobs()));
        payers.putAll(Imports.payers(ledger, folder.imports()));
        return payers;
    }

    private static Map<String, Storage> storages(
            Path folder, Settings settings, Map<String, StorageKind> kinds, Clouds clouds) {
        ConfiguredStorage.requireDefault(settings);
        var storages = new HashMap<String, Storage>();
        settings.storages().forEach((name, storage) -> {
            var site = new StorageKind.Site(folder, name, clouds);
            storages.put(name, StorageKind.named(name, storage, kinds).open(site, storage));
        });
        return storages;
    }

    static Database database(Path folder, Settings.State state) {
        return server(state).orElseGet(() -> Database.sqlite(DataFolder.database(folder)));
    }

    /// Imported rows lie apart from the state, so that a long transaction of an import delays nobody.
    private static Database ledgerDatabase(Path folder, Settings.State state) {
        return server(state).orElseGet(() -> Database.sqlite(DataFolder.ledger(folder), LEDGER_PATIENCE));
    }

    private static Optional<Database> server(Settings.State state) {
        return state.url()
                .map(url -> Database.postgres(
                        url, state.user().orElse("postgres"), state.password().orElse("")));
    }

    /// Looks whether the database answers, where it is a server; nothing is made in it.
    ///
    /// @return what and where it is; nothing where the state is kept in the data folder
    /// @throws dev.sluice.core.ProblemException `state_unavailable` where it cannot be used
    public static Optional<String> reach(Settings.State state) {
        return server(state).map(database -> {
            try (database) {
                return database.place();
            }
        });
    }

    private static HubSettings hubSettings(Settings.Websocket websocket) {
        HubSettings standard = HubSettings.DEFAULT;
        return new HubSettings(
                Math.toIntExact(websocket.outbox().bytes()),
                websocket.writeTimeout(),
                websocket.heartbeat(),
                standard.snapshotPart(),
                standard.recent(),
                standard.jobsPerWatcher(),
                standard.drainBatch(),
                standard.drainPause());
    }

    private static UploadSettings uploadSettings(Settings.Upload upload) {
        return new UploadSettings(
                upload.maxSize().bytes(),
                upload.maxFiles(),
                lowerCase(upload.blockedExtensions()),
                lowerCase(upload.blockedTypes()),
                upload.lostPatience(),
                upload.patience());
    }

    private static Set<String> lowerCase(List<String> words) {
        return words.stream().map(word -> word.strip().toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    }

    /// Passes on what the engine does: progress to those who watch, all of it to the meters.
    private record Watching(Hub hub, Metrics metrics, Consumer<Job> whenCancelled) implements Observer {
        @Override
        public void progress(List<Progress> moved) {
            hub.tick(moved);
        }

        @Override
        public void cancelled(Cancelled cancelled) {
            metrics.cancelled(cancelled);
            whenCancelled.accept(cancelled.job());
        }

        @Override
        public void debtPaid(dev.sluice.core.Debt debt) {
            metrics.debtPaid(debt);
        }

        @Override
        public void debtUnpaid(dev.sluice.core.Debt debt, Exception why) {
            metrics.debtUnpaid(debt);
        }
    }

    private void cancelled(Job job) {
        imports.cancelled(job);
    }

    private void trim() {
        try {
            state.events().trim();
            imports.sweep();
            accounts.ifOpen(Accounts::trim);
            notifications.ifOpen(Notifications::trim);
        } catch (RuntimeException e) {
            log.warn("what is old could not be dropped and stays until the next try", e);
        }
    }

    public Settings settings() {
        return settings;
    }

    /// When this node began.
    public Instant since() {
        return since;
    }

    public Engine engine() {
        return engine;
    }

    public JobStore jobs() {
        return state.jobs();
    }

    public EventLog events() {
        return state.events();
    }

    /// What the jobs tell together that ended since then.
    ///
    /// @param owner whose jobs count; null: all
    public Insight insight(Instant since, @Nullable Owner owner) {
        return state.insight(since, owner);
    }

    public long debts() {
        return state.debts().count();
    }

    public Uploads uploads() {
        return uploads;
    }

    public Downloads downloads() {
        return downloads;
    }

    /// The address under which others reach this node, without a slash at its end, where the settings say it.
    public Optional<URI> publicUrl() {
        return Optional.ofNullable(publicUrl);
    }

    /// A word that only who has this node's key can make of that text, for links that grant a right.
    public String sign(String context, String text) {
        return clouds.vault().sign(context, text);
    }

    /// Users, sessions and what belongs to them; their tables are made when this is first called.
    public Accounts accounts() {
        return accounts.open();
    }

    /// Webhooks and Web Push; from the first call on, what ends is told.
    public Notifications notifications() {
        return notifications.open();
    }

    /// Who else vouches for users; nothing where nobody does. It is the caller's to close.
    ///
    /// @throws ConfigurationException where a setting cannot be
    public Optional<Issuer> issuer() {
        return ConfiguredIssuer.of(settings.auth().oidc())
                .map(issuer -> accounts().issuer(issuer));
    }

    public Operations operations() {
        return operations;
    }

    public Imports imports() {
        return imports;
    }

    /// Where chunks lie until their checksum is verified.
    public Tails tails() {
        return tails;
    }

    public Storages storages() {
        return storages;
    }

    public Hub hub() {
        return hub;
    }

    public Metrics metrics() {
        return metrics;
    }

    /// Asks all clients and watchers to come back elsewhere and waits until they have let go.
    public void drain() {
        engine.drain(settings.server().drainTimeout());
        try {
            hub.drain();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Drains and gives everything back.
    @Override
    public void close() {
        trimmer.shutdownNow();
        try (ledger;
                state;
                accounts;
                notifications;
                clouds;
                storages;
                hub) {
            engine.close();
        }
    }
}
