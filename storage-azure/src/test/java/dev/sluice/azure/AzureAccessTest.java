package dev.sluice.azure;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.storage.blob.sas.BlobContainerSasPermission;
import com.azure.storage.blob.sas.BlobServiceSasSignatureValues;
import dev.sluice.cloud.BehindAProxy;
import dev.sluice.core.ErrorCode;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Precondition;
import dev.sluice.testing.Call;
import dev.sluice.testing.Fault;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Who asks, by which clock, and for which container: what is refused, and that no secret is told.
@NullMarked
class AzureAccessTest extends BehindAProxy {
    private final ProxiedContainer container = new ProxiedContainer();

    AzureAccessTest() {
        super(ProxiedContainer.SERVICE.endpoint());
    }

    @Override
    protected AzureStorage storage() {
        return new AzureStorage(container.settings(proxy), supplies());
    }

    @Override
    protected Set<String> held() {
        return container.theirs().held();
    }

    private AzureStorage opened(AzureSettings settings) {
        return new AzureStorage(settings, supplies());
    }

    @ParameterizedTest
    @CsvSource({"-60, behind", "60, ahead of"})
    void aClockThatIsWrongIsNamed(int minutes, String said) {
        AzureStorage storage = storage();
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                OffsetDateTime.now(ZoneOffset.UTC).minusMinutes(minutes));
        proxy.next(
                Call.matching("HEAD", "late.bin"),
                Fault.answer(403, Map.of("Date", date, "x-ms-error-code", "AuthenticationFailed"), ""));
        assertThat(problem(ErrorCode.UPSTREAM_REFUSED, () -> storage.delete(new ObjectRef("late.bin", 1))))
                .hasMessageContaining("set this machine's clock")
                .hasMessageContaining(said);
        storage.close();
    }

    @Test
    void aWrongKeyIsRefusedAndNotRepeated() {
        String wrong = Base64.getEncoder().encodeToString("another-key-of-nobody".getBytes(StandardCharsets.US_ASCII));
        AzureStorage storage = opened(new AzureSettings(
                "clips", container.name(), proxy.endpoint(), ProxiedContainer.SERVICE.account(), wrong, null, ""));
        try (ObjectUpload upload = begin(storage, "refused.bin", 10)) {
            upload.write(ByteBuffer.wrap(bytes(10)));
            assertThat(problem(
                            ErrorCode.UPSTREAM_REFUSED,
                            () -> upload.commit(new ObjectRef("refused.bin", 10), Precondition.ABSENT)))
                    .hasMessageContaining("403 AuthorizationFailure (Server failed to authenticate the request.")
                    .hasMessageContaining("correct account-key, or let the account read, write and delete")
                    .hasMessageNotContaining(wrong);
        }
        assertThat(proxy.calls()).hasSize(1);
        storage.close();
    }

    @Test
    void whatTheServiceQuotesOfASignatureIsNotTold() {
        AzureStorage storage = storage();
        String signature = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ=";
        proxy.next(Call.matching("GET", "secret.bin"), Fault.answer(403, Map.of(), """
                <?xml version="1.0" encoding="utf-8"?><Error><Code>AuthenticationFailed</Code>\
                <Message>Server failed to authenticate the request.
                RequestId:1
                Time:now</Message><AuthenticationErrorDetail>The MAC signature found in the HTTP request '%s' is not \
                the same as any computed signature. Server used following string to sign: 'GET
                PRIVATE'.</AuthenticationErrorDetail></Error>""".formatted(signature)));
        assertThat(problem(
                        ErrorCode.UPSTREAM_REFUSED,
                        () -> storage.read(new ObjectRef("secret.bin", 1), new ByteRange(0, 1), stop)))
                .hasMessageContaining("Server failed to authenticate the request., RequestId:1, Time:now")
                .hasMessageContaining("The MAC signature")
                .hasMessageNotContaining(signature)
                .hasMessageNotContaining("PRIVATE");
        storage.close();
    }

    /// What is left of a signature that is cut off looks like none.
    @Test
    void whatTheServiceQuotesIsCutOffBehindItsSecrets() {
        AzureStorage storage = storage();
        String signature = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ=";
        proxy.next(
                Call.matching("GET", "secret.bin"),
                Fault.answer(
                        403,
                        Map.of(),
                        "<Error><Code>AuthenticationFailed</Code><Message>" + "word ".repeat(96) + signature
                                + " word".repeat(96) + "</Message></Error>"));
        assertThat(problem(
                        ErrorCode.UPSTREAM_REFUSED,
                        () -> storage.read(new ObjectRef("secret.bin", 1), new ByteRange(0, 1), stop)))
                .hasMessageContaining("word ***")
                .hasMessageContaining("…")
                .hasMessageNotContaining(signature.substring(0, 8));
        storage.close();
    }

    @Test
    void aContainerThatIsNotThereIsNamed() {
        AzureStorage storage =
                opened(AzureStorageTest.settings(ProxiedContainer.SERVICE, proxy.endpoint(), "none-of-that-name", ""));
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> storage.delete(new ObjectRef("a.bin", 1)),
                () -> storage.read(new ObjectRef("a.bin", 1), new ByteRange(0, 1), stop),
                () -> {
                    try (ObjectUpload upload = begin(storage, "a.bin", 10)) {
                        upload.write(ByteBuffer.wrap(bytes(10)));
                        commit(upload);
                    }
                })) {
            assertThat(problem(ErrorCode.UPSTREAM_NOT_FOUND, call))
                    .hasMessageContaining("ContainerNotFound")
                    .hasMessageContaining("none-of-that-name");
        }
        storage.close();
    }

    @Test
    void aTokenOfASharedAccessSignatureIsEnoughAndIsNeverTold() throws Exception {
        String token = container
                .theirs()
                .token(new BlobServiceSasSignatureValues(
                        OffsetDateTime.now(ZoneOffset.UTC).plusHours(1), BlobContainerSasPermission.parse("rwd")));
        AzureStorage storage = opened(
                new AzureSettings("clips", container.name(), proxy.endpoint(), null, null, "?" + token, "by/token"));
        for (int size : new int[] {10, SIZE}) {
            try (ObjectUpload upload = begin(storage, "t" + size, size)) {
                upload.write(ByteBuffer.wrap(bytes(size)));
                ObjectRef ref = commit(upload);
                assertThat(read(storage, ref)).isEqualTo(bytes(size));
                storage.delete(ref);
            }
            storage.discard(saved.get());
        }
        ObjectUpload cancelled = begin(storage, "cancelled", SIZE);
        cancelled.write(ByteBuffer.wrap(bytes(SIZE)));
        cancelled.keep();
        cancelled.close();
        storage.discard(saved.get());
        nothingIsHeld();
        proxy.away();
        assertThat(problem(ErrorCode.UPSTREAM_UNAVAILABLE, () -> storage.delete(new ObjectRef("a", 1))))
                .hasMessageNotContaining("sig=");
        proxy.back();
        storage.close();
    }
}
