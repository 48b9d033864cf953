package dev.sluice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// One file by one PUT, into memory on both sides, beside nginx.
final class PutRow implements Row {
    @Override
    public String name() {
        return "put";
    }

    @Override
    public String title() {
        return "PUT of 2 GiB, beside nginx DAV";
    }

    @Override
    public Result measure(Workbench bench) {
        long size = bench.of(2L << 30, 256L << 20);
        bench.requireMemory(2 * size);
        Path files = bench.folder("nginx");
        try (var cargo = Cargo.random(bench.folder("cargo"));
                var sluice = SluiceProcess.serve(bench, bench.folder("data"), "", List.of());
                var nginx = Nginx.dav(files);
                var ours = new SluicePut(sluice, cargo, size);
                var theirs = new NginxPut(nginx, files.resolve("files/film.mp4"), cargo, size)) {
            Turns turns = Turns.take(bench, ours, theirs);
            return new Result(
                    List.of(
                            turns.throughput(size, Target.atLeastTimes(0.85)),
                            turns.serverCpu(size, Target.atMostTimes(1.35)),
                            turns.clientCpu(size)),
                    List.of(
                            "Both sides write to `/dev/shm`, nginx its temporary file too. Ours announces the file first, "
                                    + "keeps its CRC-32, its state in SQLite, and syncs as `durability: power` has it, "
                                    + "which costs nothing there. Each file is compared afterwards, byte by byte.",
                            "nginx: one worker, `client_body_buffer_size 1m`, no access log. Ours: as `./sluice serve`.",
                            "The load: one connection, `sendfile` from memory. " + Turns.order(bench) + "."),
                    List.of(Nginx.version(bench.log("version"))));
        }
    }

    /// Announces a file and puts it; the same for other rows to be measured beside.
    static final class SluicePut implements Turns.Contestant, AutoCloseable {
        private final SluiceProcess sluice;
        private final Cargo cargo;
        private final long size;
        private final HttpConnection http;
        private String id = "";

        SluicePut(SluiceProcess sluice, Cargo cargo, long size) {
            this.sluice = sluice;
            this.cargo = cargo;
            this.size = size;
            this.http = sluice.connect();
        }

        @Override
        public long pid() {
            return sluice.pid();
        }

        @Override
        public Turns.Load go() {
            double cpu = Usage.ownCpuSeconds();
            long began = System.nanoTime();
            JsonNode announced = http.post(
                            "/api/v1/upload/initiate", "{\"filename\":\"film.mp4\",\"size\":" + size + "}")
                    .expect(200)
                    .json();
            id = announced.path("file_id").asText();
            http.send("PUT", "/api/v1/upload/" + id, "", cargo, 0, size).expect(200);
            return Turns.Load.since(began, cpu);
        }

        @Override
        public void clear() {
            StoredFile.requireSame(cargo, sluice.files().resolve("film.mp4"), size);
            sluice.delete(id);
            StoredFile.awaitGone(sluice.files().resolve("film.mp4"));
        }

        @Override
        public void close() {
            http.close();
        }
    }

    private static final class NginxPut implements Turns.Contestant, AutoCloseable {
        private final Nginx nginx;
        private final Path file;
        private final Cargo cargo;
        private final long size;
        private final HttpConnection http;

        NginxPut(Nginx nginx, Path file, Cargo cargo, long size) {
            this.nginx = nginx;
            this.file = file;
            this.cargo = cargo;
            this.size = size;
            this.http = new HttpConnection(nginx.address());
        }

        @Override
        public long pid() {
            return nginx.pid();
        }

        @Override
        public Turns.Load go() {
            double cpu = Usage.ownCpuSeconds();
            long began = System.nanoTime();
            http.send("PUT", "/film.mp4", "", cargo, 0, size).expect(201);
            return Turns.Load.since(began, cpu);
        }

        @Override
        public void clear() {
            StoredFile.requireSame(cargo, file, size);
            try {
                Files.delete(file);
            } catch (IOException e) {
                throw new BenchException("cannot delete " + file, e);
            }
        }

        @Override
        public void close() {
            http.close();
        }
    }
}
