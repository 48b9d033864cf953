package dev.sluice.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.sluice.accounts.AccountSettings;
import dev.sluice.accounts.Accounts;
import dev.sluice.accounts.Caller;
import dev.sluice.accounts.Issuer;
import dev.sluice.accounts.IssuerSettings;
import dev.sluice.accounts.Right;
import dev.sluice.accounts.Role;
import dev.sluice.accounts.Tickets;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.ProblemException;
import dev.sluice.db.Database;
import dev.sluice.testing.SettableClock;
import dev.sluice.testing.TestingIssuer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.util.Fields;

/// Words that tell who asks: of sessions, keys, tickets, issuers, logins that end, links. Whatever comes is refused as
/// the client's fault; what somebody has signed whom we believe makes nobody more than a user. The first byte says what
/// the others are: 0 a word as it comes, 1 what a ticket says, 2 claims of an issuer on top of good ones. For
/// `dev/fuzz`.
public final class TokensFuzz {
    private static final byte[] KEY = "0123456789abcdef0123456789abcdef".getBytes(UTF_8);
    private static final String PATH = "/ws/jobs";
    private static final Set<ErrorCode> REFUSALS =
            Set.of(ErrorCode.UNAUTHORIZED, ErrorCode.FORBIDDEN, ErrorCode.GONE, ErrorCode.CONFLICT);

    private static final SettableClock CLOCK = new SettableClock(Instant.parse("2026-11-01T10:00:00Z"));
    private static final TestingIssuer THEIRS = new TestingIssuer(CLOCK);
    private static final Path FOLDER = folder();
    private static final Database DATABASE = Database.sqlite(FOLDER.resolve("state.db"));
    private static final Accounts ACCOUNTS =
            Accounts.open(DATABASE, CLOCK, new Ids(CLOCK), AccountSettings.DEFAULT, KEY, "node");
    private static final Issuer ISSUER = ACCOUNTS.issuer(new IssuerSettings(
            THEIRS.uri(),
            TestingIssuer.CLIENT,
            TestingIssuer.SECRET,
            TestingIssuer.CLIENT,
            List.of("openid"),
            null,
            Map.of(),
            Role.USER));
    private static final DownloadLinks LINKS = new DownloadLinks(
            (context, text) -> "what nobody knows " + context + text,
            Duration.ofHours(1),
            null,
            () -> "http://localhost",
            CLOCK,
            id -> Optional.of(CLOCK.instant()),
            (link, job, created) -> false);

    private TokensFuzz() {}

    private static Path folder() {
        try {
            return Files.createTempDirectory("sluice-fuzz");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What is slow the first time is not the first input's fault.
    public static void fuzzerInitialize() throws JOSEException {
        for (byte what = 0; what < 3; what++) {
            fuzzerTestOneInput(new byte[] {what, '{', '}'});
        }
    }

    public static void fuzzerTearDown() throws IOException {
        ISSUER.close();
        ACCOUNTS.close();
        DATABASE.close();
        THEIRS.close();
        try (var files = Files.list(FOLDER)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(FOLDER);
    }

    public static void fuzzerTestOneInput(byte[] bytes) throws JOSEException {
        if (bytes.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(bytes, 1, bytes.length);
        switch (bytes[0]) {
            case 1 -> ticket(rest);
            case 2 -> claims(rest);
            default -> word(new String(rest, UTF_8));
        }
    }

    private static void word(String word) {
        require(ACCOUNTS.credentials().caller(word).isEmpty());
        require(!(ACCOUNTS.tickets().open(word, PATH) instanceof Tickets.Opening.Opened));
        require(ISSUER.caller(word).isEmpty());
        String[] parts = word.split("&", 5);
        String first = parts[0];
        String last = parts[parts.length - 1];
        refused(() -> ISSUER.finish(
                new Issuer.Return(first, last, "code", null, null), "http://localhost/callback", "192.0.2.1"));
        var query = new Fields();
        for (String part : parts) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                query.add(part.substring(0, equals), part.substring(equals + 1));
            }
        }
        refused(() -> LINKS.open(DownloadLinks.PATH + first, query));
    }

    private static void refused(Runnable act) {
        try {
            act.run();
        } catch (ProblemException e) {
            if (REFUSALS.contains(e.code())) {
                return;
            }
            throw new AssertionError(e.problem().message(), e);
        }
        throw new AssertionError("it was let in");
    }

    private static void ticket(byte[] said) throws JOSEException {
        var jwt = new JWSObject(new JWSHeader(JWSAlgorithm.HS256), new Payload(said));
        jwt.sign(new MACSigner(KEY));
        require(!(ACCOUNTS.tickets().open(jwt.serialize(), PATH) instanceof Tickets.Opening.Opened));
    }

    private static void claims(byte[] said) throws JOSEException {
        var claims = new HashMap<>(THEIRS.claims().build().toJSONObject());
        Payload payload;
        try {
            claims.putAll(JSONObjectUtils.parse(new String(said, UTF_8)));
            payload = new Payload(claims);
        } catch (ParseException e) {
            payload = new Payload(said);
        }
        var jwt = new JWSObject(
                new JWSHeader.Builder(JWSAlgorithm.ES256)
                        .type(JOSEObjectType.JWT)
                        .keyID(THEIRS.key().getKeyID())
                        .build(),
                payload);
        jwt.sign(new ECDSASigner(THEIRS.key().toECKey()));
        Optional<Caller> caller;
        try {
            caller = ISSUER.caller(jwt.serialize());
        } catch (ProblemException e) {
            if (REFUSALS.contains(e.code())) {
                return;
            }
            throw new AssertionError(e.problem().message(), e);
        }
        caller.ifPresent(known -> {
            require(known.owner().name().matches("[a-z0-9][a-z0-9._@-]{0,62}"));
            require(!known.may(Right.ADMIN));
        });
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new AssertionError("a word is believed that must not be");
        }
    }
}
