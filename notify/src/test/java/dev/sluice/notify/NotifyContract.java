package dev.sluice.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.core.BatchId;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Change;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.EventType;
import dev.sluice.core.Ids;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.JobStore.NewBatch;
import dev.sluice.core.Kind;
import dev.sluice.core.NewJob;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Reachable;
import dev.sluice.core.Stage;
import dev.sluice.core.StagePlan;
import dev.sluice.db.Database;
import dev.sluice.secrets.Vault;
import dev.sluice.state.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What notifications promise on either database.
@Timeout(120)
abstract class NotifyContract {
    static final Duration PATIENCE = Duration.ofSeconds(30);
    static final Owner ANNA = new Owner("anna");
    static final Owner BERT = new Owner("bert");
    private static final Set<JobEnd> ALL = EnumSet.allOf(JobEnd.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Waits that tests can wait for.
    static final NotifySettings SETTINGS = new NotifySettings(
            List.of("127.0.0.0/8"),
            "mailto:ops@example.org",
            Duration.ofSeconds(10),
            Duration.ofMillis(50),
            Duration.ofMillis(200),
            Duration.ofHours(1),
            Duration.ofDays(7));

    @SuppressWarnings("NullAway.Init")
    TestingReceiver receiver;

    @SuppressWarnings("NullAway.Init")
    Node node;

    abstract Database open();

    /// Where the key is that seals secrets.
    abstract Path keys();

    record Spec(String url) {}

    /// A node with its state, and what tells of it.
    final class Node implements AutoCloseable {
        final Database database;
        final State state;
        final Ids ids = new Ids(Clock.systemUTC());
        final Notifications notifications;

        Node(NotifySettings settings, Reachable reachable) {
            database = NotifyContract.this.open();
            state = State.open(database, Clock.systemUTC(), ids, State.Settings.defaults());
            notifications = Notifications.open(
                    new Notifications.Ground(
                            database,
                            state.events(),
                            state.jobs(),
                            Clock.systemUTC(),
                            ids,
                            () -> Vault.in(keys().resolve("key")),
                            owner -> !owner.name().equals("gone")),
                    settings,
                    reachable,
                    new SslContextFactory.Client());
        }

        JobId job(Owner owner, String kind, String name) {
            return job(owner, kind, name, null);
        }

        JobId job(Owner owner, String kind, String name, @Nullable BatchId batch) {
            var made = new NewJob(
                    ids.job(),
                    new Kind(kind),
                    name,
                    owner,
                    batch,
                    StagePlan.of(new Stage("transfer", 0, 100)),
                    new Spec("https://example.org"),
                    100L,
                    Duration.ofHours(1),
                    false,
                    null);
            state.jobs()
                    .submit(
                            List.of(made),
                            batch == null ? null : new NewBatch(batch, owner, new Kind(kind), false),
                            null,
                            Instant.now());
            return made.id();
        }

        void end(JobId job, JobEnd end) {
            Map<String, Object> members = end == JobEnd.FAILED
                    ? Map.of("error", Map.of("code", "disk_full", "message", "no room", "retryable", false))
                    : Map.of("bytes", 100);
            assertThat(state.jobs()
                            .change(Change.of(job, Instant.now(), JobState.PENDING)
                                    .to(JobState.RUNNING)))
                    .isPresent();
            assertThat(state.jobs()
                            .change(Change.of(job, Instant.now(), JobState.RUNNING)
                                    .to(JobState.valueOf(end.name()))
                                    .set(Change.Column.ENDED, Instant.now())
                                    .tell(EventType.valueOf(end.name()), members)))
                    .isPresent();
        }

        String ended(Owner owner, String kind, JobEnd end) {
            JobId job = job(owner, kind, "a " + kind);
            end(job, end);
            return job.value();
        }

        @Override
        public void close() {
            notifications.close();
            state.close();
        }
    }

    Node open(NotifySettings settings) {
        return new Node(settings, new Reachable(settings.networks(), NotifySettings.NETWORKS));
    }

    @BeforeEach
    void start() throws IOException {
        receiver = new TestingReceiver();
        node = open(SETTINGS);
    }

    @AfterEach
    void stop() {
        receiver.close();
        node.close();
    }

    Hooks.Made hook(Owner owner, String path) {
        return hook(owner, path, Set.of(), ALL);
    }

    private Hooks.Made hook(Owner owner, String path, Set<Kind> kinds, Set<JobEnd> ends) {
        return node.notifications.hooks().add(owner, new Hooks.Wish(receiver.url(path), kinds, ends));
    }

    private static void refused(ErrorCode code, ThrowingCallable act) {
        assertThatThrownBy(act)
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Delivery one(String target) {
        List<Delivery> all = node.notifications.deliveries().list(target, null, 10);
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    private Delivery becomes(String target, Delivery.State state) {
        await().atMost(PATIENCE).until(() -> {
            List<Delivery> all = node.notifications.deliveries().list(target, null, 10);
            return all.size() == 1 && all.getFirst().state() == state;
        });
        return one(target);
    }

    // ---- Webhooks

    @Test
    void anEndIsToldOnceAndSigned() {
        Hooks.Made made = hook(ANNA, "/told");
        JobId job = node.job(ANNA, "upload", "film.mp4");
        node.end(job, JobEnd.FAILED);
        Delivery delivered = becomes(made.hook().id(), Delivery.State.DELIVERED);
        assertThat(receiver.got()).hasSize(1);
        TestingReceiver.Got got = receiver.got().getFirst();
        assertThat(got.id()).isEqualTo(delivered.id());
        assertThat(got.isSignedWith(made.secret())).isTrue();
        assertThat(Instant.ofEpochSecond(Long.parseLong(got.header("webhook-timestamp"))))
                .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(5));
        assertThat(got.header("Content-Type")).isEqualTo("application/json");
        JsonNode message = json(got.text());
        assertThat(message.path("type").asText()).isEqualTo("job.failed");
        assertThat(Instant.parse(message.path("timestamp").asText())).isBefore(Instant.now());
        assertThat(message.at("/data/job").asText()).isEqualTo(job.value());
        assertThat(message.at("/data/kind").asText()).isEqualTo("upload");
        assertThat(message.at("/data/name").asText()).isEqualTo("film.mp4");
        assertThat(message.at("/data/event/error/code").asText()).isEqualTo("disk_full");
        assertThat(delivered.status()).isEqualTo(200);
        assertThat(delivered.attempts()).isEqualTo(1);
    }

    @Test
    void eachHearsOfWhatItsOwnerWantsOnly() {
        hook(ANNA, "/failed", Set.of(), Set.of(JobEnd.FAILED));
        hook(ANNA, "/imports", Set.of(new Kind("import")), ALL);
        hook(BERT, "/bert");
        String failed = node.ended(ANNA, "upload", JobEnd.FAILED);
        String imported = node.ended(ANNA, "import", JobEnd.COMPLETED);
        node.ended(ANNA, "download", JobEnd.CANCELLED);
        node.ended(new Owner("gone"), "download", JobEnd.CANCELLED);
        String last = node.ended(BERT, "upload", JobEnd.CANCELLED);
        await().atMost(PATIENCE).until(() -> receiver.got().size() >= 3);
        assertThat(receiver.at("/bert"))
                .singleElement()
                .satisfies(got -> assertThat(got.text()).contains(last));
        assertThat(receiver.at("/failed"))
                .singleElement()
                .satisfies(got -> assertThat(got.text()).contains(failed));
        assertThat(receiver.at("/imports"))
                .singleElement()
                .satisfies(got -> assertThat(got.text()).contains(imported));
    }

    @Test
    void whatEndedWhileNobodyReadIsToldAfterTheNextStartAndOnlyOnce() {
        String before = node.ended(ANNA, "upload", JobEnd.COMPLETED);
        String hook = hook(ANNA, "/later").hook().id();
        node.notifications.close();
        String ended = node.ended(ANNA, "upload", JobEnd.COMPLETED);
        node.state.close();
        for (int start = 0; start < 3; start++) {
            node = open(SETTINGS);
            assertThat(becomes(hook, Delivery.State.DELIVERED).job())
                    .isEqualTo(ended)
                    .isNotEqualTo(before);
            if (start < 2) {
                node.close();
            }
        }
        assertThat(receiver.got()).hasSize(1);
    }

    @Test
    void aReceiverThatFailsIsTriedAgainUnderTheSameIdWithTheSameBody() {
        receiver.answer(got -> new TestingReceiver.Reply(got.nth() < 4 ? 500 : 204, Map.of()));
        Hooks.Made made = hook(ANNA, "/again");
        node.ended(ANNA, "upload", JobEnd.COMPLETED);
        Delivery delivered = becomes(made.hook().id(), Delivery.State.DELIVERED);
        assertThat(delivered.attempts()).isEqualTo(4);
        assertThat(receiver.got()).hasSize(4).allSatisfy(got -> {
            assertThat(got.id()).isEqualTo(delivered.id());
            assertThat(got.text()).isEqualTo(receiver.got().getFirst().text());
            assertThat(got.isSignedWith(made.secret())).isTrue();
        });
    }

    @Test
    void whoAsksForTimeGetsIt() {
        receiver.answer(got -> got.nth() == 1
                ? new TestingReceiver.Reply(503, Map.of("Retry-After", "2"))
                : new TestingReceiver.Reply(200, Map.of()));
        String hook = hook(ANNA, "/busy").hook().id();
        node.ended(ANNA, "upload", JobEnd.COMPLETED);
        becomes(hook, Delivery.State.DELIVERED);
        List<TestingReceiver.Got> got = receiver.got();
        assertThat(got).hasSize(2);
        assertThat(Duration.between(got.get(0).at(), got.get(1).at())).isGreaterThanOrEqualTo(Duration.ofMillis(1900));
    }

    @Test
    void aReceiverThatIsGoneIsSwitchedOffAndGoesOnWhenItIsOnAgain() {
        receiver.answer(410);
        Hook hook = hook(ANNA, "/gone").hook();
        node.ended(ANNA, "upload", JobEnd.COMPLETED);
        Delivery failed = becomes(hook.id(), Delivery.State.FAILED);
        assertThat(failed.status()).isEqualTo(410);
        await().atMost(PATIENCE)
                .until(() ->
                        node.notifications.hooks().find(hook.id()).orElseThrow().off() != null);
        node.ended(ANNA, "upload", JobEnd.FAILED);
        String other = hook(ANNA, "/other").hook().id();
        receiver.answer(200);
        node.ended(ANNA, "upload", JobEnd.FAILED);
        becomes(other, Delivery.State.DELIVERED);
        assertThat(receiver.at("/gone")).hasSize(1);

        node.notifications.hooks().change(hook.id(), new Hooks.Wish(hook.url(), hook.kinds(), hook.ends()), true);
        node.ended(ANNA, "upload", JobEnd.CANCELLED);
        await().atMost(PATIENCE).until(() -> receiver.at("/gone").size() == 2);
        node.notifications.again(failed);
        await().atMost(PATIENCE).until(() -> receiver.at("/gone").size() == 3);
        assertThat(receiver.at("/gone").get(2).id()).isEqualTo(failed.id());
    }

    @Test
    void whatWaitsForAHookThatIsSwitchedOffIsHeld() {
        receiver.answer(500);
        Hook hook = hook(ANNA, "/held").hook();
        node.ended(ANNA, "upload", JobEnd.COMPLETED);
        await().atMost(PATIENCE).until(() -> !receiver.got().isEmpty());
        var wish = new Hooks.Wish(hook.url(), hook.kinds(), hook.ends());
        assertThat(node.notifications
                        .hooks()
                        .change(hook.id(), wish, false)
                        .orElseThrow()
                        .off())
                .contains("by hand");
        becomes(hook.id(), Delivery.State.HELD);
        receiver.answer(200);
        node.notifications.hooks().change(hook.id(), wish, true);
        node.notifications.wake();
        becomes(hook.id(), Delivery.State.DELIVERED);
    }

    @Test
    void whatIsTooOldIsGivenUpAndCanBeSentAgainByHand() {
        node.close();
        node = open(new NotifySettings(
                SETTINGS.networks(),
                SETTINGS.contact(),
                SETTINGS.timeout(),
                SETTINGS.firstWait(),
                SETTINGS.longestWait(),
                Duration.ofMillis(500),
                SETTINGS.kept()));
        receiver.answer(500);
        String hook = hook(ANNA, "/old").hook().id();
        node.ended(ANNA, "upload", JobEnd.COMPLETED);
        Delivery failed = becomes(hook, Delivery.State.FAILED);
        assertThat(failed.attempts()).isPositive();
        assertThat(failed.status()).isEqualTo(500);
        receiver.answer(200);
        node.notifications.again(failed);
        assertThat(becomes(hook, Delivery.State.DELIVERED).id()).isEqualTo(failed.id());
        assertThat(receiver.got()).extracting(TestingReceiver.Got::id).containsOnly(failed.id());
    }

    @Test
    void whatIsOnItsWayIsNotSentAgain() {
        receiver.answer(500);
        String hook = hook(ANNA, "/waits").hook().id();
        node.ended(ANNA, "upload", JobEnd.COMPLETED);
        await().atMost(PATIENCE).until(() -> !receiver.got().isEmpty());
        refused(ErrorCode.CONFLICT, () -> node.notifications.again(one(hook)));
    }

    @Test
    void receiversThatNeverAnswerDelayNobodyElse() {
        node.close();
        node = open(new NotifySettings(
                SETTINGS.networks(),
                SETTINGS.contact(),
                Duration.ofMinutes(5),
                SETTINGS.firstWait(),
                SETTINGS.longestWait(),
                SETTINGS.age(),
                SETTINGS.kept()));
        receiver.answer(got -> new TestingReceiver.Reply(got.path().startsWith("/slow") ? -1 : 200, Map.of()));
        for (int i = 0; i < 10; i++) {
            hook(ANNA, "/slow" + i);
        }
        hook(BERT, "/quick");
        IntStream.range(0, 20).forEach(i -> node.ended(ANNA, "upload", JobEnd.COMPLETED));
        await().atMost(PATIENCE).until(() -> receiver.got().size() == 8);
        IntStream.range(0, 5).forEach(i -> node.ended(BERT, "upload", JobEnd.COMPLETED));
        await().atMost(PATIENCE).until(() -> receiver.at("/quick").size() == 5);
        assertThat(receiver.got())
                .as("an owner has eight under way at the most")
                .hasSize(13);
    }

    @Test
    void redirectsAreNotFollowed() {
        receiver.answer(got -> new TestingReceiver.Reply(
                got.path().equals("/here") ? 302 : 200, Map.of("Location", receiver.url("/there"))));
        String hook = hook(ANNA, "/here").hook().id();
        node.ended(ANNA, "upload", JobEnd.COMPLETED);
        await().atMost(PATIENCE).until(() -> receiver.got().size() >= 2);
        assertThat(receiver.at("/there")).isEmpty();
        assertThat(one(hook).status()).isEqualTo(302);
    }

    @Test
    void addressesThatMustNotBeReachedAreNot() {
        Hooks hooks = node.notifications.hooks();
        for (String url : List.of(
                "http://10.0.0.1/x", "http://[::1]/x", "https://169.254.169.254/latest", "http://192.168.1.1:8080/")) {
            refused(ErrorCode.TARGET_REFUSED, () -> hooks.add(ANNA, new Hooks.Wish(url, Set.of(), ALL)));
        }
        for (String url : List.of(
                "ftp://example.org/x",
                "file:///etc/passwd",
                "/x",
                "http://",
                "https://a:b@example.org/",
                "https://x/#y",
                "no url")) {
            refused(ErrorCode.INVALID_REQUEST, () -> hooks.add(ANNA, new Hooks.Wish(url, Set.of(), ALL)));
        }
        refused(
                ErrorCode.INVALID_REQUEST,
                () -> hooks.add(ANNA, new Hooks.Wish("https://example.org/", Set.of(), Set.of())));
    }

    @Test
    void aNameThatLeadsToOurselvesIsNotCalled() {
        node.close();
        node = new Node(SETTINGS, new Reachable(List.of(), NotifySettings.NETWORKS, host ->
                new InetAddress[] {InetAddress.getLoopbackAddress()}));
        Hook hook = node.notifications
                .hooks()
                .add(ANNA, new Hooks.Wish(receiver.url("/x").replace("127.0.0.1", "rebound.example"), Set.of(), ALL))
                .hook();
        node.ended(ANNA, "upload", JobEnd.COMPLETED);
        await().atMost(PATIENCE)
                .until(() -> node.notifications.deliveries().list(hook.id(), null, 1).stream()
                        .anyMatch(one -> one.answer() != null));
        assertThat(one(hook.id()).answer()).contains("no public address", NotifySettings.NETWORKS);
        assertThat(receiver.got()).isEmpty();
    }

    @Test
    void aTestIsSentThoughNothingEnded() {
        Hooks.Made made = hook(ANNA, "/test");
        Delivery test = node.notifications.test(made.hook());
        becomes(made.hook().id(), Delivery.State.DELIVERED);
        node.notifications.test(made.hook());
        await().atMost(PATIENCE).until(() -> receiver.got().size() == 2);
        assertThat(receiver.got().getFirst().id()).isEqualTo(test.id());
        assertThat(receiver.got())
                .allSatisfy(got -> assertThat(got.isSignedWith(made.secret())).isTrue());
    }

    @Test
    void secretsAreSealedAndCanBeRenewed() {
        Hooks.Made made = hook(ANNA, "/secret");
        String stored = node.database.read(handle -> handle.createQuery("SELECT secret FROM hooks")
                .mapTo(String.class)
                .one());
        assertThat(stored).doesNotContain(made.secret().substring(6));
        String next =
                node.notifications.hooks().renew(made.hook().id()).orElseThrow().secret();
        assertThat(next).startsWith("whsec_").isNotEqualTo(made.secret());
        node.ended(ANNA, "upload", JobEnd.COMPLETED);
        becomes(made.hook().id(), Delivery.State.DELIVERED);
        assertThat(receiver.got().getFirst().isSignedWith(next)).isTrue();
        assertThat(receiver.got().getFirst().isSignedWith(made.secret())).isFalse();
    }

    @Test
    void hooksAreBoundedAndGoWithTheirDeliveries() {
        for (int i = 0; i < Hooks.MOST; i++) {
            hook(ANNA, "/" + i);
        }
        refused(ErrorCode.LIMIT_EXCEEDED, () -> hook(ANNA, "/more"));
        hook(BERT, "/bert");
        node.ended(ANNA, "upload", JobEnd.COMPLETED);
        await().atMost(PATIENCE).until(() -> receiver.got().size() == Hooks.MOST);
        for (Hook hook : node.notifications.hooks().list(ANNA)) {
            node.notifications.hooks().remove(hook.id());
            assertThat(node.notifications.deliveries().list(hook.id(), null, 10))
                    .isEmpty();
        }
        assertThat(node.notifications.hooks().list(ANNA)).isEmpty();
        assertThat(node.notifications.hooks().list(BERT)).hasSize(1);
    }

    @Test
    void deliveriesAreListedNewestFirstInPages() {
        String hook = hook(ANNA, "/pages").hook().id();
        for (int i = 0; i < 7; i++) {
            node.ended(ANNA, "upload", JobEnd.COMPLETED);
        }
        await().atMost(PATIENCE).until(() -> receiver.got().size() == 7);
        Deliveries deliveries = node.notifications.deliveries();
        List<Delivery> all = deliveries.list(hook, null, 100);
        List<Delivery> first = deliveries.list(hook, null, 4);
        List<Delivery> rest = deliveries.list(hook, first.getLast().id(), 4);
        assertThat(first)
                .extracting(Delivery::id)
                .isEqualTo(all.subList(0, 4).stream().map(Delivery::id).toList());
        assertThat(rest)
                .extracting(Delivery::id)
                .isEqualTo(all.subList(4, 7).stream().map(Delivery::id).toList());
    }

    @Test
    void aThousandEndsAtOnceAreAllToldOnce() {
        String hook = hook(ANNA, "/many").hook().id();
        BatchId batch = node.ids.batch();
        for (int i = 0; i < 1000; i++) {
            node.job(ANNA, "upload", "file " + i, batch);
        }
        node.state.jobs().cancelBatch(batch, CancelSource.BATCH_CANCEL, Instant.now());
        await().atMost(Duration.ofSeconds(90)).until(() -> receiver.at("/many").size() >= 1000);
        assertThat(receiver.at("/many"))
                .extracting(TestingReceiver.Got::id)
                .hasSize(1000)
                .doesNotHaveDuplicates();
        assertThat(hook).isNotEmpty();
    }

    @Test
    void whatIsOldIsForgotten() {
        node.close();
        node = open(new NotifySettings(
                SETTINGS.networks(),
                SETTINGS.contact(),
                SETTINGS.timeout(),
                SETTINGS.firstWait(),
                SETTINGS.longestWait(),
                Duration.ofMillis(1),
                Duration.ofMillis(1)));
        String hook = hook(ANNA, "/old").hook().id();
        node.ended(ANNA, "upload", JobEnd.COMPLETED);
        becomes(hook, Delivery.State.DELIVERED);
        await().atMost(PATIENCE).untilAsserted(() -> {
            node.notifications.trim();
            assertThat(node.notifications.deliveries().list(hook, null, 10)).isEmpty();
        });
    }

    // ---- Web Push

    @Test
    void aBrowserIsToldAndNobodyInBetweenReadsIt() throws IOException {
        try (var service = new TestingPushService()) {
            var browser = service.subscribe(node.notifications.publicKey());
            Device device = node.notifications.devices().add(ANNA, browser.subscription(), "Firefox on Linux");
            JobId job = node.job(ANNA, "download", "ä film, with a long name".repeat(100), null);
            node.end(job, JobEnd.FAILED);
            becomes(device.id(), Delivery.State.DELIVERED);
            assertThat(service.refusals()).isEmpty();
            JsonNode message = json(browser.messages().getFirst());
            assertThat(message.path("type").asText()).isEqualTo("job.failed");
            assertThat(message.at("/data/job").asText()).isEqualTo(job.value());
            assertThat(message.at("/data/error/code").asText()).isEqualTo("disk_full");
            assertThat(message.at("/data/name").asText()).startsWith("ä film").hasSizeLessThan(250);
            assertThat(node.notifications.test(device).type()).isEqualTo(Delivery.TEST);
            await().atMost(PATIENCE).until(() -> browser.messages().size() == 2);
            assertThat(service.refusals()).isEmpty();
        }
    }

    @Test
    void theKeyStaysTheSameAfterTheNextStart() throws IOException {
        String key = node.notifications.publicKey();
        try (var service = new TestingPushService()) {
            var browser = service.subscribe(key);
            node.notifications.devices().add(ANNA, browser.subscription(), "");
            node.close();
            node = open(SETTINGS);
            assertThat(node.notifications.publicKey()).isEqualTo(key);
            node.ended(ANNA, "upload", JobEnd.COMPLETED);
            await().atMost(PATIENCE).until(() -> browser.messages().size() == 1);
            assertThat(service.refusals()).isEmpty();
        }
    }

    @Test
    void aBrowserThatItsServiceDoesNotKnowAnyMoreIsForgotten() throws IOException {
        try (var service = new TestingPushService()) {
            for (int status : List.of(404, 410)) {
                var browser = service.subscribe(node.notifications.publicKey());
                node.notifications.devices().add(ANNA, browser.subscription(), "");
                browser.answer(status);
                node.ended(ANNA, "upload", JobEnd.COMPLETED);
                await().atMost(PATIENCE)
                        .until(() -> node.notifications.devices().list(ANNA).isEmpty());
            }
        }
    }

    @Test
    void aServiceThatIsBusyIsAskedAgainAndOneThatRefusesIsNot() throws IOException {
        try (var service = new TestingPushService()) {
            var busy = service.subscribe(node.notifications.publicKey());
            var refusing = service.subscribe(node.notifications.publicKey());
            busy.answer(503);
            refusing.answer(413);
            Device first = node.notifications.devices().add(ANNA, busy.subscription(), "");
            Device second = node.notifications.devices().add(ANNA, refusing.subscription(), "");
            node.ended(ANNA, "upload", JobEnd.COMPLETED);
            await().atMost(PATIENCE)
                    .until(() -> node.notifications.deliveries().list(first.id(), null, 1).stream()
                            .anyMatch(one -> one.attempts() >= 3));
            assertThat(becomes(second.id(), Delivery.State.FAILED).attempts()).isEqualTo(1);
        }
    }

    @Test
    void browsersHearOfWhatIsChosenByKindAndOfBatchesUnderOneTopic() throws IOException {
        try (var service = new TestingPushService()) {
            var browser = service.subscribe(node.notifications.publicKey());
            node.notifications.devices().add(ANNA, browser.subscription(), "");
            node.notifications
                    .choices()
                    .choose(ANNA, Map.of(new Kind("upload"), Set.of(), new Kind("import"), Set.of(JobEnd.CANCELLED)));
            node.ended(ANNA, "upload", JobEnd.COMPLETED);
            node.ended(ANNA, "import", JobEnd.COMPLETED);
            node.ended(ANNA, "download", JobEnd.CANCELLED);
            node.ended(BERT, "download", JobEnd.COMPLETED);
            String cancelled = node.ended(ANNA, "import", JobEnd.CANCELLED);
            BatchId batch = node.ids.batch();
            for (int i = 0; i < 2; i++) {
                node.end(node.job(ANNA, "download", "file " + i, batch), JobEnd.COMPLETED);
            }
            await().atMost(PATIENCE).until(() -> browser.messages().size() >= 3);
            assertThat(browser.messages()).hasSize(3).anyMatch(text -> text.contains(cancelled));
            assertThat(browser.topics().stream().distinct().toList())
                    .as("one of the batch, none of the import")
                    .hasSize(2)
                    .contains("null");
            assertThat(node.notifications.choices().of(ANNA))
                    .isEqualTo(Map.of(new Kind("upload"), Set.of(), new Kind("import"), Set.of(JobEnd.CANCELLED)));
        }
    }

    @Test
    void aBrowserBelongsToWhoeverUsesItLast() throws IOException {
        try (var service = new TestingPushService()) {
            var browser = service.subscribe(node.notifications.publicKey());
            Device anna = node.notifications.devices().add(ANNA, browser.subscription(), "one");
            Device bert = node.notifications.devices().add(BERT, browser.subscription(), "two");
            assertThat(bert.id()).isEqualTo(anna.id());
            assertThat(node.notifications.devices().list(ANNA)).isEmpty();
            assertThat(node.notifications.devices().list(BERT)).containsExactly(bert);
            String stored = node.database.read(handle -> handle.createQuery("SELECT sealed || endpoint FROM devices")
                    .mapTo(String.class)
                    .one());
            assertThat(stored).doesNotContain("127.0.0.1");
        }
    }

    @Test
    void endpointsThatAreNotSafeAreRefused() throws IOException {
        try (var service = new TestingPushService()) {
            Subscription good =
                    service.subscribe(node.notifications.publicKey()).subscription();
            for (String endpoint :
                    List.of("http://push.example.org/x", "https://a@push.example.org/", "push", "https:")) {
                refused(
                        ErrorCode.INVALID_REQUEST,
                        () -> node.notifications
                                .devices()
                                .add(ANNA, new Subscription(endpoint, good.p256dh(), good.auth()), ""));
            }
            refused(
                    ErrorCode.TARGET_REFUSED,
                    () -> node.notifications
                            .devices()
                            .add(ANNA, new Subscription("https://10.1.2.3/x", good.p256dh(), good.auth()), ""));
        }
    }
}
