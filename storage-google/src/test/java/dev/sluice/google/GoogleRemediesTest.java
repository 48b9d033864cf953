package dev.sluice.google;

import static dev.sluice.google.TestingGoogle.MIB;
import static dev.sluice.google.Uploading.bytes;
import static dev.sluice.google.Uploading.problem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.ErrorCode;
import dev.sluice.fakes.Call;
import dev.sluice.fakes.FakeOptions;
import dev.sluice.fakes.Fault;
import dev.sluice.fakes.Faults.Rule;
import dev.sluice.fakes.Reason;
import dev.sluice.fakes.Step;
import dev.sluice.google.TestingGoogle.Service;
import dev.sluice.storage.ObjectRef;
import java.nio.file.Path;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is done where Drive refuses the first bytes of a file, and two accounts could send them: seen at the service.
@NullMarked
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GoogleRemediesTest {
    /// Two parts of 512 KiB and a bit.
    private static final int SIZE = MIB + 1000;

    private static final String ANN = "ann@example.com";
    private static final String BOB = "bob@example.com";

    @SuppressWarnings("NullAway.Init")
    private TestingGoogle google;

    @BeforeAll
    void start(@TempDir Path data) {
        google = TestingGoogle.start(Service.DRIVE, data, MIB, FakeOptions.plain());
    }

    @BeforeEach
    void empty() {
        google.fake().faults().clear();
        google.empty();
        google.fake().calls().clear();
    }

    @AfterAll
    void stop() {
        assertThat(google.memoryTaken()).isZero();
        google.close();
    }

    private TestingPool pool() {
        return google.pool(google.ann(), google.fake().account(BOB));
    }

    private void refuseOnce(String reason) {
        google.fake().faults().add(Rule.parse(reason + "@chunk"));
    }

    /// @return how often the service was asked how far it is
    private long arrives(TestingPool pool) {
        GoogleStorage storage = google.storage(pool);
        var uploading = new Uploading(storage, "a.bin", SIZE);
        ObjectRef ref = uploading.all(bytes(SIZE));
        assertThat(google.fake().faults().pending()).isEmpty();
        assertThat(Uploading.read(storage, ref)).isEqualTo(bytes(SIZE));
        long asked = calls(Step.QUERY);
        storage.discard(uploading.saved.get());
        assertThat(google.held()).containsExactly("a.bin");
        storage.delete(ref);
        storage.close();
        return asked;
    }

    private long calls(Step step) {
        return google.fake().calls().of(step).size();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rate-limit",
                "user-rate-limit",
                "too-many-requests",
                "internal",
                "bad-gateway",
                "unavailable",
                "gateway-timeout",
                "drop-at=300000",
                "lose-answer"
            })
    void whatPassesIsAskedForAndSentAgainIntoTheSameSession(String reason) {
        refuseOnce(reason);
        TestingPool pool = pool();
        assertThat(arrives(pool)).isOne();
        assertThat(google.fake().calls().of(Step.START))
                .extracting(Call::account)
                .containsExactly(ANN);
        assertThat(pool.aside()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"forget-session", "forget-session=410"})
    void aSessionThatIsGoneIsBegunAgainByTheSameAccount(String reason) {
        refuseOnce(reason);
        TestingPool pool = pool();
        arrives(pool);
        assertThat(google.fake().calls().of(Step.START))
                .extracting(Call::account)
                .containsExactly(ANN, ANN);
        assertThat(pool.aside()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "daily-limit, userRateLimitExceeded (User rate limit exceeded.)",
        "daily-calls, dailyLimitExceeded (Daily Limit Exceeded)",
        "quota, quotaExceeded (Quota exceeded.)",
        "storage-quota, storageQuotaExceeded (The user's Drive storage quota has been exceeded.)",
    })
    void anAccountThatTakesNoMoreIsSetAsideInTheServicesWordsAndAnotherSends(String reason, String words) {
        refuseOnce(reason);
        TestingPool pool = pool();
        arrives(pool);
        assertThat(google.fake().calls().of(Step.START))
                .extracting(Call::account)
                .containsExactly(ANN, BOB);
        // The fake refuses before it looks who asks.
        assertThat(google.fake().calls().of(Step.CHUNK).stream().skip(1))
                .isNotEmpty()
                .allMatch(call -> BOB.equals(call.account()));
        assertThat(pool.aside()).containsOnlyKeys(ANN);
        assertThat(pool.aside().get(ANN)).hasMessageContaining("403 " + words);
    }

    @ParameterizedTest
    @CsvSource({
        "file-permissions, UPSTREAM_REFUSED, insufficientFilePermissions, 'let this account read, write'",
        "app-not-authorized, UPSTREAM_REFUSED, appNotAuthorizedToFile, 'let this account read, write'",
        "forbidden, UPSTREAM_REFUSED, forbidden, 'let this account read, write'",
        "domain-policy, UPSTREAM_REFUSED, domainPolicy, administrator of the account's domain",
        "shared-drive-full, QUOTA_EXCEEDED, teamDriveFileLimitExceeded, make room in the shared drive",
        "folder-full, QUOTA_EXCEEDED, numChildrenInNonRootLimitExceeded, make room in the folder",
    })
    void whatNobodyCanHelpIsToldAtOnceAndLeavesNothing(String reason, ErrorCode code, String word, String hint) {
        refuseOnce(reason);
        TestingPool pool = pool();
        GoogleStorage storage = google.storage(pool);
        var uploading = new Uploading(storage, "a.bin", SIZE);
        assertThat(problem(code, () -> uploading.all(bytes(SIZE))))
                .hasMessageContaining("storage \"clips\"")
                .hasMessageContaining("403 " + word + " (")
                .hasMessageContaining(hint);
        assertThat(calls(Step.CHUNK)).isOne();
        assertThat(pool.aside()).isEmpty();
        uploading.pay(storage);
        assertThat(google.held()).isEmpty();
        storage.close();
    }

    /// A member of a shared drive who may only read, as the service answers to the start.
    @Test
    void whoMayNotWriteIsToldBeforeAnyByte() {
        google.fake().faults().next(Step.START, new Fault.Refuse(Reason.FILE_PERMISSIONS));
        GoogleStorage storage = google.storage(pool());
        var uploading = new Uploading(storage, "a.bin", SIZE);
        assertThat(problem(ErrorCode.UPSTREAM_REFUSED, () -> uploading.all(bytes(SIZE))))
                .hasMessageContaining("insufficientFilePermissions");
        assertThat(calls(Step.CHUNK)).isZero();
        uploading.pay(storage);
        assertThat(google.held()).isEmpty();
        storage.close();
    }
}
