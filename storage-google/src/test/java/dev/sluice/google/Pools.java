package dev.sluice.google;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sluice.cloud.BackOff;
import dev.sluice.cloud.Buffers;
import dev.sluice.cloud.KeptTails;
import dev.sluice.cloud.Supplies;
import dev.sluice.cloud.Transport;
import dev.sluice.core.StopToken;
import dev.sluice.db.Database;
import dev.sluice.fakes.FakeDrive;
import dev.sluice.fakes.FakeGoogle;
import dev.sluice.secrets.Vault;
import dev.sluice.storage.StorageAccount;
import dev.sluice.testing.SettableClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/// Pools of accounts on a strict Drive, each a node of its own.
final class Pools implements AutoCloseable {
    static final long MIB = 1 << 20;
    static final StopToken GO = new StopToken();

    final FakeDrive drive = FakeDrive.start();
    final SettableClock clock = new SettableClock(Instant.now());
    private final Supplier<Database> databases;
    private final Path folder;
    private final List<Runnable> opened = new ArrayList<>();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger root = (Logger) LoggerFactory.getLogger("dev.sluice");

    @Nullable
    String shared;

    Pools(Supplier<Database> databases, Path folder) {
        this.databases = databases;
        this.folder = folder;
        log.start();
        root.setLevel(Level.DEBUG);
        root.addAppender(log);
    }

    Database database() {
        Database database = databases.get();
        opened.addFirst(database::close);
        return database;
    }

    Supplies supplies() {
        Transport transport = Transport.open(Duration.ofSeconds(5), Duration.ofSeconds(20));
        opened.addFirst(transport::close);
        Vault vault = Vault.in(folder.resolve("secrets.key"));
        return new Supplies(
                transport,
                new Buffers(64 * MIB).share(),
                KeptTails.in(folder.resolve("kept"), vault),
                vault,
                clock,
                new BackOff(Duration.ofMillis(1), Duration.ofMillis(5), 3));
    }

    DriveSettings settings() {
        return new DriveSettings("drive", shared, null, "", false, URI.create(drive.url()));
    }

    OAuthClient client() {
        return OAuthClient.at(
                URI.create(drive.url()),
                FakeGoogle.CLIENT_ID,
                FakeGoogle.CLIENT_SECRET,
                "https://www.googleapis.com/auth/drive.file");
    }

    /// A node with these service accounts, and those that are connected.
    AccountPool open(String... keyed) {
        return open(supplies(), keyed);
    }

    AccountPool open(Supplies supplies, String... keyed) {
        var accounts = new ArrayList<GoogleAccount>();
        for (String email : keyed) {
            try {
                byte[] key = drive.account(email).serviceAccountKey().getBytes(StandardCharsets.UTF_8);
                accounts.add(GoogleAccount.ofKey(key, GoogleAccount.DRIVE, supplies, "drive"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return new AccountPool(settings(), accounts, client(), database(), supplies);
    }

    /// As another node sees it within seconds.
    void wait(Accounts pool) {
        clock.pass(Duration.ofSeconds(6));
        pool.standing();
    }

    static StorageAccount standing(Accounts pool, String account) {
        return pool.standing().stream()
                .filter(standing -> standing.account().equals(account))
                .findFirst()
                .orElseThrow();
    }

    /// All that was said, at any level.
    List<String> said() {
        return List.copyOf(log.list).stream()
                .map(event -> event.getLevel() + " " + event.getFormattedMessage()
                        + (event.getThrowableProxy() == null
                                ? ""
                                : " " + event.getThrowableProxy().getMessage()))
                .toList();
    }

    @Override
    public void close() {
        root.detachAppender(log);
        opened.forEach(Runnable::run);
        drive.close();
    }
}
