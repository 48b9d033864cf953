package dev.sluice.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "doctor",
        description = "Looks at what Sluice needs here, and says what is missing and what to do.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice doctor",
            "  sluice doctor --json | jq -c '.checks[] | select(.ok | not)'",
            "",
            "Ends with 1 where something needed is missing; what is only useful makes no difference.",
        })
final class DoctorCommand implements Callable<Integer> {
    private static final int NEEDED_JAVA = 25;
    private static final long NEEDED_SPACE = 1L << 30;

    /// Programs that something uses where it is there.
    private static final Map<String, String> PEERS = Map.of(
            "curl", "answers cancel, jobs and status without a JVM",
            "ffmpeg", "joins what videos are downloaded in",
            "yt-dlp", "finds the video behind a page's address",
            "clamd", "scans imported files");

    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private record Check(String name, boolean ok, boolean needed, String text) {}

    @Override
    public Integer call() {
        var checks = new ArrayList<Check>();
        checks.add(java());
        checks.addAll(folder(options.common().data()));
        checks.add(server());
        PEERS.keySet().stream().sorted().map(DoctorCommand::peer).forEach(checks::add);
        print(checks);
        return checks.stream().anyMatch(check -> check.needed() && !check.ok()) ? Exit.FAILED : Exit.DONE;
    }

    private static Check java() {
        var version = Runtime.version();
        return new Check(
                "java", version.feature() >= NEEDED_JAVA, true, version + " in " + System.getProperty("java.home"));
    }

    private static List<Check> folder(Path data) {
        var existing = data;
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (existing == null) {
            return List.of(new Check("data", false, true, data + " is nowhere"));
        }
        var writable = Files.isDirectory(existing) && Files.isWritable(existing);
        var made = existing.equals(data) ? data.toString() : data + " (will be made)";
        return List.of(
                new Check("data", writable, true, writable ? made : existing + " is no folder that we may write to"),
                space(existing));
    }

    private static Check space(Path folder) {
        try {
            var free = Files.getFileStore(folder).getUsableSpace();
            return new Check("space", free >= NEEDED_SPACE, false, UploadView.size(free) + " free in " + folder);
        } catch (IOException e) {
            return new Check("space", false, false, "cannot be told: " + e.getMessage());
        }
    }

    private Check server() {
        var server = options.server();
        try {
            var answer = server.get("/api/v1/status");
            var where = server.url() == null
                    ? server.address().toString()
                    : server.url().toString();
            return new Check(
                    "server",
                    answer.ok(),
                    false,
                    answer.ok()
                            ? "version " + answer.json().path("version").asText("unknown") + " at " + where
                            : "answers " + answer.status() + " at " + where);
        } catch (IOException e) {
            return new Check(
                    "server", false, false, String.valueOf(server.unreachable(e).getMessage()));
        }
    }

    private static Check peer(String name) {
        var found = onPath(name);
        return new Check(
                name,
                found.isPresent(),
                false,
                found.map(Path::toString).orElse("not on the PATH") + " (" + PEERS.get(name) + ")");
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
            var document = Json.object();
            var list = document.putArray("checks");
            checks.forEach(check -> list.addObject()
                    .put("name", check.name())
                    .put("ok", check.ok())
                    .put("needed", check.needed())
                    .put("text", check.text()));
            out.println(document);
        } else {
            checks.forEach(check -> out.printf(
                    "%-5s %-8s %s%n", check.ok() ? "ok" : check.needed() ? "FAIL" : "-", check.name(), check.text()));
        }
        out.flush();
    }
}
