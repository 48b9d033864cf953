package dev.sluice.notify;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.db.Database;
import dev.sluice.secrets.Vault;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Who pushes: a key that push services know us by (RFC 8292), so that nobody else can push to our subscribers. It is
/// made when it is first needed, and lies sealed in the database, the same for all nodes. Safe for use by many threads.
final class Vapid {
    private static final String CONTEXT = "vapid";
    /// RFC 8292 §2: at most a day.
    private static final Duration AGE = Duration.ofHours(12);
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final Database database;
    private final Supplier<Vault> vault;
    private final Clock clock;
    private final String contact;
    private volatile @Nullable Pair known;

    private record Pair(ECPublicKey open, ECPrivateKey secret) {}

    Vapid(Database database, Supplier<Vault> vault, Clock clock, String contact) {
        this.database = database;
        this.vault = vault;
        this.clock = clock;
        this.contact = contact;
    }

    /// As a browser wants it for `applicationServerKey`.
    String publicKey() {
        return BASE64.encodeToString(P256.bytes(pair().open()));
    }

    /// The header `Authorization` for a message to that endpoint.
    String authorization(URI endpoint) {
        String audience = endpoint.getScheme() + "://" + endpoint.getRawAuthority();
        String head = part(Json.text(Map.of("typ", "JWT", "alg", "ES256")));
        String claims = part(Json.text(Map.of(
                "aud", audience,
                "exp", clock.instant().plus(AGE).getEpochSecond(),
                "sub", contact)));
        String signed = head + "." + claims;
        return "vapid t=" + signed + "." + BASE64.encodeToString(signature(signed)) + ", k=" + publicKey();
    }

    private static String part(String json) {
        return BASE64.encodeToString(json.getBytes(UTF_8));
    }

    private byte[] signature(String text) {
        try {
            Signature signing = Signature.getInstance("SHA256withECDSAinP1363Format");
            signing.initSign(pair().secret());
            signing.update(text.getBytes(UTF_8));
            return signing.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has ES256", e);
        }
    }

    private Pair pair() {
        Pair pair = known;
        if (pair == null) {
            pair = stored().orElseGet(this::made);
            known = pair;
        }
        return pair;
    }

    private Optional<Pair> stored() {
        return database.read(Vapid::sealed).map(stored -> {
            String[] words = vault.get().open(CONTEXT, stored).split(" ", 2);
            return new Pair(
                    P256.point(Base64.getUrlDecoder().decode(words[0])),
                    P256.secret(Base64.getUrlDecoder().decode(words[1])));
        });
    }

    private static Optional<String> sealed(Handle handle) {
        return handle.createQuery("SELECT sealed FROM vapid WHERE id = 1")
                .mapTo(String.class)
                .findOne();
    }

    /// Of several nodes that make one, the first has it.
    private Pair made() {
        KeyPair fresh = P256.generate();
        String words = BASE64.encodeToString(P256.bytes((ECPublicKey) fresh.getPublic())) + " "
                + BASE64.encodeToString(P256.bytes((ECPrivateKey) fresh.getPrivate()));
        String sealed = vault.get().seal(CONTEXT, words);
        database.write(transaction -> transaction
                .handle()
                .createUpdate("INSERT INTO vapid (id, sealed) VALUES (1, :sealed) ON CONFLICT DO NOTHING")
                .bind("sealed", sealed)
                .execute());
        return stored().orElseThrow();
    }
}
