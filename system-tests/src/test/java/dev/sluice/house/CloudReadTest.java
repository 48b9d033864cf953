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
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// What comes back from every storage: ranges of a file, a batch as a ZIP and ranges of that; and what is there once it
/// is deleted.
@ParameterizedClass(name = "{0}")
@MethodSource("dev.sluice.house.Provider#all")
class CloudReadTest {
    private final Provider provider;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    CloudReadTest(Provider provider) {
        this.provider = provider;
    }

    private static byte[] part(byte[] whole, int from, int to) {
        return Arrays.copyOfRange(whole, from, to);
    }

    private static byte[] range(ServerProcess server, String path, int from, int to) throws IOException {
        HttpResponse<byte[]> answer = server.get(path, "Range", "bytes=" + from + "-" + (to - 1));
        assertThat(answer.statusCode()).isEqualTo(206);
        return answer.body();
    }

    @Test
    void rangesAndZipsComeBackAndDeletedFilesAreGone() throws IOException {
        byte[] large = Cargo.bytes(7, provider.part() + 1_000_003);
        byte[] small = Cargo.bytes(8, 70_001);
        try (var server = ServerProcess.storingIn(provider, folder).start()) {
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
            assertThat(range(server, stream, middle - 5_000, middle + 5_000))
                    .isEqualTo(part(large, middle - 5_000, middle + 5_000));
            assertThat(range(server, stream, large.length - 1, large.length))
                    .isEqualTo(part(large, large.length - 1, large.length));

            String zip = "/api/v1/batch/download-zip/" + batch.path("batch_id").textValue();
            byte[] whole = server.get(zip).body();
            Map<String, byte[]> entries = entries(whole);
            assertThat(entries).containsOnlyKeys("large.bin", "small.bin");
            assertThat(Arrays.equals(entries.get("large.bin"), large)).isTrue();
            assertThat(entries.get("small.bin")).isEqualTo(small);
            int across = large.length - 10_000;
            assertThat(range(server, zip, across, across + 40_000)).isEqualTo(part(whole, across, across + 40_000));

            server.remove(first);
            server.remove(second);
            await().untilAsserted(() -> assertThat(provider.objects()).isEmpty());
            assertThat(provider.leftovers()).isEmpty();
        }
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
