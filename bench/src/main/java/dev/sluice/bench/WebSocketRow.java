package dev.sluice.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// One file through the upload proxy's WebSocket, beside the same file by PUT.
final class WebSocketRow implements Row {
    private static final int MESSAGE = 4 << 20;
    private static final int NORMAL = 1000;

    @Override
    public String name() {
        return "websocket";
    }

    @Override
    public String title() {
        return "WebSocket proxy: 2 GiB in 4 MiB messages, beside our PUT";
    }

    @Override
    public Result measure(Workbench bench) {
        long size = bench.of(2L << 30, 256L << 20);
        bench.requireMemory(2 * size);
        var folder = bench.folder("cargo");
        try (var cargo = Cargo.random(folder);
                var messages = Cargo.messages(folder, cargo, MESSAGE);
                var sluice = SluiceProcess.serve(bench, bench.folder("data"), "", List.of());
                var webSocket = new WebSocketUpload(sluice, cargo, messages, size);
                var put = new PutRow.SluicePut(sluice, cargo, size)) {
            Turns turns = Turns.take(bench, webSocket, put);
            return new Result(
                    List.of(
                            turns.throughput(size, Target.atLeastTimes(0.75)),
                            turns.serverCpu(size, Target.NONE),
                            turns.clientCpu(size)),
                    List.of(
                            "One server for both; it writes to `/dev/shm`. Each file is compared afterwards, byte by byte.",
                            "The load: messages that were masked beforehand, `sendfile` from memory on both sides. "
                                    + Turns.order(bench) + "."),
                    List.of());
        }
    }

    private static final class WebSocketUpload implements Turns.Contestant, AutoCloseable {
        private final SluiceProcess sluice;
        private final Cargo cargo;
        private final Cargo messages;
        private final long size;
        private final HttpConnection http;
        private String id = "";

        WebSocketUpload(SluiceProcess sluice, Cargo cargo, Cargo messages, long size) {
            this.sluice = sluice;
            this.cargo = cargo;
            this.messages = messages;
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
            id = http.post("/api/v1/upload/initiate", "{\"filename\":\"film.mp4\",\"size\":" + size + "}")
                    .expect(200)
                    .json()
                    .path("file_id")
                    .asText();
            long wire = size / Cargo.LENGTH * messages.length();
            try (SocketChannel channel = Handshake.open(sluice.address(), "/ws/upload/" + id)) {
                CompletableFuture<Integer> closed = CompletableFuture.supplyAsync(
                        () -> read(channel),
                        task -> Thread.ofPlatform().daemon().start(task));
                messages.send(channel, 0, wire);
                int code = closed.join();
                if (code != NORMAL) {
                    throw new BenchException("the socket was closed with " + code);
                }
            } catch (IOException | CompletionException e) {
                throw new BenchException("the upload through a WebSocket failed", e);
            }
            return Turns.Load.since(began, cpu);
        }

        /// Reads what the server says until it closes.
        private static int read(SocketChannel channel) {
            var closed = new CompletableFuture<Integer>();
            var frames = new FrameReader(256);
            ByteBuffer buffer = ByteBuffer.allocateDirect(4 << 10);
            try {
                while (!closed.isDone() && channel.read(buffer.clear()) >= 0) {
                    frames.read(buffer.flip(), (opcode, start, kept, length) -> {
                        if (opcode == FrameReader.CLOSE) {
                            closed.complete(FrameReader.closeCode(start));
                        } else if (new String(start, 0, kept, StandardCharsets.UTF_8).contains("\"error\"")) {
                            throw new BenchException(new String(start, 0, kept, StandardCharsets.UTF_8));
                        }
                    });
                }
            } catch (IOException e) {
                throw new BenchException("the socket was cut", e);
            }
            return closed.getNow(0);
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
}
