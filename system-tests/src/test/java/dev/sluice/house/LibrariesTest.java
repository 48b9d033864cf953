package dev.sluice.house;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.TestingAzurite;
import dev.sluice.testing.TestingS3Mock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a server loads of what not everybody has: the library of the storage that it has and our own module on it, and
/// none of the others; of tokens, what accounts need, and what an issuer needs where there is one.
class LibrariesTest {
    private static final Pattern LOADED = Pattern.compile(".*\\[class,load\\] (\\S+) source:.*");

    /// Where the classes of each cloud are.
    private static final Map<String, List<String>> PACKAGES = new TreeMap<>(Map.of(
            "Amazon", List.of("software.amazon.", "dev.sluice.s3."),
            "Azure", List.of("com.azure.", "reactor.", "dev.sluice.azure."),
            "Google", List.of("com.google.auth.", "com.google.api.", "dev.sluice.google."),
            "tokens", List.of("com.nimbusds."),
            "an issuer", List.of("dev.sluice.accounts.IssuerCalls", "dev.sluice.accounts.IssuerTokens"),
            "any cloud", List.of("org.eclipse.jetty.client.", "dev.sluice.cloud.Transport", "dev.sluice.cloud.Parts")));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void withAFolderOnlyNothingOfAnyCloudIsLoaded() throws IOException {
        assertThat(loadedBy(new ServerProcess(folder, List.of()))).isEmpty();
    }

    @Test
    void ofIssuersNothingIsLoadedWhereThereIsNone() throws IOException {
        var process = new ServerProcess(folder, List.of("auth.mode=accounts"));
        assertThat(loadedBy(
                        process,
                        server -> assertThat(server.get("/api/v1/auth").statusCode())
                                .isEqualTo(200)))
                .doesNotContainKey("an issuer");
    }

    @Test
    void whereThereIsAnIssuerItIsLoaded() throws IOException {
        var process = new ServerProcess(
                folder,
                List.of(
                        "auth.mode=accounts",
                        "auth.oidc.issuer=https://login.example.com",
                        "auth.oidc.client-id=sluice",
                        "auth.oidc.role=user"));
        assertThat(loadedBy(process, LibrariesTest::whereItBeginsIsSaid)).containsOnlyKeys("an issuer", "tokens");
    }

    private static void whereItBeginsIsSaid(ServerProcess server) throws IOException {
        String said = new String(server.get("/api/v1/auth").body(), UTF_8);
        assertThat(said).contains("/api/v1/auth/oidc/login");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Amazon", "Azure", "Google"})
    void withOneCloudNothingOfTheOthersIsLoaded(String cloud) throws IOException {
        try (Provider provider = provider(cloud)) {
            assertThat(loadedBy(ServerProcess.storingIn(provider, folder))).containsOnlyKeys(cloud, "any cloud");
        }
    }

    private static Provider provider(String cloud) {
        return switch (cloud) {
            case "Amazon" -> new S3Provider("s3mock", TestingS3Mock.shared());
            case "Azure" -> new AzureProvider(TestingAzurite.shared());
            default -> GoogleProvider.gdrive();
        };
    }

    /// What it loads of each cloud while a file of several parts comes, is read and goes.
    private Map<String, Set<String>> loadedBy(ServerProcess process) throws IOException {
        return loadedBy(process, server -> {
            byte[] bytes = Cargo.bytes(5, 9 << 20);
            String upload = server.create("clip.bin", bytes.length);
            assertThat(server.patch(upload, 0, bytes).statusCode()).isEqualTo(204);
            assertThat(server.content(upload)).isEqualTo(bytes);
            assertThat(server.get("/api/v1/storages").statusCode()).isEqualTo(200);
            server.remove(upload);
        });
    }

    /// What is done with a server.
    private interface Work {
        void with(ServerProcess server) throws IOException;
    }

    private Map<String, Set<String>> loadedBy(ServerProcess process, Work work) throws IOException {
        Path classes = folder.resolve("classes");
        try (var server = process.start("-Xlog:class+load:file=" + classes)) {
            work.with(server);
        }
        Set<String> names;
        try (Stream<String> lines = Files.lines(classes)) {
            names = lines.map(LOADED::matcher)
                    .flatMap(line -> line.results().map((MatchResult found) -> found.group(1)))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
        assertThat(names).contains("dev.sluice.app.Clouds");
        var loaded = new TreeMap<String, Set<String>>();
        PACKAGES.forEach((cloud, packages) -> {
            Set<String> own = names.stream()
                    .filter(name -> packages.stream().anyMatch(name::startsWith))
                    .collect(Collectors.toCollection(TreeSet::new));
            if (!own.isEmpty()) {
                loaded.put(cloud, own);
            }
        });
        return loaded;
    }
}
