package dev.sluice.house;

import static java.util.stream.Collectors.toCollection;

import dev.sluice.fakes.FakeDrive;
import dev.sluice.fakes.FakeGcs;
import dev.sluice.fakes.FakeGoogle;
import dev.sluice.fakes.OpenSession;
import dev.sluice.fakes.Step;
import dev.sluice.fakes.Stored;
import dev.sluice.testing.Call;
import dev.sluice.testing.Fault;
import dev.sluice.testing.FaultyProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/// A fake of one of Google's storages. The server reaches it through the proxy, where the addresses of its sessions
/// are, too; the key of its account lies in a folder of the provider's own.
final class GoogleProvider implements Provider {
    private static final Pattern HANDLE = Pattern.compile("\\bupload_id=([^&]+)");
    private static final Pattern PRIVATE_KEY = Pattern.compile("PRIVATE KEY-----\\\\n(.{64})");

    private final String kind;
    private final FakeGoogle fake;
    private final FaultyProxy proxy;
    private final Path folder;

    private GoogleProvider(String kind, FakeGoogle fake) {
        this.kind = kind;
        this.fake = fake;
        this.proxy = FaultyProxy.before(URI.create(fake.url()));
        try {
            this.folder = Files.createTempDirectory("sluice-" + kind);
            Files.writeString(key(), fake.account("ann@example.com").serviceAccountKey());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static GoogleProvider gcs() {
        FakeGcs fake = FakeGcs.start();
        fake.bucket("clips");
        return new GoogleProvider("gcs", fake);
    }

    static GoogleProvider gdrive() {
        return new GoogleProvider("gdrive", FakeDrive.start());
    }

    private Path key() {
        return folder.resolve("google.json");
    }

    @Override
    public FaultyProxy proxy() {
        return proxy;
    }

    @Override
    public List<String> settings() {
        var settings = new ArrayList<>(List.of("kind=" + kind, "credentials=" + key(), "endpoint=" + proxy.endpoint()));
        settings.addAll(
                kind.equals("gcs") ? List.of("bucket=clips") : List.of("folder=Team/clips", "create-folder=true"));
        return settings;
    }

    @Override
    public int part() {
        return 8 << 20;
    }

    @Override
    public boolean begins(Call call) {
        return call.method().equals("POST")
                && call.target().contains("uploadType=resumable")
                && !call.target().contains("upload_id=");
    }

    @Override
    public boolean carries(Call call) {
        return call.method().equals("PUT") && !range(call).startsWith("bytes */");
    }

    /// The call that brings the last bytes.
    @Override
    public boolean completes(Call call) {
        String range = range(call);
        int dash = range.indexOf('-');
        int slash = range.indexOf('/');
        return carries(call)
                && dash > 0
                && slash > dash
                && range.substring(slash + 1)
                        .equals(Long.toString(Long.parseLong(range.substring(dash + 1, slash)) + 1));
    }

    private static String range(Call call) {
        return call.headers().getOrDefault("Content-Range", "");
    }

    @Override
    public boolean cleansUp(Call call) {
        return (call.method().equals("GET") && !call.target().contains("generateIds"))
                || (call.method().equals("PUT") && range(call).startsWith("bytes */"))
                || takesAway(call);
    }

    @Override
    public boolean takesAway(Call call) {
        return call.method().equals("DELETE");
    }

    @Override
    public Set<String> keys() {
        Set<String> keys = Provider.headers(proxy, "Authorization")
                .map(header -> header.replace("Bearer ", ""))
                .collect(toCollection(TreeSet::new));
        try {
            PRIVATE_KEY.matcher(Files.readString(key())).results().forEach(found -> keys.add(found.group(1)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return keys;
    }

    @Override
    public Set<String> handles() {
        var handles = Provider.inTargets(proxy, HANDLE).collect(toCollection(TreeSet::new));
        fake.openSessions().forEach(session -> handles.add(session.id()));
        return handles;
    }

    @Override
    public Fault refusal(String said) {
        return Fault.answer(
                403,
                Map.of("Content-Type", "application/json"),
                "{\"error\":{\"code\":403,\"message\":\"" + said
                        + "\",\"errors\":[{\"reason\":\"forbidden\",\"message\":\"" + said + "\"}]}}");
    }

    @Override
    public CompletableFuture<Void> spoilNext(String name) {
        fake.faults().next(Step.CHUNK, new dev.sluice.fakes.Fault.Corrupt());
        return CompletableFuture.allOf();
    }

    @Override
    public Set<String> objects() {
        var objects = new TreeSet<String>();
        for (Stored object : fake.stored()) {
            // In a folder of Drive two files may have one name.
            if (!objects.add(object.name())) {
                objects.add("a twin of " + object.name());
            }
        }
        return objects;
    }

    /// A session can be ended by its address only: one whose address the proxy still holds back is not left over yet.
    @Override
    public Set<String> leftovers() {
        boolean heldBack = !proxy.calls(call -> begins(call) && !call.over()).isEmpty();
        return fake.openSessions().stream()
                .filter(session -> !heldBack || session.received() > 0)
                .map(GoogleProvider::described)
                .collect(toCollection(TreeSet::new));
    }

    private static String described(OpenSession session) {
        return "session " + session.id() + " of " + session.name() + " with " + session.received() + " bytes";
    }

    /// A session whose address was on its way to the server, or not yet written down, has no bytes.
    @Override
    public Set<String> unlearnt(Instant killed) {
        Instant before = killed.minusSeconds(1);
        boolean onItsWay = !proxy.calls(call -> begins(call)
                        && call.ended().filter(ended -> ended.isAfter(before)).isPresent())
                .isEmpty();
        return fake.openSessions().stream()
                .filter(session -> onItsWay && session.received() == 0)
                .map(GoogleProvider::described)
                .collect(toCollection(TreeSet::new));
    }

    @Override
    public void close() {
        proxy.close();
        fake.close();
        try {
            Files.deleteIfExists(key());
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return kind;
    }
}
