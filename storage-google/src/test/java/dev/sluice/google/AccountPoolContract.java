package dev.sluice.google;

import static dev.sluice.google.Pools.GO;
import static dev.sluice.google.Pools.MIB;
import static dev.sluice.google.Pools.standing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.db.Database;
import dev.sluice.fakes.Fault;
import dev.sluice.fakes.Reason;
import dev.sluice.fakes.Step;
import dev.sluice.storage.ObjectSpec;
import dev.sluice.storage.StorageAccount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What holds on either database.
abstract class AccountPoolContract {
    private static final String ANN = "ann@example.com";
    private static final String BOB = "bob@example.com";
    private static final String CAT = "cat@example.com";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @SuppressWarnings("NullAway.Init")
    Pools pools;

    abstract Database database();

    @BeforeEach
    void open() {
        pools = new Pools(this::database, folder);
    }

    @AfterEach
    void close() {
        pools.close();
    }

    private void room(String account, long mib) {
        pools.drive.account(account).storage(mib * MIB);
    }

    // ------------------------------------------------------------ room

    @Test
    void anUploadGoesWithTheAccountThatHasTheMostRoom() {
        room(ANN, 100);
        room(BOB, 300);
        room(CAT, 200);
        AccountPool pool = pools.open(ANN, BOB, CAT);
        assertThat(pool.reserve("u1", 10 * MIB, GO).id()).isEqualTo(BOB);
        assertThat(pool.reserve("u2", 150 * MIB, GO).id()).isEqualTo(BOB);
        assertThat(pool.reserve("u3", 150 * MIB, GO).id()).isEqualTo(CAT);
        assertThat(pool.reserve("u4", 130 * MIB, GO).id()).isEqualTo(BOB);
    }

    @Test
    void tenUploadsAtOnceDoNotAllChooseTheSame() throws Exception {
        room(ANN, 100);
        room(BOB, 100);
        AccountPool pool = pools.open(ANN, BOB);
        var uploads = new ArrayList<Callable<String>>();
        for (int n = 0; n < 10; n++) {
            String upload = "u" + n;
            uploads.add(() -> pool.reserve(upload, 20 * MIB, GO).id());
        }
        var chosen = new ArrayList<String>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var each : threads.invokeAll(uploads)) {
                chosen.add(each.get());
            }
        }
        assertThat(chosen).filteredOn(ANN::equals).hasSize(5);
        assertThat(chosen).filteredOn(BOB::equals).hasSize(5);
        assertThatThrownBy(() -> pool.reserve("u10", 20 * MIB, GO))
                .isInstanceOf(ProblemException.class)
                .hasMessageStartingWith("quota_exceeded")
                .hasMessageContaining(ANN + " has room for 0 bytes")
                .hasMessageContaining(BOB + " has room for 0 bytes")
                .hasMessageContaining("sluice storage connect drive");
        pool.release("u3");
        assertThat(pool.reserve("u10", 20 * MIB, GO).id()).isEqualTo(chosen.get(3));
    }

    @Test
    void roomIsAskedForOnlyEveryFewMinutesAndWhatWasSentSinceIsTakenOff() {
        room(ANN, 100);
        room(BOB, 90);
        AccountPool pool = pools.open(ANN, BOB);
        Account first = pool.reserve("u1", ObjectSpec.UNKNOWN, GO);
        assertThat(first.id()).isEqualTo(ANN);
        first.sending(60 * MIB);
        pool.release("u1");
        for (int n = 0; n < 5; n++) {
            assertThat(pool.reserve("u2", 1, GO).id()).isEqualTo(BOB);
        }
        assertThat(pools.drive.calls().of(Step.ABOUT)).hasSize(2);
        pools.clock.pass(Duration.ofMinutes(6));
        // Nothing of it was kept.
        assertThat(pool.reserve("u2", 1, GO).id()).isEqualTo(ANN);
        assertThat(pools.drive.calls().of(Step.ABOUT)).hasSize(4);
    }

    @Test
    void whatAnUploadUnderWayHasSentIsTakenOffAlsoWhenRoomIsAskedForAgain() {
        room(ANN, 100);
        room(BOB, 60);
        AccountPool pool = pools.open(ANN, BOB);
        Account by = pool.reserve("u1", 80 * MIB, GO);
        by.sending(70 * MIB);
        pools.clock.pass(Duration.ofMinutes(6));
        assertThat(pool.reserve("u2", 30 * MIB, GO).id()).isEqualTo(BOB);
        assertThat(standing(pool, ANN).free()).isEqualTo(20 * MIB);
    }

    @Test
    void aSharedDriveTakesNobodysRoom() {
        room(ANN, 1);
        pools.shared = pools.drive.sharedDrive("Team", pools.drive.account(ANN));
        AccountPool pool = pools.open(ANN);
        assertThat(pool.reserve("u1", 500 * MIB, GO).id()).isEqualTo(ANN);
        assertThat(standing(pool, ANN).free()).isNull();
        assertThat(pools.drive.calls().of(Step.ABOUT)).isEmpty();
    }

    @Test
    void whoDoesNotAnswerIsTheLastChoiceAndIsAskedAgainSoon() {
        room(ANN, 100);
        room(BOB, 1);
        AccountPool pool = pools.open(ANN, BOB);
        pools.drive.faults().next(Step.ABOUT, 2, new Fault.Refuse(Reason.UNAVAILABLE));
        assertThat(pool.reserve("u1", 10, GO).id()).isEqualTo(ANN);
        pools.clock.pass(Duration.ofSeconds(31));
        assertThat(pool.reserve("u2", 10, GO).id()).isEqualTo(ANN);
        assertThat(standing(pool, ANN).free()).isEqualTo(100 * MIB - 20);
    }

    @Test
    void aStorageWithoutAccountsSaysHowToConnectOne() {
        assertThatThrownBy(() -> pools.open().reserve("u1", 1, GO))
                .hasMessageContaining("has no account")
                .hasMessageContaining("`sluice storage connect drive`");
    }

    // ------------------------------------------------------------ a day's bytes

    @Test
    void whoHasSentWhatADayAllowsIsPassedOverUntilTheHoursHavePassedAlsoAfterARestart() {
        room(ANN, 1_000_000_000);
        room(BOB, 1000);
        AccountPool pool = pools.open(ANN, BOB);
        pool.reserve("u1", 1, GO).sending(DailyBytes.LIMIT - 5);
        pool.release("u1");
        assertThat(pool.reserve("u2", 10, GO).id()).isEqualTo(BOB);
        assertThat(pool.reserve("u2", 100_000 * MIB, GO).id())
                .as("what Google takes to its end")
                .isEqualTo(ANN);
        pool.named(ANN).sending(5);
        assertThatThrownBy(() -> pool.reserve("u3", 100_000 * MIB, GO))
                .hasMessageStartingWith("quota_exceeded")
                .hasMessageContaining(ANN + " not before ")
                .hasMessageContaining("750000000000");
        pool.close();

        AccountPool next = pools.open(ANN, BOB);
        assertThat(next.reserve("u4", 1, GO).id()).isEqualTo(BOB);
        StorageAccount ann = standing(next, ANN);
        assertThat(ann.state()).isEqualTo(StorageAccount.State.SET_ASIDE);
        assertThat(ann.sentToday()).isEqualTo(DailyBytes.LIMIT);
        assertThat(ann.until())
                .isBetween(
                        pools.clock.instant().plus(Duration.ofHours(23)),
                        pools.clock.instant().plus(Duration.ofHours(25)));
        pools.clock.set(java.util.Objects.requireNonNull(ann.until()).minusSeconds(1));
        assertThat(next.reserve("u4", 1, GO).id()).isEqualTo(BOB);
        pools.clock.pass(Duration.ofSeconds(10));
        assertThat(next.reserve("u4", 1, GO).id()).isEqualTo(ANN);
        assertThat(standing(next, ANN).sentToday()).isZero();
    }

    @Test
    void bytesAreCountedBeforeTheyAreSentSoThatACrashCountsTooMuchAtTheMost() {
        AccountPool crashed = pools.open(ANN);
        crashed.reserve("u1", 10 * MIB, GO).sending(3);
        crashed.reserve("u1", 10 * MIB, GO).sending(7);
        assertThat(standing(crashed, ANN).sentToday()).isEqualTo(10);
        AccountPool next = pools.open(ANN);
        assertThat(standing(next, ANN).sentToday()).isBetween(10L, 10 + DailyBytes.STEP);
        next.named(ANN).sending(2 * DailyBytes.STEP);
        next.close();
        crashed.close();
        assertThat(standing(pools.open(ANN), ANN).sentToday()).isEqualTo(10 + 2 * DailyBytes.STEP);
    }

    @Test
    void severalNodesCountTogether() throws Exception {
        AccountPool one = pools.open(ANN);
        AccountPool two = pools.open(ANN);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var sending = new ArrayList<Callable<Boolean>>();
            for (int n = 0; n < 40; n++) {
                AccountPool pool = n % 2 == 0 ? one : two;
                sending.add(() -> {
                    pool.named(ANN).sending(8 * MIB);
                    return true;
                });
            }
            for (var each : threads.invokeAll(sending)) {
                assertThat(each.get()).isTrue();
            }
        }
        one.close();
        two.close();
        assertThat(standing(pools.open(ANN), ANN).sentToday()).isEqualTo(320 * MIB);
    }

    // ------------------------------------------------------------ set aside

    @Test
    void whoIsOverALimitIsSetAsideForAWhileAlsoAfterARestartAndIsTalkedOfOnce() {
        room(ANN, 200);
        room(BOB, 100);
        AccountPool pool = pools.open(ANN, BOB);
        Account by = pool.reserve("u1", 1, GO);
        var why =
                new ProblemException(ErrorCode.QUOTA_EXCEEDED, "403 userRateLimitExceeded (User rate limit exceeded.)");
        var until = pools.clock.instant().plus(Duration.ofDays(1));
        by.setAside(why, until);
        by.setAside(why, until);
        assertThat(pool.reserve("u1", 1, GO).id()).isEqualTo(BOB);
        assertThat(pool.named(ANN).id()).as("what it has begun goes on").isEqualTo(ANN);
        assertThat(pools.said())
                .filteredOn(line -> line.contains("is set aside"))
                .singleElement()
                .asString()
                .startsWith("WARN account " + ANN)
                .contains("User rate limit exceeded.");

        AccountPool next = pools.open(ANN, BOB);
        StorageAccount ann = standing(next, ANN);
        assertThat(ann.state()).isEqualTo(StorageAccount.State.SET_ASIDE);
        assertThat(ann.reason()).contains("User rate limit exceeded.");
        assertThat(ann.until())
                .isCloseTo(until, org.assertj.core.api.Assertions.within(1, java.time.temporal.ChronoUnit.MILLIS));
        assertThatThrownBy(() -> next.reserve("u2", 150 * MIB, GO))
                .hasMessageStartingWith("quota_exceeded")
                .hasMessageContaining(ANN + " not before")
                .hasMessageContaining(BOB + " has room for");
        pools.clock.pass(Duration.ofHours(25));
        assertThat(next.reserve("u2", 150 * MIB, GO).id()).isEqualTo(ANN);
        assertThat(standing(next, ANN).state()).isEqualTo(StorageAccount.State.READY);
        assertThat(pools.said()).anyMatch(line -> line.contains("that may be used again: " + ANN));
    }

    @Test
    void whoeverLooksOrReadsIsHeldUpByNoLimit() {
        AccountPool pool = pools.open(ANN);
        pool.named(ANN).setAside(new ProblemException(ErrorCode.QUOTA_EXCEEDED, "full"), null);
        assertThat(pool.any(GO).id()).isEqualTo(ANN);
        assertThatThrownBy(() -> pool.reserve("u1", 1, GO)).hasMessageStartingWith("quota_exceeded");
    }

    @Test
    void anAccountThatWasRevokedIsSetAsideUntilItIsConnectedAnew() {
        room(ANN, 200);
        room(BOB, 100);
        AccountPool pool = pools.open(BOB);
        StorageAccount connected = pool.connect(pools.drive.account(ANN).refreshToken());
        assertThat(connected.account()).isEqualTo(ANN);
        assertThat(connected.free()).isEqualTo(200 * MIB);
        assertThat(pool.reserve("u1", 1, GO).id()).isEqualTo(ANN);

        pools.drive.account(ANN).revoke();
        pools.clock.pass(Duration.ofHours(2));
        assertThat(pool.reserve("u1", 1, GO).id()).isEqualTo(BOB);
        AccountPool next = pools.open(BOB);
        StorageAccount ann = standing(next, ANN);
        assertThat(ann.state()).isEqualTo(StorageAccount.State.REVOKED);
        assertThat(ann.until()).isNull();
        assertThat(ann.reason()).contains("invalid_grant");
        pools.clock.pass(Duration.ofDays(30));
        assertThatThrownBy(() -> next.reserve("u2", 150 * MIB, GO)).hasMessageContaining(ANN + " to be connected anew");

        pools.drive.account(ANN).restore();
        assertThat(next.connect(pools.drive.account(ANN).refreshToken()).state())
                .isEqualTo(StorageAccount.State.READY);
        assertThat(next.reserve("u2", 150 * MIB, GO).id()).isEqualTo(ANN);
        pools.wait(pool);
        assertThat(standing(pool, ANN).state()).as("on the other node").isEqualTo(StorageAccount.State.READY);
    }

    @Test
    void aNodeWithTheOldTokenDoesNotSetAsideWhatAnotherHasConnectedAnew() {
        AccountPool one = pools.open();
        AccountPool two = pools.open();
        String old = pools.drive.account(ANN).refreshToken();
        one.connect(old);
        pools.wait(two);
        Account there = two.named(ANN);
        pools.clock.pass(Duration.ofSeconds(1));
        pools.drive.account(ANN).revoke();
        pools.drive.account(ANN).restore();
        revoke(old);
        one.connect(pools.drive.account(ANN).refreshToken());
        there.refused(there.token(GO));
        assertThatThrownBy(() -> there.token(GO)).hasMessageContaining("invalid_grant");
        assertThat(standing(two, ANN).state()).isEqualTo(StorageAccount.State.READY);
        assertThat(there.token(GO)).as("with the new one").startsWith("ya29.");
        assertThat(standing(one, ANN).state()).isEqualTo(StorageAccount.State.READY);
    }

    private void revoke(String token) {
        var http = java.net.http.HttpClient.newHttpClient();
        try (http) {
            var request = java.net.http.HttpRequest.newBuilder(java.net.URI.create(pools.drive.url() + "/revoke"))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(java.net.http.HttpRequest.BodyPublishers.ofString(
                            "token=" + java.net.URLEncoder.encode(token, java.nio.charset.StandardCharsets.UTF_8)))
                    .build();
            assertThat(http.send(request, java.net.http.HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(200);
        } catch (java.io.IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aServiceAccountThatIsRefusedIsTriedAgainAfterAWhile() {
        AccountPool pool = pools.open(ANN);
        pools.drive.account(ANN).revoke();
        assertThatThrownBy(() -> pool.reserve("u1", 1, GO)).hasMessageStartingWith("quota_exceeded");
        assertThat(standing(pool, ANN).state()).isEqualTo(StorageAccount.State.SET_ASIDE);
        pools.drive.account(ANN).restore();
        pools.clock.pass(Duration.ofMinutes(61));
        assertThat(pool.reserve("u1", 1, GO).id()).isEqualTo(ANN);
    }

    // ------------------------------------------------------------ connecting

    @Test
    void anAccountThatWasConnectedIsThereOnAllNodesAndGoneOnAllNodes() {
        AccountPool one = pools.open(BOB);
        AccountPool two = pools.open(BOB);
        assertThat(two.standing()).extracting(StorageAccount::account).containsExactly(BOB);
        one.connect(pools.drive.account(ANN).refreshToken());
        pools.wait(two);
        assertThat(two.standing()).extracting(StorageAccount::account).containsExactly(ANN, BOB);
        assertThat(two.named(ANN).token(GO)).startsWith("ya29.");
        two.disconnect(ANN);
        pools.wait(one);
        assertThat(one.standing()).extracting(StorageAccount::account).containsExactly(BOB);
        assertThatThrownBy(() -> one.named(ANN))
                .hasMessageStartingWith("upstream_refused")
                .hasMessageContaining("connect it again");
        assertThatThrownBy(() -> one.disconnect(ANN)).hasMessageStartingWith("not_found");
        assertThatThrownBy(() -> one.disconnect(BOB)).hasMessageContaining("storages.drive.credentials");
    }

    @Test
    void whatIsNoGrantIsRefusedAndAnAccountOfAKeyFileIsNotConnectedToo() {
        AccountPool pool = pools.open(BOB);
        assertThatThrownBy(() -> pool.connect("1//0nothing-of-the-kind"))
                .hasMessageStartingWith("upstream_refused")
                .hasMessageContaining("invalid_grant")
                .hasMessageNotContaining("nothing-of-the-kind");
        String grant = pools.drive.account(BOB).refreshToken();
        assertThatThrownBy(() -> pool.connect(grant)).hasMessageStartingWith("conflict");
        assertThat(pool.standing()).extracting(StorageAccount::account).containsExactly(BOB);
    }

    @Test
    void refreshTokensLieSealedAndAreSaidNowhere() {
        String grant = pools.drive.account(ANN).refreshToken();
        AccountPool pool = pools.open();
        pool.connect(grant);
        Account ann = pool.named(ANN);
        String access = ann.token(GO);
        pools.drive.account(ANN).revoke();
        ann.refused(access);
        assertThatThrownBy(() -> ann.token(GO)).hasMessageNotContaining(grant).hasMessageNotContaining(access);
        String row = pools.database()
                .read(handle -> handle.createQuery("SELECT token FROM google_accounts")
                        .mapTo(String.class)
                        .one());
        assertThat(row).isNotEmpty().doesNotContain(grant.substring(4));
        var rows = new AccountRows(pools.database(), "drive");
        assertThat(rows.known(0).toString() + pool.standing() + ann + pools.client() + pools.supplies())
                .doesNotContain(grant, row, dev.sluice.fakes.FakeGoogle.CLIENT_SECRET);
        assertThat(pools.said())
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).doesNotContain(grant, grant.substring(4, 20), access, row));
    }

    // ------------------------------------------------------------ tokens

    @Test
    void manyWhoNeedATokenAskForOneAndA401MakesOneMore() throws Exception {
        AccountPool pool = pools.open();
        pool.connect(pools.drive.account(ANN).refreshToken());
        pools.drive.calls().clear();
        pools.drive.faults().always(Step.TOKEN, new Fault.Late(Duration.ofMillis(200)));
        Account ann = pool.named(ANN);
        String first = together(ann);
        assertThat(pools.drive.calls().of(Step.TOKEN)).hasSize(1);
        ann.refused(first);
        String second = together(ann);
        ann.refused(first);
        assertThat(second).isNotEqualTo(first);
        assertThat(together(ann)).isEqualTo(second);
        assertThat(pools.drive.calls().of(Step.TOKEN)).hasSize(2);
        pools.clock.pass(Duration.ofMinutes(54));
        assertThat(together(ann)).isEqualTo(second);
        pools.clock.pass(Duration.ofMinutes(2));
        assertThat(together(ann)).as("minutes before it expires").isNotEqualTo(second);
    }

    private static String together(Account account) throws Exception {
        var asking = new ArrayList<Callable<String>>();
        for (int n = 0; n < 20; n++) {
            asking.add(() -> account.token(GO));
        }
        var tokens = new java.util.TreeSet<String>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var each : threads.invokeAll(asking)) {
                tokens.add(each.get());
            }
        }
        assertThat(tokens).hasSize(1);
        return tokens.first();
    }
}
