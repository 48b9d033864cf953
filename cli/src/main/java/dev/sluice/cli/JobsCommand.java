package dev.sluice.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "jobs",
        description = "Lists jobs, newest first, or shows one.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice jobs",
            "  sluice jobs --kind upload --state running",
            "  sluice jobs --q holiday --limit 5 --json | jq -r '.jobs[] | [.id, .name] | @tsv'",
            "  sluice jobs 0197f3a2-7b1c-7000-8000-0242ac120002",
            "  sluice jobs move 0197f3a2-7b1c-7000-8000-0242ac120002 1   # next, of those that wait",
        },
        subcommands = JobsCommand.Move.class)
final class JobsCommand implements Callable<Integer> {
    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Parameters(arity = "0..1", paramLabel = "ID", description = "One job.")
    private @Nullable String id;

    @Option(names = "--kind", paramLabel = "KIND", description = "upload, download, import, operation")
    private @Nullable String kind;

    @Option(
            names = "--state",
            paramLabel = "STATE",
            description = "pending, running, paused, completed, failed, cancelled")
    private @Nullable String state;

    @Option(names = "--batch", paramLabel = "ID", description = "The jobs of one batch.")
    private @Nullable String batch;

    @Option(names = "--owner", paramLabel = "NAME", description = "The jobs of one owner.")
    private @Nullable String owner;

    @Option(names = "--q", paramLabel = "TEXT", description = "Jobs whose name contains this.")
    private @Nullable String text;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many.")
    private @Nullable Integer limit;

    @Option(names = "--after", paramLabel = "NEXT", description = "Go on after an earlier page (its \"next\").")
    private @Nullable String after;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        var path = "/api/v1/jobs" + (id == null ? query() : "/" + Http.encoded(id));
        return Asking.print(options, spec, server -> options.json() ? server.get(path) : server.getText(path));
    }

    private String query() {
        var filters = new LinkedHashMap<String, @Nullable Object>();
        filters.put("kind", kind);
        filters.put("state", state);
        filters.put("batch", batch);
        filters.put("owner", owner);
        filters.put("q", text);
        filters.put("limit", limit);
        filters.put("after", after);
        var query = filters.entrySet().stream()
                .filter(filter -> filter.getValue() != null)
                .map(JobsCommand::parameter)
                .collect(Collectors.joining("&"));
        return query.isEmpty() ? "" : "?" + query;
    }

    private static String parameter(Map.Entry<String, @Nullable Object> filter) {
        return filter.getKey() + "=" + Http.encoded(String.valueOf(filter.getValue()));
    }

    @Command(
            name = "move",
            description = "Gives a waiting job another turn among those of its kind.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footer = {"", "Example:", "  sluice jobs move $ID 1     # it is the next one"})
    static final class Move implements Callable<Integer> {
        @Mixin
        private final ServerOptions options = new ServerOptions();

        @Parameters(index = "0", paramLabel = "ID", description = "The job.")
        private String id = "";

        @Parameters(index = "1", paramLabel = "POSITION", description = "1 is the next; beyond the last: the last.")
        private int position;

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public Integer call() {
            if (position < 1) {
                throw Failure.usage("a position is counted from 1, not " + position);
            }
            var request = Json.object().put("position", position);
            return Asking.print(
                    options,
                    spec,
                    server -> server.postJson(
                            "/api/v1/cli/move/" + Http.encoded(id),
                            options.json() ? "application/json" : "text/plain",
                            request));
        }
    }
}
