package dev.sluice.accounts;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.source.ImmutableSecret;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.nimbusds.jwt.proc.ExpiredJWTException;
import dev.sluice.db.Database;
import dev.sluice.db.Times;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tickets for sockets: JWTs (RFC 7519, HS256) that stand in an address, where logs find them, and are therefore good
/// for little: five minutes, the first path that they open, and one connection there at a time. Which of two that come
/// at once has it one statement decides, on whichever node they come. Wire contract §3. Safe for use by many threads.
public final class Tickets {
    public static final Duration AGE = Duration.ofMinutes(5);

    private static final Logger log = LoggerFactory.getLogger(Tickets.class);
    private static final String ISSUER = "sluice";
    private static final String AUDIENCE = "sluice-sockets";
    private static final String TYPE = "websocket";
    private static final Duration KEPT = Duration.ofHours(1);

    private final Database database;
    private final Clock clock;
    private final Credentials credentials;
    private final byte[] key;
    private final String node;
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

    /// What has become of a try to use one.
    public sealed interface Opening {
        /// It has been used; the connection is the caller's until the hold is closed.
        record Opened(Caller caller, Hold hold) implements Opening {}

        /// It was good once: a new one may be.
        record Expired() implements Opening {}

        /// It is no ticket for this, or used up.
        record Refused(String why) implements Opening {}
    }

    /// A connection that a ticket has open. Closing it lets the ticket open the same path again.
    public interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    /// @param key 32 bytes that all nodes of a database know
    /// @param node what no other node is called at the same time, and this one again after a crash
    Tickets(Database database, Clock clock, Credentials credentials, byte[] key, String node) {
        this.database = database;
        this.clock = clock;
        this.credentials = credentials;
        this.key = key.clone();
        this.node = node;
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(JWSAlgorithm.HS256, new ImmutableSecret<>(key)));
        processor.setJWTClaimsSetVerifier(new ByOurClock(clock));
        database.write(transaction -> transaction
                .handle()
                .createUpdate("UPDATE tickets SET holder = NULL WHERE holder LIKE :mine")
                .bind("mine", node + "/%")
                .execute());
    }

    private static final class ByOurClock extends DefaultJWTClaimsVerifier<SecurityContext> {
        private final Clock clock;

        ByOurClock(Clock clock) {
            super(
                    AUDIENCE,
                    new JWTClaimsSet.Builder()
                            .issuer(ISSUER)
                            .claim("type", TYPE)
                            .build(),
                    Set.of("sub", "jti", "iat", "exp"));
            this.clock = clock;
            setMaxClockSkew(0);
        }

        @Override
        protected Date currentTime() {
            return Date.from(clock.instant());
        }
    }

    /// A new one. Whoever comes by the socket of this machine, or where no accounts are in use, needs none.
    public String make(Caller caller) {
        String id = Secrets.id();
        Instant now = clock.instant();
        Instant expires = now.plus(AGE);
        Caller.Credential credential = caller.credential();
        database.write(transaction -> transaction
                .handle()
                .createUpdate("INSERT INTO tickets (id, credential, expires) VALUES (:id, :credential, :expires)")
                .bind("id", id)
                .bind("credential", credential == null ? Caller.Via.LOCAL.word() : credential.text())
                .bind("expires", Times.micros(expires))
                .execute());
        var jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256)
                        .type(JOSEObjectType.JWT)
                        .build(),
                new JWTClaimsSet.Builder()
                        .issuer(ISSUER)
                        .audience(AUDIENCE)
                        .subject(caller.owner().name())
                        .jwtID(id)
                        .issueTime(Date.from(now))
                        .expirationTime(Date.from(expires))
                        .claim("type", TYPE)
                        .build());
        try {
            jwt.sign(new MACSigner(key));
        } catch (JOSEException e) {
            throw new IllegalStateException("a key of 32 bytes signs", e);
        }
        return jwt.serialize();
    }

    /// Uses one for a connection to `path`.
    public Opening open(String word, String path) {
        String id;
        try {
            id = processor.process(SignedJWT.parse(word), null).getJWTID();
        } catch (ExpiredJWTException e) {
            return new Opening.Expired();
        } catch (ParseException | BadJOSEException | JOSEException e) {
            log.debug("a word that is no ticket", e);
            return new Opening.Refused("this token is none of ours");
        }
        String holder = node + "/" + Secrets.id();
        String stands = take(id, path, holder);
        if (stands == null) {
            return new Opening.Refused("this token is used up");
        }
        Hold hold = () -> letGo(id, holder);
        Optional<Caller> caller = stands.equals(Caller.Via.LOCAL.word())
                ? Optional.of(Caller.LOCAL)
                : credentials.caller(Caller.Credential.of(stands));
        if (caller.isEmpty()) {
            hold.close();
            return new Opening.Expired();
        }
        return new Opening.Opened(caller.get(), hold);
    }

    /// What the ticket stands on; null where another has it, or it is for another path.
    private @Nullable String take(String id, String path, String holder) {
        return database.write(transaction -> transaction
                .handle()
                .createQuery("UPDATE tickets SET path = :path, holder = :holder WHERE id = :id AND expires > :now"
                        + " AND holder IS NULL AND (path IS NULL OR path = :path) RETURNING credential")
                .bind("path", path)
                .bind("holder", holder)
                .bind("id", id)
                .bind("now", Times.micros(clock.instant()))
                .mapTo(String.class)
                .findOne()
                .orElse(null));
    }

    private void letGo(String id, String holder) {
        database.write(transaction -> transaction
                .handle()
                .createUpdate("UPDATE tickets SET holder = NULL WHERE id = :id AND holder = :holder")
                .bind("id", id)
                .bind("holder", holder)
                .execute());
    }

    void trim(Handle handle) {
        handle.createUpdate("DELETE FROM tickets WHERE expires < :before")
                .bind("before", Times.micros(clock.instant().minus(KEPT)))
                .execute();
    }
}
