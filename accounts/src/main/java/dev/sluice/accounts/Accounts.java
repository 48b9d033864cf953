package dev.sluice.accounts;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.db.Database;
import dev.sluice.db.Schema;
import java.time.Clock;
import java.util.Locale;

/// All of it, in one database. Safe for use by many threads.
public final class Accounts implements AutoCloseable {
    static final Schema SCHEMA = new Schema("accounts", 2);

    private final Database database;
    private final Clock clock;
    private final byte[] key;
    private final Hashing hashing = new Hashing();
    private final Attempts attempts;
    private final Credentials credentials;
    private final Users users;
    private final Tickets tickets;
    private final Links links;
    private final AuditLog audit;

    private Accounts(Database database, Clock clock, Ids ids, AccountSettings settings, byte[] key, String node) {
        this.database = database;
        this.clock = clock;
        this.key = key.clone();
        attempts = new Attempts(clock, settings.freeFailures());
        credentials = new Credentials(database, clock, settings.sessionAge(), settings.sessionLimit());
        users = new Users(database, clock, hashing, credentials);
        tickets = new Tickets(database, clock, credentials, key, node);
        links = new Links(database, clock);
        audit = new AuditLog(database, clock, ids, settings.auditAge());
    }

    /// Brings the tables up to date. The database stays the caller's.
    ///
    /// @param key 32 bytes that all nodes on the database know
    /// @param node what no other node on it is called at the same time, and this one again after a crash
    public static Accounts open(
            Database database, Clock clock, Ids ids, AccountSettings settings, byte[] key, String node) {
        database.migrate(SCHEMA);
        return new Accounts(database, clock, ids, settings, key, node);
    }

    public Users users() {
        return users;
    }

    public Credentials credentials() {
        return credentials;
    }

    public Tickets tickets() {
        return tickets;
    }

    public Links links() {
        return links;
    }

    public AuditLog audit() {
        return audit;
    }

    /// Begins a session. Whatever is wrong, the answer is the same, after the same time.
    ///
    /// @param address where the login comes from
    /// @throws ProblemException `unauthorized`; `limit_exceeded` where too many have failed, or wait
    public Credentials.Made login(String name, String password, String address) {
        String known = name.toLowerCase(Locale.ROOT);
        requirePassword(known, password, address);
        return credentials.begin(known, address);
    }

    /// Changes one's own password, which ends one's other sessions.
    ///
    /// @param but the session that stays, or an empty word
    /// @throws ProblemException as [#login], and `invalid_request`
    public void changePassword(Owner user, String current, String next, String but, String address) {
        requirePassword(user.name(), current, address);
        users.setPassword(user.name(), next, but);
    }

    private void requirePassword(String name, String password, String address) {
        attempts.require(name, address);
        if (!users.fits(name, password)) {
            attempts.failed(name, address);
            throw new ProblemException(ErrorCode.UNAUTHORIZED, "the name or the password is not right");
        }
        attempts.succeeded(name, address);
    }

    /// Lets in those for whom an issuer vouches. It is the caller's to close.
    public Issuer issuer(IssuerSettings settings) {
        return new Issuer(settings, clock, users, credentials, key);
    }

    /// Forgets what is too old.
    public void trim() {
        database.write(transaction -> {
            credentials.trim(transaction.handle());
            tickets.trim(transaction.handle());
            links.trim(transaction.handle());
            audit.trim(transaction.handle());
            return true;
        });
    }

    @Override
    public void close() {
        hashing.close();
        audit.close();
    }
}
