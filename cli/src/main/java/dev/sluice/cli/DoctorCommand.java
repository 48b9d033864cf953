package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.sluice.app.ConfigurationException;
import dev.sluice.app.ConfiguredDownloads;
import dev.sluice.app.ConfiguredImports;
import dev.sluice.app.ConfiguredStorage;
import dev.sluice.app.Logs;
import dev.sluice.app.Roots;
import dev.sluice.app.Settings;
import dev.sluice.app.Sluice;
import dev.sluice.app.StorageSetting;
import dev.sluice.app.StorageVisit;
import dev.sluice.core.ProblemException;
import dev.sluice.server.SluiceServer;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "doctor",
        description = "Looks at what `serve` needs here, and says what is missing and what to do.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice doctor",
            "  sluice doctor --config sluice.yaml --port 9000",
            "  sluice doctor --json | jq -c '.checks[] | select(.ok | not)'",
            "",
            "Ends with 1 where something needed is missing; what is only useful makes no difference.",
        })
final class DoctorCommand implements Callable<Integer> {
    private static final int NEEDED_JAVA = 25;
    private static final int ANSWER_SECONDS = 3;

    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Mixin
    private final SettingsOptions flags = new SettingsOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// @param needed whether `serve` cannot do without
    private record Check(String name, boolean ok, boolean needed, String text) {}

    @Override
    public Integer call() {
        Logs.quiet();
        var checks = new ArrayList<Check>();
        checks.add(java());
        checks.add(data());
        var running = status(options.server());
        try {
            var settings = flags.load(options.common()).settings();
            checks.add(new Check("configuration", true, true, "holds"));
            checks.addAll(storages(settings));
            roots(settings).ifPresent(checks::add);
            checks.addAll(downloads(settings));
            scanner(settings).ifPresent(checks::add);
            database(settings).ifPresent(checks::add);
            checks.addAll(addresses(settings, running.path("node").asText()));
        } catch (ConfigurationException e) {
            checks.add(new Check("configuration", false, true, Failure.why(e)));
        }
        checks.add(server(running));
        checks.add(curl());
        print(checks);
        return passed(checks) ? Exit.DONE : Exit.FAILED;
    }

    private static boolean passed(List<Check> checks) {
        return checks.stream().allMatch(check -> check.ok() || !check.needed());
    }

    private static Check java() {
        var version = Runtime.version();
        return new Check(
                "java", version.feature() >= NEEDED_JAVA, true, version + " in " + System.getProperty("java.home"));
    }

    private Check data() {
        var folder = new Place(options.common().data());
        return new Check("data", folder.usable(), true, folder.toString());
    }

    /// A folder that is there, or is to be made.
    ///
    /// @param existing the nearest that there is
    private record Place(Path wanted, @Nullable Path existing) {
        Place(Path wanted) {
            this(wanted, nearest(wanted));
        }

        private static @Nullable Path nearest(Path wanted) {
            var there = wanted;
            while (there != null && !Files.exists(there)) {
                there = there.getParent();
            }
            return there;
        }

        boolean usable() {
            return existing != null
                    && Files.isDirectory(existing)
                    && Files.isReadable(existing)
                    && Files.isWritable(existing)
                    && Files.isExecutable(existing);
        }

        @Override
        public String toString() {
            if (usable()) {
                return wanted.equals(existing) ? wanted.toString() : wanted + " (will be made)";
            }
            return existing == null || wanted.equals(existing)
                    ? wanted + " is no folder that this user can read and write"
                    : wanted + " cannot be made: " + existing + " is no folder that this user can read and write";
        }
    }

    private List<Check> storages(Settings settings) {
        var checks = new ArrayList<Check>();
        try {
            ConfiguredStorage.requireDefault(settings);
        } catch (ConfigurationException e) {
            checks.add(new Check("storage", false, true, Failure.why(e)));
        }
        // All at once: one that cannot be reached takes some seconds to show it.
        var asked = new ArrayList<CompletableFuture<Check>>();
        new TreeMap<>(settings.storages())
                .forEach((name, storage) -> asked.add(CompletableFuture.supplyAsync(
                        () -> storage(name, storage, settings), Thread::startVirtualThread)));
        asked.forEach(check -> checks.add(check.join()));
        return checks;
    }

    private Check storage(String name, Settings.StorageSettings storage, Settings settings) {
        return storage.kind().equals("local")
                ? folder("storage " + name, storage)
                : answers(name, StorageSetting.place(storage, options.common().data()), settings);
    }

    private Check answers(String name, String place, Settings settings) {
        try (var visit = StorageVisit.to(name, options.common().data(), settings)) {
            visit.look();
            return new Check("storage " + name, true, true, place + " answers");
        } catch (ConfigurationException | ProblemException e) {
            return new Check("storage " + name, false, true, Failure.why(e));
        }
    }

    private Check folder(String name, Settings.StorageSettings storage) {
        var folder = new Place(options.common().data().resolve(storage.path()).normalize());
        var existing = folder.existing();
        if (existing == null || !folder.usable()) {
            return new Check(name, false, true, folder.toString());
        }
        try {
            var free = Files.getFileStore(existing).getUsableSpace();
            var reserve = storage.reserve().bytes();
            var said = folder + ", " + UploadView.size(free) + " free";
            return free > reserve
                    ? new Check(name, true, true, said)
                    : new Check(name, false, true, said + ": no more than the reserve of " + UploadView.size(reserve));
        } catch (IOException e) {
            return new Check(name, false, true, folder + ": its free space cannot be told: " + Failure.why(e));
        }
    }

    /// What is open to file operations over HTTP, where anything is.
    private Optional<Check> roots(Settings settings) {
        try {
            var roots = Roots.of(settings.files(), options.common().data());
            return roots.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Check("files.roots", true, true, String.join(", ", roots.words())));
        } catch (ConfigurationException e) {
            return Optional.of(new Check("files.roots", false, true, Failure.why(e)));
        }
    }

    /// What downloads need for pages; files come without.
    private List<Check> downloads(Settings settings) {
        try {
            var downloads = ConfiguredDownloads.of(settings, options.common().data());
            return List.of(
                    aged(tool(
                            "yt-dlp",
                            downloads.ytDlp(),
                            "--version",
                            "; for what pages show, install the package yt-dlp")),
                    tool(
                            "ffmpeg",
                            downloads.ffmpeg(),
                            "-version",
                            "; for what pages show, install the package ffmpeg"));
        } catch (ConfigurationException e) {
            return List.of(new Check("download", false, true, Failure.why(e)));
        }
    }

    /// Sites change, and its versions, which are dates, follow them.
    private static Check aged(Check ytDlp) {
        try {
            var made = LocalDate.parse(ytDlp.text().split(" ", 2)[0], DateTimeFormatter.ofPattern("uuuu.MM.dd"));
            return made.isAfter(LocalDate.now(ZoneOffset.UTC).minusYears(1))
                    ? ytDlp
                    : new Check(
                            ytDlp.name(),
                            ytDlp.ok(),
                            ytDlp.needed(),
                            ytDlp.text()
                                    + ", older than a year: many sites want a newer one, which download.yt-dlp may name");
        } catch (DateTimeParseException e) {
            return ytDlp;
        }
    }

    /// @param otherwise what to do where it is not there
    private static Check tool(String name, String command, String question, String otherwise) {
        try {
            var version = Tool.firstLine(command, question);
            return new Check(name, true, false, version + " (" + command + ")");
        } catch (IOException e) {
            return new Check(name, false, false, Failure.why(e) + otherwise);
        }
    }

    /// What looks at files to be imported, where one is configured.
    private static Optional<Check> scanner(Settings settings) {
        try {
            var needed = ConfiguredImports.needsClamd(settings.scan());
            try {
                return ConfiguredImports.reach(settings.scan()).map(said -> new Check("clamd", true, needed, said));
            } catch (ProblemException e) {
                return Optional.of(new Check("clamd", false, needed, Failure.why(e)));
            }
        } catch (ConfigurationException e) {
            return Optional.of(new Check("clamd", false, true, Failure.why(e)));
        }
    }

    private static Optional<Check> database(Settings settings) {
        try {
            return Sluice.reach(settings.state()).map(place -> new Check("database", true, true, place + " answers"));
        } catch (ProblemException e) {
            return Optional.of(new Check("database", false, true, Failure.why(e)));
        }
    }

    /// @param node the server that runs on the data folder; empty where none does
    private static List<Check> addresses(Settings settings, String node) {
        try {
            return SluiceServer.addresses(settings).stream()
                    .map(address -> address("port " + address.getPort(), address, node))
                    .toList();
        } catch (ConfigurationException e) {
            return List.of(new Check("address", false, true, Failure.why(e)));
        }
    }

    private static Check address(String name, InetSocketAddress address, String node) {
        var where = address.getHostString() + ":" + address.getPort();
        if (address.getPort() == 0) {
            return new Check(name, true, true, "any free one of " + address.getHostString());
        }
        try (var probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(address);
            return new Check(name, true, true, where + " is free");
        } catch (IOException e) {
            var there = status(new Server(Path.of(""), uri(address)));
            if (there.path("node").asText().isEmpty()) {
                return new Check(
                        name, false, true, "cannot listen on " + where + ": " + Failure.why(e) + "; choose another");
            }
            var ours = there.path("node").asText().equals(node);
            var whose =
                    ours ? "the server of this data folder" : "a Sluice of another data folder; choose another port";
            return new Check(name, ours, false, where + " is taken by " + whose);
        }
    }

    private static URI uri(InetSocketAddress address) {
        try {
            return new URI("http", null, address.getHostString(), address.getPort(), null, null, null);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /// What the server says of itself; the missing node where none answers.
    private static JsonNode status(Server server) {
        try {
            var answer = Http.send(
                    server.endpoint(),
                    "GET",
                    "/api/v1/status",
                    Map.of("Accept", "application/json"),
                    "",
                    ANSWER_SECONDS);
            return answer.ok() ? answer.json() : MissingNode.getInstance();
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    private Check server(JsonNode running) {
        var server = options.server();
        var where = server.url() == null ? "on " + server.data() : "at " + server.url();
        return running.has("version")
                ? new Check(
                        "server",
                        true,
                        false,
                        "version " + running.path("version").asText() + " runs " + where)
                : new Check("server", false, false, "none runs " + where);
    }

    private static Check curl() {
        var found = onPath("curl");
        return new Check(
                "curl",
                found.isPresent(),
                false,
                found.map(Path::toString).orElse("not on the PATH")
                        + " (answers cancel, jobs and status without a JVM)");
    }

    private static Optional<Path> onPath(String name) {
        var path = System.getenv("PATH");
        for (var folder : (path == null ? "" : path).split(File.pathSeparator)) {
            var candidate = Path.of(folder, name);
            if (Files.isExecutable(candidate) && !Files.isDirectory(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    private void print(List<Check> checks) {
        var out = spec.commandLine().getOut();
        if (options.json()) {
            var document = Json.object().put("ok", passed(checks));
            var list = document.putArray("checks");
            checks.forEach(check -> list.addObject()
                    .put("name", check.name())
                    .put("ok", check.ok())
                    .put("needed", check.needed())
                    .put("text", check.text()));
            out.println(document);
        } else {
            var width = checks.stream()
                    .mapToInt(check -> check.name().length())
                    .max()
                    .orElse(0);
            checks.forEach(check -> out.printf(
                    "%-5s %-" + width + "s  %s%n",
                    check.ok() ? "ok" : check.needed() ? "FAIL" : "-",
                    check.name(),
                    check.text()));
        }
        out.flush();
    }
}
