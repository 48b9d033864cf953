package dev.sluice.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// What comes back from every storage: ranges of a file, a batch as a ZIP and ranges of that; what is there once it is
/// deleted; and that nothing comes back that was not sent.
@ParameterizedClass(name = "{0}")
@MethodSource("dev.sluice.house.Provider#all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class CloudReadTest {
    @Parameter
    private Provider provider;

    private ServerProcess server;

    @BeforeParameterizedClassInvocation
    void start(Provider provider, @TempDir Path folder) throws IOException {
        server = ServerProcess.storingIn(provider, folder).start();
    }

    @AfterParameterizedClassInvocation
    void end() {
        server.close();
    }

    private static byte[] part(byte[] whole, int from, int to) {
        return Arrays.copyOfRange(whole, from, to);
    }

    private byte[] range(String path, int from, int to) throws IOException {
        HttpResponse<byte[]> answer = server.get(path, "Range", "bytes=" + from + "-" + (to - 1));
        assertThat(answer.statusCode()).isEqualTo(206);
        return answer.body();
    }

    @Test
    void rangesAndZipsComeBackAndDeletedFilesAreGone() throws IOException {
        byte[] large = Cargo.bytes(7, provider.part() + 1_000_003);
        byte[] small = Cargo.bytes(8, 70_001);
        JsonNode batch = ServerProcess.json(server.post(
                "/api/v1/batch/initiate",
                "{\"files\":[{\"filename\":\"large.bin\",\"size\":" + large.length
                        + "},{\"filename\":\"small.bin\",\"size\":" + small.length + "}]}"));
        String first = batch.at("/files/0/file_id").textValue();
        String second = batch.at("/files/1/file_id").textValue();
        assertThat(server.put(first, 0, large, large.length).statusCode()).isEqualTo(200);
        assertThat(server.put(second, 0, small, small.length).statusCode()).isEqualTo(200);

        int middle = provider.part();
        String stream = "/api/v1/download/stream/" + first;
        assertThat(range(stream, middle - 5_000, middle + 5_000))
                .isEqualTo(part(large, middle - 5_000, middle + 5_000));
        assertThat(range(stream, large.length - 1, large.length))
                .isEqualTo(part(large, large.length - 1, large.length));

        String zip = "/api/v1/batch/download-zip/" + batch.path("batch_id").textValue();
        byte[] whole = server.get(zip).body();
        Map<String, byte[]> entries = entries(whole);
        assertThat(entries).containsOnlyKeys("large.bin", "small.bin");
        assertThat(Arrays.equals(entries.get("large.bin"), large)).isTrue();
        assertThat(entries.get("small.bin")).isEqualTo(small);
        int across = large.length - 10_000;
        assertThat(range(zip, across, across + 40_000)).isEqualTo(part(whole, across, across + 40_000));

        server.remove(first);
        server.remove(second);
        await().untilAsserted(() -> assertThat(provider.objects()).isEmpty());
        assertThat(provider.leftovers()).isEmpty();
    }

    @Test
    void aFileThatTheProviderHasOtherwiseFailsAndIsGoneAndCanBeSentAgain() throws Exception {
        spoilt("one-part.bin", Cargo.bytes(9, 100_003));
        spoilt("parts.bin", Cargo.bytes(10, provider.part() + 1_000_003));
    }

    private void spoilt(String name, byte[] file) throws Exception {
        provider.proxy().forget();
        Future<Void> spoilt = provider.spoilNext(name);
        String upload = server.create(name, file.length);
        HttpResponse<byte[]> answer = server.patch(upload, 0, file);
        spoilt.get(20, TimeUnit.SECONDS);
        assertThat(answer.statusCode()).as(ServerProcess.text(answer)).isGreaterThanOrEqualTo(400);
        JsonNode job = server.job(upload);
        assertThat(job.path("state").textValue()).isEqualTo("failed");
        assertThat(job.at("/error/code").textValue()).as(job.toString()).isEqualTo("checksum_mismatch");
        assertThat(server.get("/api/v1/download/stream/" + upload).statusCode()).isGreaterThanOrEqualTo(400);
        await().untilAsserted(() -> {
            assertThat(provider.objects()).isEmpty();
            assertThat(provider.leftovers()).isEmpty();
            assertThat(server.metric("sluice_debts")).isZero();
        });
        assertThat(server.tails()).isEmpty();

        String again = server.create(name, file.length);
        assertThat(server.patch(again, 0, file).statusCode()).isEqualTo(204);
        assertThat(server.content(again)).isEqualTo(file);
        assertThat(provider.objects()).containsExactly(name);
        server.remove(again);
        await().untilAsserted(() -> assertThat(provider.objects()).isEmpty());
    }

    private static Map<String, byte[]> entries(byte[] zip) throws IOException {
        var entries = new LinkedHashMap<String, byte[]>();
        try (var in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.put(entry.getName(), in.readAllBytes());
            }
        }
        return entries;
    }
}
