package dev.sluice.google;

import static dev.sluice.google.TestingGoogle.MIB;
import static dev.sluice.google.Uploading.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.fakes.FakeOptions;
import dev.sluice.fakes.Faults.Rule;
import dev.sluice.fakes.Step;
import dev.sluice.google.TestingGoogle.Service;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectUpload;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every fault that the fakes know, in every step of an upload: it ends with the object or with a problem in
/// people's words, and what it owes is paid.
@NullMarked
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GoogleFaultsTest {
    /// Two parts of 512 KiB and a bit.
    private static final int SIZE = MIB + 1000;

    /// What passes when it is met once.
    private static final List<String> PASSING = List.of(
            "rate-limit",
            "user-rate-limit",
            "too-many-requests",
            "internal",
            "bad-gateway",
            "unavailable",
            "gateway-timeout",
            "drop-at=0",
            "drop-at=300000",
            "lose-answer",
            "pace=20000000",
            "late=20",
            "expire-token");

    /// What can befall a session only.
    private static final List<String> OF_SESSIONS = List.of(
            "keep-only=0",
            "keep-only=1000",
            "keep-only=262144",
            "hide-range",
            "move-session",
            "move-session=1",
            "forget-session",
            "forget-session=410",
            "corrupt");

    private static final Set<Step> IN_SESSIONS = Set.of(Step.CHUNK, Step.LAST_CHUNK, Step.QUERY);

    private static final Map<String, ErrorCode> FATAL = Map.of(
            "daily-limit", ErrorCode.QUOTA_EXCEEDED,
            "quota", ErrorCode.QUOTA_EXCEEDED,
            "storage-quota", ErrorCode.QUOTA_EXCEEDED,
            "shared-drive-full", ErrorCode.QUOTA_EXCEEDED,
            "download-quota", ErrorCode.QUOTA_EXCEEDED,
            "forbidden", ErrorCode.UPSTREAM_REFUSED,
            "revoke-account", ErrorCode.UPSTREAM_REFUSED);

    private static final Set<Step> STEPS = Set.of(
            Step.TOKEN,
            Step.START,
            Step.CHUNK,
            Step.LAST_CHUNK,
            Step.QUERY,
            Step.METADATA,
            Step.LIST,
            Step.IDS,
            Step.CHANGE,
            Step.MEDIA);

    private final EnumMap<Service, TestingGoogle> services = new EnumMap<>(Service.class);

    @BeforeAll
    void start(@TempDir Path data) {
        for (Service service : Service.values()) {
            Path folder = data.resolve(service.name());
            assertThat(folder.toFile().mkdir()).isTrue();
            services.put(service, TestingGoogle.start(service, folder, MIB, FakeOptions.plain()));
        }
    }

    @AfterAll
    void stop() {
        services.values().forEach(google -> {
            assertThat(google.memoryTaken()).isZero();
            google.close();
        });
    }

    static List<Arguments> matrix() {
        var cells = new ArrayList<Arguments>();
        for (Service service : Service.values()) {
            for (Step step : STEPS) {
                if (service == Service.GCS
                        && Set.of(Step.LIST, Step.IDS, Step.CHANGE).contains(step)) {
                    continue;
                }
                Stream.of(PASSING, FATAL.keySet(), OF_SESSIONS)
                        .flatMap(Collection::stream)
                        .filter(fault -> !OF_SESSIONS.contains(fault) || IN_SESSIONS.contains(step))
                        .forEach(fault -> cells.add(Arguments.of(service, fault, step)));
            }
        }
        return cells;
    }

    /// The code of what it must end with; null where it must go through.
    private static @Nullable ErrorCode expected(String fault, Step step) {
        boolean bytes = step == Step.CHUNK || step == Step.LAST_CHUNK;
        if (fault.equals("corrupt")) {
            return bytes ? ErrorCode.CHECKSUM_MISMATCH : null;
        }
        if (fault.startsWith("forget-session")) {
            // The first part goes into a new session, the last one cannot.
            return step == Step.LAST_CHUNK ? ErrorCode.UPSTREAM_UNAVAILABLE : null;
        }
        if (step == Step.MEDIA && fault.equals("drop-at=300000")) {
            // Whoever reads has the first bytes already, and asks for the rest.
            return ErrorCode.UPSTREAM_UNAVAILABLE;
        }
        if (step == Step.TOKEN) {
            // The endpoint of tokens has words of its own: only its status is heeded.
            boolean refused = FATAL.containsKey(fault) || fault.equals("rate-limit") || fault.equals("user-rate-limit");
            return refused ? ErrorCode.UPSTREAM_REFUSED : null;
        }
        return FATAL.get(fault);
    }

    private static Rule rule(String fault, Step step) {
        return Rule.parse(fault + "@" + step.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("matrix")
    void anUploadThatMeetsAFaultEndsWholeOrWithAProblemAndOwesNothing(Service service, String fault, Step step) {
        TestingGoogle google = google(service);
        // A folder of its own is made on the way.
        GoogleStorage storage = service == Service.GCS
                ? google.storage()
                : google.folder(null, null, fault + "/" + step, true, google.account());
        byte[] bytes = bytes(SIZE);
        var uploading = new Uploading(storage, "a.bin", SIZE);
        if (step == Step.QUERY) {
            google.fake().faults().add(rule("drop-at=300000", Step.CHUNK));
        }
        google.fake().faults().add(rule(fault, step));
        var read = new AtomicReference<byte[]>();
        Throwable failure = catchThrowable(() -> {
            ObjectRef ref = uploading.all(bytes);
            read.set(Uploading.read(storage, ref));
        });
        assertThat(google.fake().faults().pending()).as("the fault was met").isEmpty();
        ErrorCode code = expected(fault, step);
        if (code == null) {
            assertThat(failure).isNull();
            assertThat(read.get()).isEqualTo(bytes);
            assertThat(google.fake().stored())
                    .singleElement()
                    .satisfies(object -> assertThat(object.bytes()).isEqualTo(bytes));
        } else {
            assertThat(failure)
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            problem -> assertThat(problem.code())
                                    .as(problem.getMessage())
                                    .isEqualTo(code));
        }
        google.ann().restore();
        uploading.pay(storage);
        nothingIsHeld(google, step == Step.START);
        storage.close();
    }

    /// @param orphans whether the answer to a start may have been lost: nobody knows the address of such a session,
    ///     which has no bytes and expires
    private static void nothingIsHeld(TestingGoogle google, boolean orphans) {
        assertThat(google.held()).allMatch(word -> orphans && word.startsWith("session "));
        assertThat(google.fake().openSessions()).allMatch(session -> session.received() == 0);
        google.fake().expireSessions();
    }

    static List<Arguments> cleanUps() {
        var cells = new ArrayList<Arguments>();
        for (Service service : Service.values()) {
            for (Step step : List.of(Step.CANCEL, Step.DELETE, Step.METADATA)) {
                for (String fault : PASSING) {
                    cells.add(Arguments.of(service, fault, step));
                }
            }
            cells.add(Arguments.of(service, "forget-session", Step.CANCEL));
            cells.add(Arguments.of(service, "revoke-account", Step.CANCEL));
        }
        return cells;
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("cleanUps")
    void aCleanUpThatMeetsAFaultLeavesNothing(Service service, String fault, Step step) {
        TestingGoogle google = google(service);
        GoogleStorage storage = google.storage();
        var whole = new Uploading(storage, "whole.bin", SIZE);
        whole.all(bytes(SIZE));
        var begun = new Uploading(storage, "begun.bin", SIZE);
        try (ObjectUpload upload = begun.begin()) {
            upload.write(ByteBuffer.wrap(bytes(SIZE - 1)));
            upload.keep();
        }
        assertThat(google.held()).hasSize(3);
        google.fake().faults().add(rule(fault, step));
        storage.discard(begun.saved.get());
        google.ann().restore();
        whole.pay(storage);
        assertThat(google.fake().faults().pending()).isEmpty();
        nothingIsHeld(google, false);
        storage.close();
    }

    private TestingGoogle google(Service service) {
        TestingGoogle google = services.get(service);
        if (google == null) {
            throw new IllegalStateException("not started");
        }
        google.fake().faults().clear();
        google.ann().restore();
        google.empty();
        return google;
    }
}
