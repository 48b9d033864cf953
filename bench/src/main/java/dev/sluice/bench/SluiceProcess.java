package dev.sluice.bench;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A server of ours, in a process of its own, with the options that `./sluice serve` gives to its JVM.
final class SluiceProcess implements AutoCloseable {
    private static final String MAIN = "dev.sluice.cli.Main";

    private final Child child;
    private final Path data;
    private final InetSocketAddress address;

    private SluiceProcess(Child child, Path data, URI url) {
        this.child = child;
        this.data = data;
        this.address = new InetSocketAddress(url.getHost(), url.getPort());
    }

    /// `./sluice serve`, with files on a disk.
    ///
    /// @param data the data folder
    /// @param options more for the JVM
    /// @param settings as `key=value`
    static SluiceProcess serve(Workbench bench, Path data, String options, List<String> settings) {
        var command = new ArrayList<>(
                List.of(bench.launcher().toString(), "serve", "--port", "0", "--data", data.toString()));
        settings.forEach(setting -> command.addAll(List.of("--set", setting)));
        return ready(
                Child.start(bench.log("serve"), command, Map.of("SLUICE_JAVA_OPTS", options, "SLUICE_BUILD", "never")),
                data);
    }

    /// The same on a storage that forgets all bytes, or on one that passes them on.
    ///
    /// @param sink the port of a [SinkProcess], or 0
    static SluiceProcess withSink(Workbench bench, Path data, int sink, List<String> settings) {
        var command = new ArrayList<>(optionsOfServe(bench));
        command.addAll(List.of(BenchServer.class.getName(), data.toString(), Integer.toString(sink), "server.port=0"));
        command.addAll(settings);
        return ready(Child.start(bench.log("serve"), command), data);
    }

    private static SluiceProcess ready(Child child, Path data) {
        try {
            return new SluiceProcess(child, data, URI.create(child.says("ready")));
        } catch (BenchException e) {
            child.close();
            throw e;
        }
    }

    /// The program and its options up to the main class, taken from a real `./sluice serve`, our own jar added.
    static List<String> optionsOfServe(Workbench bench) {
        List<String> command = List.of(
                bench.launcher().toString(),
                "serve",
                "--port",
                "0",
                "--data",
                bench.folder("sample").toString());
        try (Child sample = Child.start(bench.log("sample"), command, Map.of("SLUICE_BUILD", "never"))) {
            List<String> words = sample.becomes(MAIN);
            var options = new ArrayList<>(words.subList(0, words.indexOf(MAIN)));
            int classPath = options.indexOf("-cp") + 1;
            options.set(classPath, options.get(classPath) + ":" + bench.jar());
            return options;
        }
    }

    InetSocketAddress address() {
        return address;
    }

    HttpConnection connect() {
        return new HttpConnection(address);
    }

    /// Makes the first user of a server with a sink and accounts.
    ///
    /// @param login the form that logs the user in later, as `username=…&password=…`
    void firstUser(String login) {
        String link = child.says("setup");
        String again = login.substring(login.indexOf("password=") + "password=".length());
        try (HttpConnection http = connect()) {
            http.ask(
                            "POST",
                            "/api/v1/auth/setup",
                            "Content-Type: application/x-www-form-urlencoded\r\n",
                            login + "&again=" + again + "&token=" + link.substring(link.indexOf('=') + 1))
                    .expect(200);
        }
    }

    /// Deletes a job that has ended, and what it stored.
    void delete(String job) {
        try (HttpConnection http = connect()) {
            http.ask("DELETE", "/api/v1/jobs/" + job + "?content=true", "", "");
        }
    }

    Path files() {
        return data.resolve("files");
    }

    Path data() {
        return data;
    }

    /// All that it has written to its outputs.
    String said() {
        return child.said();
    }

    long pid() {
        return child.pid();
    }

    @Override
    public void close() {
        child.close();
    }
}
