package dev.sluice.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// `@tus/server` with its file store, in Node.
final class TusNode implements AutoCloseable {
    private final Child child;
    private final Path folder;
    private final InetSocketAddress address;

    private TusNode(Child child, Path folder) {
        this.child = child;
        this.folder = folder;
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(child.says("ready")));
    }

    /// @param folder takes the files
    static TusNode start(Workbench bench, Path folder) {
        install(bench);
        return new TusNode(
                Child.start(
                        bench.log("tus-server"), List.of("node", script(bench, "tus-server.mjs"), folder.toString())),
                folder);
    }

    private static void install(Workbench bench) {
        if (!Files.exists(bench.rivals().resolve("node_modules/@tus/server"))) {
            Child.run(
                    bench.log("npm"),
                    List.of(
                            "npm",
                            "--prefix",
                            bench.rivals().toString(),
                            "ci",
                            "--ignore-scripts",
                            "--loglevel=error"));
        }
    }

    static String script(Workbench bench, String name) {
        return bench.rivals().resolve(name).toString();
    }

    /// The versions of the server, of the client, and of what runs them.
    static List<String> versions(Workbench bench) {
        String node =
                Child.run(bench.log("version"), List.of("node", "--version")).strip();
        return List.of("Node " + node, version(bench, "@tus/server"), version(bench, "tus-js-client"));
    }

    private static String version(Workbench bench, String name) {
        Path description = bench.rivals().resolve("node_modules").resolve(name).resolve("package.json");
        return name + " "
                + Child.run(bench.log("version"), List.of("node", "-p", "require('" + description + "').version"))
                        .strip();
    }

    InetSocketAddress address() {
        return address;
    }

    /// Where the bytes of an upload lie.
    Path file(String path) {
        return folder.resolve(path.substring(path.lastIndexOf('/') + 1));
    }

    void delete(String path) {
        try (var http = new HttpConnection(address)) {
            Tus.delete(http, path);
        }
    }

    long pid() {
        return child.pid();
    }

    @Override
    public void close() {
        child.close();
    }
}
