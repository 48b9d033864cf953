package dev.sluice.upload;

import static dev.sluice.upload.TestingNode.refuses;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.Batch;
import dev.sluice.core.BatchId;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.Durability;
import dev.sluice.storage.LocalStorage;
import dev.sluice.storage.SafeName;
import dev.sluice.storage.Storages;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UploadPolicyTest {
    private static final UploadSettings SETTINGS = TestingNode.SETTINGS;
    private static final BatchId BATCH = new BatchId("0190a2b4-7c1d-7e5f-8a9b-0c1d2e3f4a5b");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private Storages storages;

    @SuppressWarnings("NullAway.Init")
    private UploadPolicy policy;

    @BeforeEach
    void start() {
        var local = new LocalStorage(folder.resolve("files"), Durability.PROCESS, 0);
        var attic = new LocalStorage(folder.resolve("attic"), Durability.PROCESS, 0);
        storages = new Storages(Map.of("files", local, "attic", attic), "files");
        policy = new UploadPolicy(storages, new Ids(Clock.systemUTC()), SETTINGS);
    }

    @AfterEach
    void stop() {
        storages.close();
    }

    private UploadSpec accepted(String name, @Nullable Long size, String type) {
        return policy.accept(new FileRequest(name, size, type, null), null, null);
    }

    private ProblemException refused(ErrorCode code, String name, @Nullable Long size, String type) {
        return refuses(code, () -> accepted(name, size, type));
    }

    @Test
    void whatIsTakenKeepsTheNameThatItsClientSaidBesideASafeOne() {
        UploadSpec spec = policy.accept(new FileRequest("../a?.txt", 1L, "text/plain", null), "m", null);
        assertThat(spec.originalFilename()).isEqualTo("../a?.txt");
        assertThat(spec.filename()).isEqualTo(SafeName.of("../a?.txt")).doesNotContain("/", "?");
        assertThat(spec.contentType()).isEqualTo("text/plain");
        assertThat(spec.metadata()).isEqualTo("m");
    }

    @Test
    void everyFileHasAHandleOfItsOwn() {
        assertThat(accepted("a", 1L, "text/plain").handle())
                .isNotEqualTo(accepted("a", 1L, "text/plain").handle());
    }

    @Test
    void aFileIsAsLargeAsTheLimitAtMost() {
        accepted("a.bin", SETTINGS.maxSize(), "text/plain");
        accepted("a.bin", 0L, "text/plain");
        accepted("a.bin", null, "text/plain");
        var tooLarge = refused(ErrorCode.TOO_LARGE, "a.bin", SETTINGS.maxSize() + 1, "text/plain");
        assertThat(tooLarge.problem().details()).containsEntry("limit", SETTINGS.maxSize());
        var negative = refused(ErrorCode.INVALID_REQUEST, "a.bin", -1L, "text/plain");
        assertThat(negative.problem().details()).containsEntry("field", "size");
    }

    @Test
    void aFileNeedsAName() {
        var nameless = refused(ErrorCode.INVALID_REQUEST, " ", 1L, "text/plain");
        assertThat(nameless.problem().details()).containsEntry("field", "filename");
    }

    @Test
    void aBlockedNameOrTypeIsRefusedHoweverItIsWritten() {
        assertThat(refused(ErrorCode.TYPE_BLOCKED, "a.EXE", 1L, "text/plain"))
                .hasMessageContaining("upload.blocked-extensions");
        assertThat(refused(ErrorCode.TYPE_BLOCKED, "a.bin", 1L, "application/X-MSDownload; a=b"))
                .hasMessageContaining("upload.blocked-types");
        accepted("exe", 1L, "text/plain");
        accepted("a.exe.txt", 1L, "text/plain");
    }

    @Test
    void theStorageIsTheOneThatIsAskedForOrTheDefault() {
        assertThat(accepted("a", 1L, "text/plain").storage()).isEqualTo("files");
        assertThat(policy.accept(new FileRequest("a", 1L, "text/plain", "attic"), null, null)
                        .storage())
                .isEqualTo("attic");
        refuses(
                ErrorCode.INVALID_REQUEST,
                () -> policy.accept(new FileRequest("a", 1L, "text/plain", "moon"), null, null));
    }

    @Test
    void aBatchHasAFileAndNotTooMany() {
        policy.requireCount(1);
        policy.requireCount(SETTINGS.maxFiles());
        refuses(ErrorCode.INVALID_REQUEST, () -> policy.requireCount(0));
        refuses(ErrorCode.INVALID_REQUEST, () -> policy.requireCount(SETTINGS.maxFiles() + 1));
    }

    @Test
    void aBatchTakesFilesUntilItIsFull() {
        policy.requirePlace(BATCH, batch(SETTINGS.maxFiles() - 1));
        refuses(ErrorCode.INVALID_REQUEST, () -> policy.requirePlace(BATCH, batch(SETTINGS.maxFiles())));
    }

    @Test
    void onlyAnUuidNamesABatchThatIsNotThereYet() {
        policy.requirePlace(BATCH, null);
        refuses(ErrorCode.INVALID_REQUEST, () -> policy.requirePlace(new BatchId("summer"), null));
        // `UUID.fromString` takes it, and says it otherwise.
        refuses(ErrorCode.INVALID_REQUEST, () -> policy.requirePlace(new BatchId("1-1-1-1-1"), null));
        policy.requirePlace(new BatchId("summer"), batch(1));
    }

    private static Batch batch(int files) {
        return new Batch(
                BATCH, Owner.LOCAL, Uploads.KIND, false, Instant.EPOCH, null, 0, new Batch.Counts(files, 0, 0, 0, 0));
    }
}
