package dev.sluice.bench;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/// One file by tus in chunks of 16 MiB, beside `@tus/server`: once sent by a client that costs next to nothing,
/// so that the servers are compared, once by the client that people use.
final class TusRow implements Row {
    private static final int CHUNK = 16 << 20;

    @Override
    public String name() {
        return "tus";
    }

    @Override
    public String title() {
        return "tus: PATCH of 2 GiB in 16 MiB chunks, beside @tus/server";
    }

    @Override
    public Result measure(Workbench bench) {
        long size = bench.of(2L << 30, 128L << 20);
        bench.requireMemory(3 * size);
        try (var cargo = Cargo.random(bench.folder("cargo"));
                var sluice = SluiceProcess.serve(bench, bench.folder("data"), "", List.of());
                var node = TusNode.start(bench, bench.folder("tus"))) {
            var ours = new Server(
                    sluice.address(),
                    sluice.pid(),
                    path -> sluice.files().resolve("film.mp4"),
                    path -> sluice.delete(path.substring(path.lastIndexOf('/') + 1)));
            var theirs = new Server(node.address(), node.pid(), node::file, node::delete);
            Turns cheap = Turns.take(bench, new CheapClient(ours, cargo, size), new CheapClient(theirs, cargo, size));

            Path film = bench.folder("film").resolve("film.mp4");
            cargo.write(film, size);
            Turns real = Turns.take(
                    bench,
                    new RealClient(bench, ours, cargo, film, size),
                    new RealClient(bench, theirs, cargo, film, size));
            var figures = new ArrayList<Figure>();
            figures.addAll(figures(cheap, size, "cheap sender", 2));
            figures.addAll(figures(real, size, "tus-js-client", 1));
            return new Result(
                    figures,
                    List.of(
                            "Both sides write to `/dev/shm`; ours keeps its CRC-32 and its state in SQLite, and syncs as "
                                    + "`durability: power` has it, which costs nothing there. Each file is compared "
                                    + "afterwards, byte by byte.",
                            "The cheap sender: one kept connection, one PATCH after the other, `sendfile` from memory. "
                                    + "tus-js-client: a process for each upload, from `start()` to `onSuccess`, reading "
                                    + "the file from memory. " + Turns.order(bench) + ", for each client."),
                    TusNode.versions(bench));
        }
    }

    private static List<Figure> figures(Turns turns, long size, String client, double bound) {
        return List.of(
                turns.throughput(size, Target.atLeastTimes(bound)).of(client),
                turns.serverCpu(size, Target.NONE).of(client),
                turns.clientCpu(size).of(client));
    }

    /// One of the two that are compared.
    ///
    /// @param file where the bytes of an upload lie, by its path
    /// @param delete deletes an upload, by its path
    private record Server(InetSocketAddress address, long pid, Function<String, Path> file, Consumer<String> delete) {
        void clear(Cargo cargo, String path, long size) {
            Path stored = file.apply(path);
            StoredFile.requireSame(cargo, stored, size);
            delete.accept(path);
            StoredFile.awaitGone(stored);
        }
    }

    private static final class CheapClient implements Turns.Contestant {
        private final Server server;
        private final Cargo cargo;
        private final long size;
        private String path = "";

        CheapClient(Server server, Cargo cargo, long size) {
            this.server = server;
            this.cargo = cargo;
            this.size = size;
        }

        @Override
        public long pid() {
            return server.pid;
        }

        @Override
        public Turns.Load go() {
            double cpu = Usage.ownCpuSeconds();
            long began = System.nanoTime();
            try (var http = new HttpConnection(server.address)) {
                path = Tus.create(http, size);
                for (long offset = 0; offset < size; offset += CHUNK) {
                    http.send("PATCH", path, Tus.patchHeaders(offset), cargo, offset, Math.min(CHUNK, size - offset))
                            .expect(204);
                }
            }
            return Turns.Load.since(began, cpu);
        }

        @Override
        public void clear() {
            server.clear(cargo, path, size);
        }
    }

    private static final class RealClient implements Turns.Contestant {
        private final Workbench bench;
        private final Server server;
        private final Cargo cargo;
        private final Path film;
        private final long size;
        private String path = "";

        RealClient(Workbench bench, Server server, Cargo cargo, Path film, long size) {
            this.bench = bench;
            this.server = server;
            this.cargo = cargo;
            this.film = film;
            this.size = size;
        }

        @Override
        public long pid() {
            return server.pid;
        }

        @Override
        public Turns.Load go() {
            String endpoint = "http://127.0.0.1:" + server.address.getPort() + "/files";
            String said = Child.run(
                    bench.log("tus-upload"),
                    List.of(
                            "node",
                            TusNode.script(bench, "tus-upload.mjs"),
                            endpoint,
                            film.toString(),
                            Integer.toString(CHUNK)));
            String[] words = said.strip().split(" ");
            path = words[1];
            return new Turns.Load(Double.parseDouble(words[2]), Double.parseDouble(words[3]));
        }

        @Override
        public void clear() {
            server.clear(cargo, path, size);
        }
    }
}
