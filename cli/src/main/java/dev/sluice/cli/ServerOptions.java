package dev.sluice.cli;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What the commands take that talk to a server.
final class ServerOptions {
    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Option(
            names = "--server",
            paramLabel = "URL",
            description = "The server to talk to (default: the one that runs on the data folder).")
    private @Nullable URI server;

    CommonOptions common() {
        return common;
    }

    boolean json() {
        return common.json();
    }

    Server server() {
        if (server != null && (server.getHost() == null || !isHttp(server))) {
            throw Failure.usage("--server wants an address like http://127.0.0.1:8080, not " + server);
        }
        return new Server(common.data(), server);
    }

    private static boolean isHttp(URI uri) {
        return "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
    }
}
