package dev.sluice.google;

import static dev.sluice.google.TestingGoogle.MIB;
import static dev.sluice.google.Uploading.bytes;
import static dev.sluice.google.Uploading.problem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cloud.Supplies;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.StopToken;
import dev.sluice.fakes.Fault;
import dev.sluice.fakes.Reason;
import dev.sluice.fakes.Step;
import dev.sluice.fakes.Stored;
import dev.sluice.google.TestingGoogle.Service;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.testing.SettableClock;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Buckets and folders, and what is said where there is none.
@NullMarked
class GooglePlacesTest {
    private static final int SIZE = 9 * MIB;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path data;

    private @Nullable TestingGoogle google;

    private TestingGoogle start(Service service) {
        TestingGoogle started = TestingGoogle.start(service, data);
        google = started;
        return started;
    }

    @AfterEach
    void stop() {
        TestingGoogle started = google;
        if (started != null) {
            assertThat(started.memoryTaken()).isZero();
            started.close();
        }
    }

    private static void worksIn(GoogleStorage storage) {
        byte[] bytes = bytes(SIZE);
        var uploading = new Uploading(storage, "a.bin", SIZE);
        ObjectRef ref = uploading.all(bytes);
        assertThat(Uploading.read(storage, ref)).isEqualTo(bytes);
        storage.discard(uploading.saved.get());
        storage.delete(ref);
    }

    private static String refused(ErrorCode code, GoogleStorage storage) {
        var uploading = new Uploading(storage, "a.bin", 10);
        String said = problem(code, () -> uploading.all(bytes(10))).problem().message();
        uploading.pay(storage);
        storage.close();
        return said;
    }

    // ------------------------------------------------------------ Cloud Storage

    @Test
    void aBucketThatIsNotThereIsNamed() {
        TestingGoogle google = start(Service.GCS);
        assertThat(refused(ErrorCode.UPSTREAM_NOT_FOUND, google.bucket("nothing", "", google.account())))
                .contains("bucket nothing")
                .contains("storage \"clips\"")
                .contains("The specified bucket does not exist");
    }

    @Test
    void aBucketThatMayNotBeUsedIsSaidWithTheAccount() {
        TestingGoogle google = start(Service.GCS);
        google.gcs().lockOut("clips", google.ann());
        assertThat(refused(ErrorCode.UPSTREAM_REFUSED, google.storage()))
                .contains("403 forbidden")
                .contains("ann@example.com")
                .contains("let this account read, write, list and delete");
    }

    @Test
    void aNameThatTheServiceForbidsIsSaid() {
        TestingGoogle google = start(Service.GCS);
        GoogleStorage storage = google.bucket("clips", ".well-known/acme-challenge/", google.account());
        assertThat(refused(ErrorCode.INVALID_REQUEST, storage)).contains("Invalid object name", "rename the file");
    }

    @Test
    void whoComesInBetweenIsNotReplaced() {
        TestingGoogle google = start(Service.GCS);
        GoogleStorage storage = google.storage();
        GoogleStorage others = google.storage();
        byte[] bytes = bytes(SIZE);
        var uploading = new Uploading(storage, "same.bin", SIZE);
        try (ObjectUpload upload = uploading.begin()) {
            upload.write(ByteBuffer.wrap(bytes));
            upload.keep();
            var other = new Uploading(others, "same.bin", 10);
            ObjectRef theirs = other.all(bytes(10));
            others.discard(other.saved.get());
            problem(ErrorCode.CONFLICT, () -> uploading.commit(upload));
            assertThat(Uploading.read(others, theirs)).isEqualTo(bytes(10));
        }
        uploading.pay(storage);
        assertThat(google.held()).containsExactly("same.bin");
        storage.close();
        others.close();
    }

    // ------------------------------------------------------------ Drive

    @Test
    void theRootIsAFolderToo() {
        TestingGoogle google = start(Service.DRIVE);
        worksIn(google.folder(null, null, "", false, google.account()));
        worksIn(google.folder(null, "root", "", false, google.account()));
    }

    @Test
    void aFolderIsFoundByItsIdAndByItsPath() {
        TestingGoogle google = start(Service.DRIVE);
        String team = google.drive().folder(google.ann(), "root", "Team's");
        String clips = google.drive().folder(google.ann(), team, "clips \\ more");
        worksIn(google.folder(null, clips, "", false, google.account()));
        worksIn(google.folder(null, null, "Team's/clips \\ more", false, google.account()));
    }

    @Test
    void aFolderThatWasDeletedIsMadeAgain() {
        TestingGoogle google = start(Service.DRIVE);
        String sluice = google.drive().folder(google.ann(), "root", "Sluice");
        String clips = google.drive().folder(google.ann(), sluice, "clips");
        GoogleStorage storage = google.storage();
        new Uploading(storage, "a.bin", 10).all(bytes(10));
        storage.delete(new ObjectRef("clips", -1, clips + " - " + google.ann().email()));
        new Uploading(storage, "b.bin", 10).all(bytes(10));
        worksIn(storage);
        assertThat(google.held()).containsExactly("b.bin");
        storage.close();
    }

    @Test
    void aFolderThatGotAnotherNameIsNotUsedForLong() {
        TestingGoogle google = start(Service.DRIVE);
        String mine = google.drive().folder(google.ann(), "root", "mine");
        var clock = new SettableClock(Instant.now());
        Supplies supplies = google.supplies(TestingGoogle.SOON, clock);
        Account ann = google.account().account();
        var settings = new DriveSettings("clips", null, null, "mine", true, google.endpoint());
        Place place = GoogleStorage.place(settings, supplies);
        GoogleStorage storage = GoogleStorage.folder(settings, new OneAccount(ann), supplies);
        new Uploading(storage, "a.bin", 10).all(bytes(10));
        place.settle(ann, new Standing("mine", mine, -1, null, null), "theirs", false, new StopToken());
        clock.set(clock.instant().plus(Duration.ofMinutes(2)));
        new Uploading(storage, "a.bin", 10).all(bytes(10));
        assertThat(google.fake().stored())
                .as("in the new folder nothing stands in its way")
                .extracting(Stored::name)
                .containsExactly("a.bin", "a.bin");
        storage.close();
    }

    @Test
    void aFolderThatIsMissingIsMadeWhereThatIsWantedAndElseRefused() {
        TestingGoogle google = start(Service.DRIVE);
        assertThat(refused(
                        ErrorCode.UPSTREAM_NOT_FOUND, google.folder(null, null, "Team/clips", false, google.account())))
                .contains("folder Team is not there")
                .contains("ann@example.com");
        worksIn(google.folder(null, null, "Team/clips", true, google.account()));
        worksIn(google.folder(null, null, "Team/clips", false, google.account()));
    }

    @Test
    void aFolderWhoseAnswerWasLostIsMadeOnce() {
        TestingGoogle google = start(Service.DRIVE);
        google.fake().faults().next(Step.CHANGE, new Fault.LoseAnswer());
        worksIn(google.folder(null, null, "Once", true, google.account()));
        assertThat(google.fake().calls().of(Step.CHANGE)).hasSize(2);
        String listed = google.drive().folder(google.ann(), "root", "Once");
        assertThat(listed).isNotEmpty();
    }

    @Test
    void aFolderOfSomebodyElseIsNotThere() {
        TestingGoogle google = start(Service.DRIVE);
        String others = google.drive().folder(google.fake().account("eve@example.com"), "root", "mine");
        assertThat(refused(ErrorCode.UPSTREAM_NOT_FOUND, google.folder(null, others, "", false, google.account())))
                .contains("folder " + others + " is not there")
                .contains("let this account see it");
    }

    @Test
    void aFileIsNoFolder() {
        TestingGoogle google = start(Service.DRIVE);
        GoogleStorage storage = google.storage();
        new Uploading(storage, "a.bin", 10).all(bytes(10));
        Stored file = google.fake().stored().getFirst();
        assertThat(refused(ErrorCode.UPSTREAM_REFUSED, google.folder(null, file.id(), "", false, google.account())))
                .contains("is no folder");
        storage.close();
    }

    @Test
    void aSharedDriveHasFoldersOfItsOwn() {
        TestingGoogle google = start(Service.DRIVE);
        String drive = google.drive().sharedDrive("Team", google.ann());
        String folder = google.drive().folder(google.ann(), drive, "clips");
        worksIn(google.folder(drive, null, "", false, google.account()));
        worksIn(google.folder(drive, null, "clips", false, google.account()));
        worksIn(google.folder(drive, null, "made/here", true, google.account()));
        worksIn(google.folder(null, folder, "", false, google.account()));
        worksIn(google.folder(drive, folder, "", false, google.account()));
    }

    @Test
    void aSharedDriveOfOthersIsNotThere() {
        TestingGoogle google = start(Service.DRIVE);
        String drive = google.drive().sharedDrive("Theirs", google.fake().account("eve@example.com"));
        refused(ErrorCode.UPSTREAM_NOT_FOUND, google.folder(drive, null, "", false, google.account()));
    }

    /// Names need not differ there: the file of who was there first stays what it is, ours gets a number.
    @Test
    void whoComesInBetweenKeepsTheNameAndTheFileGetsAnother() {
        TestingGoogle google = start(Service.DRIVE);
        GoogleStorage storage = google.storage();
        GoogleStorage others = google.storage();
        byte[] bytes = bytes(SIZE);
        var uploading = new Uploading(storage, "same.bin", SIZE);
        try (ObjectUpload upload = uploading.begin()) {
            upload.write(ByteBuffer.wrap(bytes));
            upload.keep();
            var other = new Uploading(others, "same.bin", 10);
            ObjectRef theirs = other.all(bytes(10));
            others.discard(other.saved.get());
            ObjectRef ours = uploading.commit(upload);
            assertThat(ours.key()).isEqualTo("same (2).bin");
            assertThat(Uploading.read(storage, ours)).isEqualTo(bytes);
            assertThat(Uploading.read(others, theirs)).isEqualTo(bytes(10));
        }
        storage.discard(uploading.saved.get());
        assertThat(google.held()).containsExactly("same (2).bin", "same.bin");
        storage.close();
        others.close();
    }

    @Test
    void whoMayNotDeletePutsIntoTheTrash() {
        TestingGoogle google = start(Service.DRIVE);
        GoogleStorage storage = google.storage();
        var uploading = new Uploading(storage, "a.bin", 10);
        ObjectRef ref = uploading.all(bytes(10));
        google.fake().faults().next(Step.DELETE, new Fault.Refuse(Reason.FORBIDDEN));
        storage.delete(ref);
        problem(ErrorCode.NOT_FOUND, () -> Uploading.read(storage, ref));
        storage.close();
    }

    // ------------------------------------------------------------ both

    @ParameterizedTest
    @EnumSource
    void anEndpointThatCannotBeReachedIsSaid(Service service) {
        TestingGoogle google = start(service);
        GoogleStorage storage = google.storage();
        new Uploading(storage, "a.bin", 10).all(bytes(10));
        google.fake().close();
        var uploading = new Uploading(storage, "b.bin", 10);
        assertThat(problem(ErrorCode.UPSTREAM_UNAVAILABLE, () -> uploading.all(bytes(10))))
                .hasMessageContaining("storage \"clips\"")
                .hasMessageContaining("no answer");
        storage.close();
    }
}
