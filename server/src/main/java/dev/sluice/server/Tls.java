package dev.sluice.server;

import dev.sluice.app.ConfigurationException;
import dev.sluice.app.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The certificate that this server shows, read from PEM files and read again once they have changed: handshakes from
/// then on get the new one, connections that are there stay. Files that do not hold what they should are complained of,
/// and the last good certificate stays.
final class Tls implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Tls.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
    private static final Duration RENEWAL_DUE = Duration.ofDays(14);

    private final Path certificate;
    private final Path key;
    private final SslContextFactory.Server context = new SslContextFactory.Server();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("tls").factory());
    private String seen;

    /// What the settings say of TLS, where they do.
    ///
    /// @param folder that the files' names are relative to
    /// @throws ConfigurationException where a file is missing or does not hold what it should
    static Optional<Tls> of(Settings.Tls settings, Path folder) {
        Path certificate = settings.certificate().orElse(null);
        Path key = settings.key().orElse(null);
        if (certificate == null && key == null) {
            return Optional.empty();
        }
        if (certificate == null || key == null) {
            throw new ConfigurationException("server.tls needs both, certificate and key, and "
                    + (key == null ? "key" : "certificate") + " is missing");
        }
        return Optional.of(new Tls(folder.resolve(certificate), folder.resolve(key)));
    }

    private Tls(Path certificate, Path key) {
        this.certificate = certificate;
        this.key = key;
        this.seen = state();
        show(context, PemIdentity.read(certificate, key));
        // The guard looks at Host for all connections alike.
        context.setSniRequired(false);
    }

    private static void show(SslContextFactory factory, PemIdentity identity) {
        factory.setKeyStore(identity.keyStore());
        factory.setKeyStorePassword(PemIdentity.PASSWORD);
        Instant until = identity.until();
        if (until.isBefore(Clock.systemUTC().instant().plus(RENEWAL_DUE))) {
            log.warn("the certificate is valid until {} only; renew it, its files are read again by themselves", until);
        }
    }

    SslContextFactory.Server context() {
        return context;
    }

    /// Looks at the files from now on.
    void watch() {
        long nanos = BETWEEN_LOOKS.toNanos();
        var unused = clock.scheduleWithFixedDelay(this::look, nanos, nanos, TimeUnit.NANOSECONDS);
    }

    private void look() {
        String state = state();
        if (state.equals(seen)) {
            return;
        }
        seen = state;
        try {
            var identity = PemIdentity.read(certificate, key);
            context.reload(factory -> show(factory, identity));
            log.info("{} has changed and is shown from now on", certificate);
        } catch (Exception e) {
            log.warn("the certificate has changed and cannot be used, the last one stays: {}", e.getMessage());
        }
    }

    /// Differs where the files differ, also where a link leads elsewhere.
    private String state() {
        var state = new StringBuilder();
        for (Path file : List.of(certificate, key)) {
            try {
                state.append(Files.getLastModifiedTime(file).toMillis())
                        .append(' ')
                        .append(file.toRealPath())
                        .append(' ')
                        .append(Files.size(file))
                        .append('\n');
            } catch (IOException e) {
                state.append("missing\n");
            }
        }
        return state.toString();
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
