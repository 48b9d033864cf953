package dev.sluice.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// The way of a storage into a configuration and into use: it is added, listed, tried, and takes what names it by
/// every way of sending.
@ParameterizedClass(name = "{0}")
@MethodSource("dev.sluice.house.Provider#kinds")
class CloudCommandTest {
    private static final Set<String> SECRET = Set.of("secret-key", "account-key");
    private static final String[] STEPS = {"answer", "write", "read", "range", "delete", "abort"};

    private final Provider provider;
    private final StringWriter said = new StringWriter();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    CloudCommandTest(Provider provider) {
        this.provider = provider;
    }

    /// @return what it printed
    private String run(String... words) {
        var all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--data", folder.resolve("data").toString()));
        int begins = said.getBuffer().length();
        var printer = new PrintWriter(said);
        int exit = Main.run(all.toArray(String[]::new), printer, printer);
        printer.flush();
        assertThat(exit).as(said.toString()).isZero();
        return said.getBuffer().substring(begins);
    }

    private static JsonNode json(String printed) throws IOException {
        return new ObjectMapper().readTree(printed);
    }

    private void requireTried(JsonNode trial) {
        assertThat(trial.path("ok").asBoolean()).isTrue();
        assertThat(trial.path("steps").findValuesAsText("name")).containsExactly(STEPS);
        assertThat(provider.objects()).isEmpty();
        assertThat(provider.leftovers()).isEmpty();
    }

    @Test
    void aStorageThatIsAddedIsListedAndTriedAndTakesWhatNamesIt() throws IOException {
        requireTried(json(run(addition())));
        requireTried(json(run("storage", "test", "clips", "--json")));
        JsonNode listed = json(run("storage", "list", "--json")).path("storages");
        assertThat(listed.findValuesAsText("name")).containsExactly("clips", "local");
        assertThat(listed.path(0).path("kind").textValue()).isEqualTo(setting("kind"));
        assertThat(listed.path(0).path("place").textValue())
                .contains(provider.proxy().endpoint().toString());
        try (var server = new ServerProcess(folder, List.of("upload.max-size=300 TiB")).start()) {
            requireListed();
            requireTaken(server);
        }
        assertThat(provider.keys()).noneMatch(said.toString()::contains);
    }

    private String setting(String key) {
        return provider.settings().stream()
                .filter(setting -> setting.startsWith(key + "="))
                .map(setting -> setting.substring(key.length() + 1))
                .findFirst()
                .orElseThrow();
    }

    private String[] addition() throws IOException {
        var words = new ArrayList<>(List.of("storage", "add", "clips", "--json"));
        for (String setting : provider.settings()) {
            String key = setting.substring(0, setting.indexOf('='));
            words.add(
                    SECRET.contains(key)
                            ? "--" + key + "-file=" + Files.writeString(folder.resolve("secret"), setting(key))
                            : "--" + setting);
        }
        return words.toArray(String[]::new);
    }

    /// By the server that runs, which knows the accounts too.
    private void requireListed() throws IOException {
        JsonNode clips = json(run("storage", "list", "--json")).path("storages").path(0);
        assertThat(clips.path("name").textValue()).isEqualTo("clips");
        assertThat(clips.path("default").asBoolean(true)).isFalse();
        boolean accounts = setting("kind").equals("gdrive");
        assertThat(clips.path("accounts").size()).isEqualTo(accounts ? 1 : 0);
        String table = run("storage", "list");
        assertThat(table).contains("clips", "local");
        if (accounts) {
            assertThat(clips.at("/accounts/0/account").textValue()).isEqualTo("ann@example.com");
            assertThat(clips.at("/accounts/0/state").textValue()).isEqualTo("ready");
            assertThat(clips.at("/accounts/0/free").longValue()).isEqualTo(15L << 30);
            assertThat(table).containsPattern("clips +ann@example.com +ready +15(\\.0)? GiB");
        }
    }

    private void requireTaken(ServerProcess server) throws IOException {
        byte[] large = Cargo.bytes(11, provider.part() + 1_000_003);
        byte[] small = Cargo.bytes(12, 1003);
        run("upload", Files.write(folder.resolve("command.bin"), large).toString(), "--to", "clips");
        assertThat(provider.objects()).containsExactly("command.bin");
        run("upload", Files.write(folder.resolve("elsewhere.bin"), small).toString());
        assertThat(provider.objects()).containsExactly("command.bin");

        String metadata = server.createIn("clips", "metadata.bin", small.length);
        assertThat(server.patch(metadata, 0, small).statusCode()).isEqualTo(204);
        JsonNode batch = ServerProcess.json(server.post(
                "/api/v1/batch/initiate",
                "{\"storage\":\"clips\",\"files\":[{\"filename\":\"first.bin\",\"size\":1003},"
                        + "{\"filename\":\"second.bin\",\"size\":1003}]}"));
        for (JsonNode file : batch.path("files")) {
            String id = file.path("file_id").textValue();
            assertThat(server.put(id, 0, small, small.length).statusCode()).isEqualTo(200);
            assertThat(server.content(id)).isEqualTo(small);
        }
        String one = initiated(server, "one.bin", small.length);
        assertThat(server.put(one, 0, small, small.length).statusCode()).isEqualTo(200);
        requireRefused(server);
        assertThat(provider.objects())
                .containsExactlyInAnyOrder("command.bin", "metadata.bin", "first.bin", "second.bin", "one.bin");
        assertThat(provider.leftovers()).isEmpty();
    }

    private static String initiated(ServerProcess server, String name, long size) throws IOException {
        HttpResponse<byte[]> made = server.post(
                "/api/v1/upload/initiate",
                "{\"storage\":\"clips\",\"filename\":\"" + name + "\",\"size\":" + size + "}");
        assertThat(made.statusCode()).as(ServerProcess.text(made)).isEqualTo(200);
        return ServerProcess.json(made).path("file_id").textValue();
    }

    /// A file that is larger than the provider takes.
    private void requireRefused(ServerProcess server) throws IOException {
        long size = 200L << 40;
        HttpResponse<byte[]> refused = server.put(initiated(server, "huge.bin", size), 0, new byte[10], size);
        assertThat(refused.statusCode()).as(ServerProcess.text(refused)).isEqualTo(413);
        JsonNode error = ServerProcess.json(refused);
        assertThat(error.toString()).contains("too_large", "cut ");
        assertThat(error.findValue("limit").longValue()).isBetween(1L, size);
    }
}
