package dev.sluice.bench;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/// One PUT of a whole file to a session of Drive: by curl from a file in memory, or by the cheapest sender that there
/// is, which shows what the fake itself can take.
final class SessionPut implements Turns.Contestant {
    private static final String NAME = "rival.mp4";
    private static final String CURL = "curl";

    private final Workbench bench;
    private final DriveFake drive;
    private final Cargo cargo;
    private final Path file;
    private final long size;
    private final boolean byCurl;

    private SessionPut(Workbench bench, DriveFake drive, Cargo cargo, Path file, long size, boolean byCurl) {
        this.bench = bench;
        this.drive = drive;
        this.cargo = cargo;
        this.file = file;
        this.size = size;
        this.byCurl = byCurl;
    }

    /// @param file of `size` bytes
    static SessionPut byCurl(Workbench bench, DriveFake drive, Cargo cargo, Path file, long size) {
        return new SessionPut(bench, drive, cargo, file, size, true);
    }

    static SessionPut bySendfile(Workbench bench, DriveFake drive, Cargo cargo, long size) {
        return new SessionPut(bench, drive, cargo, Path.of("unused"), size, false);
    }

    static String version(Workbench bench) {
        String[] words =
                Child.run(bench.log("version"), List.of(CURL, "--version")).split(" ", 3);
        return words[0] + " " + words[1];
    }

    /// That of the fake: curl's own process is gone when it is done.
    @Override
    public long pid() {
        return drive.pid();
    }

    @Override
    public Turns.Load go() {
        double cpu = Usage.ownCpuSeconds();
        long began = System.nanoTime();
        URI session = drive.begin(NAME, size);
        if (byCurl) {
            Child.run(
                    bench.log(CURL),
                    List.of(
                            CURL,
                            "--silent",
                            "--show-error",
                            "--fail",
                            "--header",
                            drive.sessionHeaders().strip(),
                            "--upload-file",
                            file.toString(),
                            session.toString()));
        } else {
            try (var http = new HttpConnection(drive.address())) {
                http.send(
                                "PUT",
                                session.getRawPath() + "?" + session.getRawQuery(),
                                drive.sessionHeaders(),
                                cargo,
                                0,
                                size)
                        .expect(200);
            }
        }
        return Turns.Load.since(began, cpu);
    }

    @Override
    public void clear() {
        drive.requireStored(NAME, cargo, size);
        drive.deleteAll();
        drive.awaitEmpty();
    }
}
