package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.app.Configuration;
import dev.sluice.app.DataFolder;
import dev.sluice.app.Settings;
import dev.sluice.app.Sluice;
import dev.sluice.core.Job;
import dev.sluice.core.Owner;
import dev.sluice.wire.JsonFrames;
import dev.sluice.wire.OperationRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A process that runs an operation by itself, and what others see of it.
@Timeout(60)
class LocalDoorsTest {
    @TempDir
    Path folder;

    @Test
    void otherTerminalsFindItAndDesktopProgramsWatchIt() throws IOException {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path data = folder.resolve("data");
        Settings settings = Configuration.load(
                        folder, null, Map.of("operations.port", Integer.toString(port), "server.port", "1"), Map.of())
                .settings();
        Files.write(folder.resolve("big.bin"), TestingServer.bytes(32 << 20));
        TestingSocket shell;
        try (DataFolder held = DataFolder.open(data);
                Sluice sluice = Sluice.open(held, settings, new JsonFrames());
                LocalDoors doors = LocalDoors.open(held, sluice, settings)) {
            assertThat(doors).isNotNull();
            var announced = TestingServer.JSON.readTree(Files.readString(data.resolve("server.json")));
            assertThat(announced.path("socket").asText())
                    .isEqualTo(data.resolve("sluice.sock").toString());
            assertThat(announced.has("url")).isFalse();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("sluice.sock"))))
                    .isEqualTo("rw-------");

            shell = new TestingSocket(URI.create("http://127.0.0.1:" + port), "/");
            shell.sendText("{\"type\":\"register\",\"batch_id\":\"own\",\"client_type\":\"operation_progress\"}");
            Job job = submit(sluice, "own");
            assertThat(shell.next().path("status").asText()).isEqualTo("running");
            await().until(() -> sluice.engine()
                    .progress(job.id())
                    .filter(now -> now.bytes() > 0)
                    .isPresent());

            var terminal = new TestingUnixClient(data.resolve("sluice.sock"));
            assertThat(terminal.get("/api/v1/jobs/" + job.id())).contains("\"state\":\"running\"");
            assertThat(terminal.get("/api/v1/status")).contains("\"operation\":{\"running\":1}");
            assertThat(terminal.post("/api/v1/cli/cancel/own", ""))
                    .contains("\"success\":true", "\"cleanup\":\"done\"");
        }
        try (shell) {
            TestingSocket.End end = shell.end();
            assertThat(end.code()).isEqualTo(4011);
            assertThat(end.messages().getLast().path("status").asText()).isEqualTo("cancelled");
        }
        assertThat(data.resolve("server.json")).doesNotExist();
        assertThat(data.resolve("sluice.sock")).doesNotExist();
        assertThat(folder.resolve("copy.bin")).doesNotExist();
    }

    private Job submit(Sluice sluice, String batch) {
        var asked = OperationRequest.parse(("{\"operation\":\"copy\",\"sources\":[\"big.bin\"],\"target\":\"copy.bin\","
                        + "\"bandwidth\":4194304,\"batch_id\":\"" + batch + "\"}")
                .getBytes(StandardCharsets.UTF_8));
        return sluice.operations().submit(asked.spec(folder.toString(), null), Owner.LOCAL, asked.batch(), null);
    }
}
