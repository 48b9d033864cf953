package dev.sluice.google;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.cloud.BackOff;
import dev.sluice.cloud.Buffers;
import dev.sluice.cloud.KeptTails;
import dev.sluice.cloud.Supplies;
import dev.sluice.cloud.Transport;
import dev.sluice.fakes.Account;
import dev.sluice.fakes.FakeDrive;
import dev.sluice.fakes.FakeGcs;
import dev.sluice.fakes.FakeGoogle;
import dev.sluice.fakes.FakeOptions;
import dev.sluice.secrets.Vault;
import dev.sluice.storage.ObjectRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/// A fake of one of the services and what a storage on it needs.
@NullMarked
final class TestingGoogle implements AutoCloseable {
    static final int MIB = 1 << 20;
    static final BackOff SOON = new BackOff(Duration.ofMillis(5), Duration.ofMillis(50), 6);
    private static final BackOff LANDING = new BackOff(Duration.ofMillis(2), Duration.ofMillis(5), 5);
    static final String PREFIX = "in/here/";

    /// Which of the two.
    enum Service {
        GCS,
        DRIVE
    }

    private final Service service;
    private final FakeGoogle fake;
    private final Account ann;
    private final Path data;
    private final Transport transport = Transport.open(Duration.ofSeconds(2), Duration.ofSeconds(10));
    private final Buffers buffers;

    private TestingGoogle(Service service, FakeGoogle fake, Path data, long memory) {
        this.buffers = new Buffers(memory);
        this.service = service;
        this.fake = fake;
        this.data = data;
        this.ann = fake.account("ann@example.com");
    }

    static TestingGoogle start(Service service, Path data) {
        return start(service, data, 128L * MIB, FakeOptions.plain());
    }

    /// @param memory for parts: half of it, at most 8 MiB, is one part
    static TestingGoogle start(Service service, Path data, long memory, FakeOptions options) {
        return switch (service) {
            case GCS -> {
                FakeGcs gcs = FakeGcs.start(options);
                gcs.bucket("clips");
                yield new TestingGoogle(service, gcs, data, memory);
            }
            case DRIVE -> new TestingGoogle(service, FakeDrive.start(options), data, memory);
        };
    }

    FakeGoogle fake() {
        return fake;
    }

    FakeDrive drive() {
        return (FakeDrive) fake;
    }

    FakeGcs gcs() {
        return (FakeGcs) fake;
    }

    Account ann() {
        return ann;
    }

    URI endpoint() {
        return URI.create(fake.url());
    }

    /// As a new process would have it.
    Supplies supplies() {
        return supplies(SOON);
    }

    Supplies supplies(BackOff backOff) {
        return supplies(backOff, Clock.systemUTC());
    }

    Supplies supplies(BackOff backOff, Clock clock) {
        Vault vault = Vault.in(data.resolve("secrets.key"));
        return new Supplies(
                transport, buffers.share(), KeptTails.in(data.resolve("tails"), vault), vault, clock, backOff);
    }

    /// One account by the key file of a service account.
    OneAccount account() {
        return account(ann.serviceAccountKey());
    }

    OneAccount account(String key) {
        try {
            return new OneAccount(GoogleAccount.ofKey(
                    key.getBytes(UTF_8),
                    service == Service.GCS ? GoogleAccount.BUCKETS : GoogleAccount.DRIVE,
                    supplies(),
                    "clips"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    TestingPool pool(Account... members) {
        return new TestingPool(Stream.of(members)
                .map(member -> account(member.serviceAccountKey()).account())
                .toList());
    }

    GoogleStorage storage() {
        return storage(account());
    }

    GoogleStorage storage(Accounts accounts) {
        return switch (service) {
            case GCS -> bucket("clips", PREFIX, accounts);
            case DRIVE -> folder(null, null, "Sluice/clips", true, accounts);
        };
    }

    GoogleStorage bucket(String bucket, String prefix, Accounts accounts) {
        Supplies supplies = supplies();
        var settings = new GcsSettings("clips", bucket, prefix, endpoint());
        return new GoogleStorage(GoogleStorage.place(settings, supplies), accounts, supplies, LANDING);
    }

    GoogleStorage folder(
            @Nullable String drive, @Nullable String folder, String path, boolean making, Accounts accounts) {
        Supplies supplies = supplies();
        var settings = new DriveSettings("clips", drive, folder, path, making, endpoint());
        return new GoogleStorage(GoogleStorage.place(settings, supplies), accounts, supplies, LANDING);
    }

    /// Names of what is stored, and a word for every session and every tail.
    Set<String> held() {
        var held = new TreeSet<String>();
        fake.stored().forEach(object -> held.add(object.name().replace(PREFIX, "")));
        fake.openSessions().forEach(session -> held.add("session " + session.id()));
        try (Stream<Path> tails = Files.list(data.resolve("tails"))) {
            tails.map(file -> String.valueOf(file.getFileName())).forEach(held::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return held;
    }

    /// Takes away what an earlier test left.
    void empty() {
        fake.expireSessions();
        GoogleStorage storage = storage();
        fake.stored()
                .forEach(object -> storage.delete(new ObjectRef(object.name().replace(PREFIX, ""), object.size())));
        storage.close();
    }

    long memoryTaken() {
        return buffers.used();
    }

    @Override
    public void close() {
        fake.close();
        transport.close();
    }
}
