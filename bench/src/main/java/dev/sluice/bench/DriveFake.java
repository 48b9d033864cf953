package dev.sluice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// The Google Drive of `dev/fake-drive`, in a process of its own, which takes the digests of bytes and forgets them.
final class DriveFake implements Provider {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String ACCOUNT = "bench@example.com";

    private final Child child;
    private final URI url;
    private final String token;
    private final HttpConnection http;

    private DriveFake(Child child) {
        this.child = child;
        this.url = URI.create(child.says("url").strip());
        this.token = child.says("token").strip();
        this.http = new HttpConnection(address());
    }

    static DriveFake start(Workbench bench) {
        Child child = Child.start(
                bench.log("fake-drive"),
                List.of(
                        bench.fakeDrive().toString(),
                        "--port",
                        "0",
                        "--keep",
                        "digest",
                        "--account",
                        ACCOUNT,
                        "--storage",
                        "9000000000000"));
        try {
            return new DriveFake(child);
        } catch (BenchException e) {
            child.close();
            throw e;
        }
    }

    long pid() {
        return child.pid();
    }

    InetSocketAddress address() {
        return new InetSocketAddress(url.getHost(), url.getPort());
    }

    /// The settings of a storage of that name, to which files go where none is asked for.
    ///
    /// @param key a file that is made, with the key of the service account
    List<String> standard(String storage, Path key) {
        try {
            Files.writeString(
                    key,
                    http.get("/_fake/accounts/" + ACCOUNT + "/key").expect(200).body());
        } catch (IOException e) {
            throw new BenchException("cannot write " + key, e);
        }
        String prefix = "storages." + storage + ".";
        return List.of(
                prefix + "kind=gdrive",
                prefix + "endpoint=" + url,
                prefix + "credentials=" + key,
                prefix + "folder=bench",
                prefix + "create-folder=true",
                "storage=" + storage);
    }

    private String headers() {
        return "Authorization: Bearer " + token + "\r\n";
    }

    /// Begins a resumable upload.
    ///
    /// @return the address of its session
    URI begin(String name, long size) {
        return URI.create(String.valueOf(http.ask(
                        "POST",
                        "/upload/drive/v3/files?uploadType=resumable",
                        headers() + "Content-Type: application/json; charset=UTF-8\r\nX-Upload-Content-Length: " + size
                                + "\r\n",
                        "{\"name\":\"" + name + "\"}")
                .expect(200)
                .headers()
                .get("location")));
    }

    /// The header lines that a session is sent bytes with.
    String sessionHeaders() {
        return headers();
    }

    /// Looks at name and size: the bytes are not there.
    @Override
    public void requireStored(String name, Cargo sent, long size) {
        JsonNode stored = stored();
        if (stored.size() != 1
                || !stored.path(0).path("name").asText().equals(name)
                || stored.path(0).path("size").asLong() != size) {
            throw new BenchException(name + " has not become a file of " + size + " bytes: " + stored);
        }
    }

    /// Deletes what others than a server of ours have stored.
    void deleteAll() {
        for (JsonNode file : stored()) {
            http.ask("DELETE", "/drive/v3/files/" + file.path("id").asText(), headers(), "")
                    .expect(204);
        }
    }

    @Override
    public void awaitEmpty() {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!stored().isEmpty() || !control("sessions").isEmpty()) {
            if (System.nanoTime() > until) {
                throw new BenchException("something stays in Drive: " + stored() + control("sessions"));
            }
            Pause.millis(5);
        }
    }

    private JsonNode stored() {
        return control("stored");
    }

    private JsonNode control(String what) {
        return http.get("/_fake/" + what).expect(200).json();
    }

    @Override
    public void close() {
        http.close();
        child.close();
    }
}
