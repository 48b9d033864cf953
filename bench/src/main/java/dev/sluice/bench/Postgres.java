package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// A PostgreSQL of its own, as Debian's package installs it, on a free port; it syncs as it does in earnest.
final class Postgres implements AutoCloseable {
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

    private final Workbench bench;
    private final Path folder;
    private final Path programs;
    private final int port = FreePort.find();

    static Postgres start(Workbench bench) {
        var postgres = new Postgres(bench, bench.diskFolder("postgres"));
        postgres.start();
        return postgres;
    }

    private Postgres(Workbench bench, Path folder) {
        this.bench = bench;
        this.folder = folder;
        String given = System.getenv("POSTGRES_BIN");
        this.programs = given != null ? Path.of(given) : newest();
    }

    private static Path newest() {
        try (Stream<Path> versions = Files.list(DEBIAN)) {
            return versions.max(Comparator.comparingDouble(
                            version -> Double.parseDouble(version.getFileName().toString())))
                    .orElseThrow(Postgres::missing)
                    .resolve("bin");
        } catch (IOException e) {
            throw missing();
        }
    }

    private static BenchException missing() {
        return new BenchException(
                "there is no PostgreSQL; type: apt-get install -y --no-install-recommends postgresql");
    }

    private void start() {
        try {
            // It refuses to run as root, and its user has to get to its folder.
            Files.setPosixFilePermissions(folder.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
            if (root()) {
                Child.run(bench.log("chown"), List.of("chown", "postgres", folder.toString()));
            }
        } catch (IOException e) {
            throw new BenchException("cannot open " + folder + " for PostgreSQL", e);
        }
        run("initdb", "-D", data(), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale");
        String options = "-p " + port + " -c listen_addresses=127.0.0.1 -k " + folder;
        run("pg_ctl", "-D", data(), "-w", "-l", folder.resolve("log").toString(), "-o", options, "start");
    }

    private static boolean root() {
        return "root".equals(System.getProperty("user.name"));
    }

    private String data() {
        return folder.resolve("data").toString();
    }

    private String run(String program, String... words) {
        var command = new ArrayList<String>();
        if (root()) {
            command.addAll(List.of("runuser", "-u", "postgres", "--"));
        }
        command.add(programs.resolve(program).toString());
        command.addAll(List.of(words));
        return Child.run(bench.log(program), command);
    }

    /// The settings with which a server uses it.
    List<String> settings() {
        return List.of("state.url=jdbc:postgresql://127.0.0.1:" + port + "/postgres", "state.user=postgres");
    }

    /// A place that its user may write.
    String file(String name) {
        return folder.resolve(name).toString();
    }

    /// One statement, or one command of `psql`.
    void sql(String statement) {
        run(
                "psql",
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(port),
                "-U",
                "postgres",
                "-c",
                statement);
    }

    String version() {
        return run("postgres", "--version").strip().replaceAll(".*\\(PostgreSQL\\) (\\S+).*", "PostgreSQL $1");
    }

    @Override
    public void close() {
        run("pg_ctl", "-D", data(), "-w", "-m", "immediate", "stop");
    }
}
