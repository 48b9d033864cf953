package dev.sluice.accounts;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.db.Database;
import dev.sluice.db.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Those who can log in. Nobody is ever forgotten, since what they made is called by their names; they are disabled.
/// Safe for use by many threads.
public final class Users {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._@-]{0,62}");
    private static final Set<String> TAKEN = Set.of("local", "guest", "nobody");
    private static final String COLUMNS = "name, role, issuer, disabled, created";

    private final Database database;
    private final Clock clock;
    private final Hashing hashing;
    private final Credentials credentials;

    Users(Database database, Clock clock, Hashing hashing, Credentials credentials) {
        this.database = database;
        this.clock = clock;
        this.hashing = hashing;
        this.credentials = credentials;
    }

    public List<User> list() {
        return database.read(handle -> handle.createQuery("SELECT " + COLUMNS + " FROM users ORDER BY name")
                .map((row, context) -> user(row))
                .list());
    }

    public Optional<User> find(String name) {
        return database.read(handle -> handle.createQuery("SELECT " + COLUMNS + " FROM users WHERE name = :name")
                .bind("name", name)
                .map((row, context) -> user(row))
                .findOne());
    }

    /// @throws ProblemException `not_found`
    public User existing(String name) {
        return find(name)
                .orElseThrow(() -> new ProblemException(ErrorCode.NOT_FOUND, "there is no user \"" + name + "\""));
    }

    private static User user(ResultSet row) throws SQLException {
        return new User(
                row.getString("name"),
                Role.of(row.getString("role")),
                row.getString("issuer"),
                Times.instantOrNull(row, "disabled"),
                Times.instant(row, "created"));
    }

    /// Whether nobody can log in yet.
    public boolean isEmpty() {
        return database.read(handle -> handle.createQuery("SELECT COUNT(*) FROM users")
                        .mapTo(Long.class)
                        .one())
                == 0;
    }

    /// @throws ProblemException `invalid_request`; `conflict` where the name is taken
    public User add(String name, Role role, String password) {
        return add(name, role, password, false);
    }

    /// The first of all, who is an admin.
    ///
    /// @throws ProblemException `conflict` where there is a user already
    public User addFirst(String name, String password) {
        return add(name, Role.ADMIN, password, true);
    }

    private User add(String name, Role role, String password, boolean first) {
        requireName(name);
        Passwords.requireGood(name, password);
        String hash = hashing.run(() -> Passwords.hash(password));
        insert(name, role, hash, null, null, first);
        return existing(name);
    }

    /// Somebody new for whom an issuer vouches, under the name that it says, or with a number behind it where that is
    /// somebody else's.
    User vouched(String issuer, String subject, String called, Role role) {
        String name = called.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._@-]", "-");
        name = NAME.matcher(name).matches() && !TAKEN.contains(name) ? name : "user";
        for (int number = 1; ; number++) {
            try {
                insert(number == 1 ? name : name + "-" + number, role, null, issuer, subject, false);
                break;
            } catch (ProblemException e) {
                if (e.code() != ErrorCode.CONFLICT
                        || number == 1000
                        || bySubject(issuer, subject).isPresent()) {
                    break;
                }
            }
        }
        return bySubject(issuer, subject)
                .orElseThrow(() -> new ProblemException(ErrorCode.CONFLICT, "no name is free for " + called));
    }

    /// Whom an issuer knows as that.
    Optional<User> bySubject(String issuer, String subject) {
        return database.read(handle -> handle.createQuery(
                        "SELECT " + COLUMNS + " FROM users WHERE issuer = :issuer AND subject = :subject")
                .bind("issuer", issuer)
                .bind("subject", subject)
                .map((row, context) -> user(row))
                .findOne());
    }

    private void insert(
            String name,
            Role role,
            @Nullable String hash,
            @Nullable String issuer,
            @Nullable String subject,
            boolean first) {
        int made = database.write(transaction -> transaction
                .handle()
                .createUpdate("INSERT INTO users (name, role, password, issuer, subject, created)"
                        + " SELECT :name, :role, :password, :issuer, :subject, :now"
                        + (first ? " WHERE NOT EXISTS (SELECT 1 FROM users)" : " WHERE TRUE")
                        + " ON CONFLICT DO NOTHING")
                .bind("name", name)
                .bind("role", role.word())
                .bind("password", hash)
                .bind("issuer", issuer)
                .bind("subject", subject)
                .bind("now", Times.micros(clock.instant()))
                .execute());
        if (made == 0) {
            throw new ProblemException(
                    ErrorCode.CONFLICT,
                    first
                            ? "there are users already; an admin adds others"
                            : "there is a user \"" + name + "\" already",
                    Map.of("field", "name"));
        }
    }

    private static void requireName(String name) {
        if (!NAME.matcher(name).matches() || TAKEN.contains(name)) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "a name has 1 to 63 of a-z 0-9 . _ @ - and is not local, guest or nobody",
                    Map.of("field", "name"));
        }
    }

    /// All of the user's sessions end, and so do the keys with the rights that the role has not: they are asked for
    /// at each use.
    ///
    /// @throws ProblemException `not_found`; `conflict` where no admin would be left
    public User change(String name, @Nullable Role role, @Nullable Boolean disabled) {
        existing(name);
        long now = Times.micros(clock.instant());
        database.write(transaction -> {
            var handle = transaction.handle();
            long before = admins(handle);
            if (role != null) {
                handle.createUpdate("UPDATE users SET role = :role WHERE name = :name")
                        .bind("role", role.word())
                        .bind("name", name)
                        .execute();
            }
            if (disabled != null) {
                handle.createUpdate("UPDATE users SET disabled = :disabled WHERE name = :name")
                        .bind("disabled", disabled ? (Long) now : null)
                        .bind("name", name)
                        .execute();
            }
            if (before > 0 && admins(handle) == 0) {
                throw new ProblemException(ErrorCode.CONFLICT, "then there would be no admin: make another one first");
            }
            return before;
        });
        if (role != null || Boolean.TRUE.equals(disabled)) {
            credentials.endSessions(name, null);
        }
        return existing(name);
    }

    private static long admins(Handle handle) {
        return handle.createQuery("SELECT COUNT(*) FROM users WHERE role = 'admin' AND disabled IS NULL")
                .mapTo(Long.class)
                .one();
    }

    /// All of the user's sessions end, but one.
    ///
    /// @param but the session that stays
    /// @throws ProblemException `not_found`, `invalid_request`
    public void setPassword(String name, String password, @Nullable String but) {
        existing(name);
        Passwords.requireGood(name, password);
        String hash = hashing.run(() -> Passwords.hash(password));
        database.write(transaction -> transaction
                .handle()
                .createUpdate("UPDATE users SET password = :password WHERE name = :name")
                .bind("password", hash)
                .bind("name", name)
                .execute());
        credentials.endSessions(name, but);
    }

    /// Whether that is the password of a user who may log in.
    boolean fits(String name, String password) {
        String hash = database.read(handle -> handle.createQuery(
                        "SELECT password FROM users WHERE name = :name AND disabled IS NULL AND password IS NOT NULL")
                .bind("name", name)
                .mapTo(String.class)
                .findOne()
                .orElse(null));
        return hashing.run(() -> Passwords.fits(password, hash));
    }
}
