package dev.sluice.accounts;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.db.Database;
import dev.sluice.db.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Sessions and API keys: what a caller shows. They are looked up at each use, so that what has ended has ended. Safe
/// for use by many threads.
public final class Credentials {
    private static final int LABEL = 100;
    private static final int KEYS = 100;
    private static final Duration KEPT = Duration.ofDays(30);

    private static final String SESSION = """
            SELECT s.id, s.created, s.expires, u.name, u.role FROM sessions s JOIN users u ON u.name = s.name
            WHERE s.ended IS NULL AND s.expires > :now AND u.disabled IS NULL AND
            """;
    private static final String KEY = """
            SELECT k.id, k.scopes, k.expires, u.name, u.role FROM api_keys k JOIN users u ON u.name = k.name
            WHERE k.ended IS NULL AND (k.expires IS NULL OR k.expires > :now) AND u.disabled IS NULL AND
            """;

    private final Database database;
    private final Clock clock;
    private final Duration sessionAge;
    private final Duration sessionLimit;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /// A word that was just made: it is shown once, and kept nowhere.
    public record Made(String word, String id, @Nullable Instant expires) {
        @Override
        public String toString() {
            return id + " until " + expires;
        }
    }

    /// A session as its user sees it.
    public record Session(String id, String address, Instant created, Instant expires) {}

    /// A key as its user sees it.
    public record Key(
            String id,
            String label,
            Set<Right> scopes,
            Instant created,
            @Nullable Instant expires) {
        public Key {
            scopes = Set.copyOf(scopes);
        }
    }

    Credentials(Database database, Clock clock, Duration sessionAge, Duration sessionLimit) {
        this.database = database;
        this.clock = clock;
        this.sessionAge = sessionAge;
        this.sessionLimit = sessionLimit;
    }

    /// Calls that come when something has ended that connections may stand on. They return at once.
    public void onEnd(Runnable listener) {
        listeners.add(listener);
    }

    private void ended() {
        listeners.forEach(Runnable::run);
    }

    // ---- Who asks

    /// Whoever shows this word; nothing where it is none of ours, or has ended.
    public Optional<Caller> caller(String word) {
        if (word.startsWith(Secrets.SESSION)) {
            return find(SESSION + "s.digest = :what", Secrets.digest(word), Credentials::ofSession);
        }
        return word.startsWith(Secrets.KEY)
                ? find(KEY + "k.digest = :what", Secrets.digest(word), Credentials::ofKey)
                : Optional.empty();
    }

    /// The same by what a connection stands on.
    public Optional<Caller> caller(Caller.Credential credential) {
        return switch (credential.via()) {
            case SESSION -> find(SESSION + "s.id = :what", credential.id(), Credentials::ofSession);
            case KEY -> find(KEY + "k.id = :what", credential.id(), Credentials::ofKey);
            case TOKEN -> byToken(credential);
            case LOCAL, GUEST, NOBODY -> Optional.empty();
        };
    }

    private Optional<Caller> byToken(Caller.Credential token) {
        if (!clock.instant().isBefore(token.tokenEnds())) {
            return Optional.empty();
        }
        return database.read(handle -> handle.createQuery(
                        "SELECT name, role FROM users WHERE name = :name AND disabled IS NULL")
                .bind("name", token.tokenName())
                .map((row, context) -> new Caller(
                        new Owner(row.getString("name")),
                        token.tokenRole(Role.of(row.getString("role"))).rights(),
                        Caller.Via.TOKEN,
                        token,
                        token.tokenEnds()))
                .findOne());
    }

    private interface Reading {
        Caller of(ResultSet row) throws SQLException;
    }

    private Optional<Caller> find(String sql, String what, Reading reading) {
        return database.read(handle -> handle.createQuery(sql)
                .bind("now", now())
                .bind("what", what)
                .map((row, context) -> reading.of(row))
                .findOne());
    }

    private static Caller ofSession(ResultSet row) throws SQLException {
        return new Caller(
                new Owner(row.getString("name")),
                Role.of(row.getString("role")).rights(),
                Caller.Via.SESSION,
                new Caller.Credential(Caller.Via.SESSION, row.getString("id")),
                Times.instant(row, "expires"));
    }

    private static Caller ofKey(ResultSet row) throws SQLException {
        var rights = EnumSet.noneOf(Right.class);
        rights.addAll(scopes(row));
        rights.retainAll(Role.of(row.getString("role")).rights());
        return new Caller(
                new Owner(row.getString("name")),
                rights,
                Caller.Via.KEY,
                new Caller.Credential(Caller.Via.KEY, row.getString("id")),
                Times.instantOrNull(row, "expires"));
    }

    private static Set<Right> scopes(ResultSet row) throws SQLException {
        return Right.of(List.of(row.getString("scopes").split(",")));
    }

    private long now() {
        return Times.micros(clock.instant());
    }

    // ---- Sessions

    Made begin(String name, String address) {
        String word = Secrets.word(Secrets.SESSION);
        String id = Secrets.id();
        Instant expires = clock.instant().plus(sessionAge);
        database.write(transaction -> transaction
                .handle()
                .createUpdate("INSERT INTO sessions (id, digest, name, address, created, expires)"
                        + " VALUES (:id, :digest, :name, :address, :now, :expires)")
                .bind("id", id)
                .bind("digest", Secrets.digest(word))
                .bind("name", name)
                .bind("address", address)
                .bind("now", now())
                .bind("expires", Times.micros(expires))
                .execute());
        return new Made(word, id, expires);
    }

    /// A new word for the session, which from now on is the only one. However often, it ends in the end.
    ///
    /// @return nothing where it has ended
    public Optional<Made> refresh(String id) {
        String word = Secrets.word(Secrets.SESSION);
        Instant now = clock.instant();
        return database.write(transaction -> transaction
                .handle()
                .createQuery("UPDATE sessions SET digest = :digest, expires ="
                        + " CASE WHEN created + :limit < :expires THEN created + :limit ELSE :expires END"
                        + " WHERE id = :id AND ended IS NULL AND expires > :now RETURNING expires")
                .bind("digest", Secrets.digest(word))
                .bind("limit", sessionLimit.toMillis() * 1000)
                .bind("expires", Times.micros(now.plus(sessionAge)))
                .bind("id", id)
                .bind("now", Times.micros(now))
                .map((row, context) -> new Made(word, id, Times.instant(row, "expires")))
                .findOne());
    }

    /// Those of a user that have not ended, newest first.
    public List<Session> sessions(Owner user) {
        return database.read(handle -> handle.createQuery("SELECT id, address, created, expires FROM sessions"
                        + " WHERE name = :name AND ended IS NULL AND expires > :now ORDER BY created DESC, id")
                .bind("name", user.name())
                .bind("now", now())
                .map((row, context) -> new Session(
                        row.getString("id"),
                        row.getString("address"),
                        Times.instant(row, "created"),
                        Times.instant(row, "expires")))
                .list());
    }

    /// @return false where the user has no such session
    public boolean endSession(Owner user, String id) {
        return end("sessions", "id = :what AND name = :name", id, user.name()) > 0;
    }

    /// @param but the one that goes on
    void endSessions(String name, @Nullable String but) {
        end("sessions", "id <> :what AND name = :name", but == null ? "" : but, name);
    }

    private int end(String table, String which, String what, String name) {
        int ended = database.write(transaction -> transaction
                .handle()
                .createUpdate("UPDATE " + table + " SET ended = :now WHERE ended IS NULL AND " + which)
                .bind("now", now())
                .bind("what", what)
                .bind("name", name)
                .execute());
        ended();
        return ended;
    }

    // ---- Keys

    /// @param scopes what it is good for, and no more than its user may
    /// @throws ProblemException `invalid_request`; `limit_exceeded` where the user has too many
    public Made makeKey(Owner user, String label, Set<Right> scopes, @Nullable Duration age) {
        if (label.isBlank() || label.length() > LABEL) {
            throw invalid("label", "a key's label has 1 to " + LABEL + " characters");
        }
        if (scopes.isEmpty()) {
            throw invalid("scopes", "a key without a scope is good for nothing");
        }
        if (age != null && (age.isNegative() || age.isZero())) {
            throw invalid("expires_in", "a key expires after some seconds, not before");
        }
        String word = Secrets.word(Secrets.KEY);
        String id = Secrets.id();
        Instant expires = age == null ? null : clock.instant().plus(age);
        database.write(transaction -> {
            Handle handle = transaction.handle();
            long there = handle.createQuery("SELECT COUNT(*) FROM api_keys WHERE name = :name AND ended IS NULL")
                    .bind("name", user.name())
                    .mapTo(Long.class)
                    .one();
            if (there >= KEYS) {
                throw new ProblemException(
                        ErrorCode.LIMIT_EXCEEDED, "a user has at most " + KEYS + " keys: end one that is not needed");
            }
            return handle.createUpdate("INSERT INTO api_keys (id, digest, name, label, scopes, created, expires)"
                            + " VALUES (:id, :digest, :name, :label, :scopes, :now, :expires)")
                    .bind("id", id)
                    .bind("digest", Secrets.digest(word))
                    .bind("name", user.name())
                    .bind("label", label)
                    .bind("scopes", Right.words(scopes))
                    .bind("now", now())
                    .bind("expires", expires == null ? null : (Long) Times.micros(expires))
                    .execute();
        });
        return new Made(word, id, expires);
    }

    private static ProblemException invalid(String field, String message) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, message, Map.of("field", field));
    }

    /// Those of a user that have not ended, newest first.
    public List<Key> keys(Owner user) {
        return database.read(handle -> handle.createQuery("SELECT id, label, scopes, created, expires FROM api_keys"
                        + " WHERE name = :name AND ended IS NULL AND (expires IS NULL OR expires > :now)"
                        + " ORDER BY created DESC, id")
                .bind("name", user.name())
                .bind("now", now())
                .map((row, context) -> new Key(
                        row.getString("id"),
                        row.getString("label"),
                        scopes(row),
                        Times.instant(row, "created"),
                        Times.instantOrNull(row, "expires")))
                .list());
    }

    /// @return false where the user has no such key
    public boolean endKey(Owner user, String id) {
        return end("api_keys", "id = :what AND name = :name", id, user.name()) > 0;
    }

    /// Forgets what ended long ago.
    void trim(Handle handle) {
        long before = Times.micros(clock.instant().minus(KEPT));
        for (String table : List.of("sessions", "api_keys")) {
            handle.createUpdate("DELETE FROM " + table + " WHERE ended < :before OR expires < :before")
                    .bind("before", before)
                    .execute();
        }
    }
}
