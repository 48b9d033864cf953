package dev.sluice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Announces files and puts them into one of a server's storages, all at once, each on a connection of its own.
final class Puts implements Turns.Contestant, AutoCloseable {
    private final SluiceProcess sluice;
    private final String storage;
    private final @Nullable Provider service;
    private final Cargo cargo;
    private final long size;
    private final List<Sender> senders;
    /// Not virtual ones: `sendfile` blocks what carries those, and who does not come to send is cut off as idle.
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory());

    private record Sender(String name, HttpConnection http) {}

    private final List<String> ids = new ArrayList<>();

    /// @param service that the storage is in; null where it forgets
    private Puts(SluiceProcess sluice, String storage, @Nullable Provider service, Cargo cargo, long size, int atOnce) {
        this.sluice = sluice;
        this.storage = storage;
        this.service = service;
        this.cargo = cargo;
        this.size = size;
        this.senders = IntStream.range(0, atOnce)
                .mapToObj(number -> new Sender("film-" + number + ".mp4", sluice.connect()))
                .toList();
    }

    /// Into a service: so many files at once, each of that size.
    static Puts into(Provider service, SluiceProcess sluice, String storage, Cargo cargo, long size, int atOnce) {
        return new Puts(sluice, storage, service, cargo, size, atOnce);
    }

    /// One file into a storage that forgets.
    static Puts forgotten(SluiceProcess sluice, Cargo cargo, long size) {
        return new Puts(sluice, "local", null, cargo, size, 1);
    }

    @Override
    public long pid() {
        return sluice.pid();
    }

    @Override
    public Turns.Load go() {
        double cpu = Usage.ownCpuSeconds();
        long began = System.nanoTime();
        List<Future<String>> sent = senders.stream()
                .map(sender -> threads.submit(() -> put(sender)))
                .toList();
        try {
            for (Future<String> id : sent) {
                ids.add(id.get());
            }
        } catch (ExecutionException e) {
            throw new BenchException("a file could not be put", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", e);
        }
        return Turns.Load.since(began, cpu);
    }

    private String put(Sender sender) {
        JsonNode announced = sender.http
                .post(
                        "/api/v1/upload/initiate",
                        "{\"filename\":\"" + sender.name + "\",\"size\":" + size + ",\"storage\":\"" + storage + "\"}")
                .expect(200)
                .json();
        String id = announced.path("file_id").asText();
        sender.http.send("PUT", "/api/v1/upload/" + id, "", cargo, 0, size).expect(200);
        return id;
    }

    @Override
    public void clear() {
        if (service != null) {
            senders.forEach(sender -> service.requireStored(sender.name, cargo, size));
        }
        ids.forEach(sluice::delete);
        ids.clear();
        if (service != null) {
            service.awaitEmpty();
        }
    }

    @Override
    public void close() {
        threads.close();
        senders.forEach(sender -> sender.http.close());
    }
}
