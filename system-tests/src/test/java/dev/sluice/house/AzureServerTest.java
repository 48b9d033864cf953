package dev.sluice.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.specialized.BlockBlobClient;
import dev.sluice.testing.Call;
import dev.sluice.testing.TestingAzurite;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is of Azure Blob storage only: it has no call that takes blocks away.
class AzureServerTest {
    private static final int MIB = 1 << 20;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void whatACancelLeavesBesideSomebodyElsesBlobIsOwedUntilItIsGone() throws IOException {
        byte[] file = Cargo.bytes(3, 30 * MIB);
        try (var container = new AzureProvider(TestingAzurite.shared());
                var server = ServerProcess.storingIn(container, folder).start()) {
            String upload = server.create("clip.bin", file.length);
            assertThat(server.patch(upload, 0, Arrays.copyOf(file, 20 * MIB)).statusCode())
                    .isEqualTo(204);
            BlockBlobClient theirs = container.blob("clip.bin");
            theirs.upload(BinaryData.fromBytes(new byte[77]), true);
            HttpResponse<byte[]> answer = server.cancel(upload);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(ServerProcess.text(answer).replace(" ", "")).contains("\"cleanup\":\"owed\"");
            await().until(() -> server.log().contains("cleanup=owed"));
            assertThat(server.metric("sluice_debts")).isOne();
            assertThat(container.proxy().calls(Call.matching("DELETE", "clip.bin")))
                    .isEmpty();
            theirs.commitBlockList(List.of(), true);
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> assertThat(server.metric("sluice_debts")).isZero());
            assertThat(container.proxy().calls(Call.matching("DELETE", "clip.bin")))
                    .isEmpty();
            assertThat(container.objects()).containsExactly("clip.bin");
        }
    }
}
