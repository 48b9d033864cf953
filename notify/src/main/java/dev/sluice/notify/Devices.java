package dev.sluice.notify;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Reachable;
import dev.sluice.db.Database;
import dev.sluice.db.Times;
import dev.sluice.secrets.Vault;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// The browsers that are pushed to. Safe for use by many threads.
public final class Devices {
    static final int MOST = 20;
    private static final int LONGEST = 2000;
    private static final int LABEL = 100;
    private static final String CONTEXT = "push subscription";
    private static final Set<String> HERE = Set.of("localhost", "127.0.0.1", "::1");

    private final Database database;
    private final Ids ids;
    private final Clock clock;
    private final Supplier<Vault> vault;
    private final Reachable reachable;
    private final Deliveries deliveries;

    Devices(
            Database database,
            Ids ids,
            Clock clock,
            Supplier<Vault> vault,
            Reachable reachable,
            Deliveries deliveries) {
        this.database = database;
        this.ids = ids;
        this.clock = clock;
        this.vault = vault;
        this.reachable = reachable;
        this.deliveries = deliveries;
    }

    /// Pushes to a browser from now on. One that is known keeps its id, and is whose user it has now.
    ///
    /// @throws ProblemException `invalid_request`; `target_refused` where the endpoint names an address that may not be
    ///     reached; `limit_exceeded` where the owner has too many
    public Device add(Owner owner, Subscription subscription, String label) {
        requireGood(subscription.endpoint());
        String shown = label.strip().substring(0, Math.min(label.strip().length(), LABEL));
        String sealed = vault.get()
                .seal(CONTEXT, subscription.endpoint() + " " + subscription.p256dh() + " " + subscription.auth());
        String digest = digest(subscription.endpoint());
        Optional<Device> added = database.write(transaction -> transaction
                .handle()
                .createQuery("INSERT INTO devices (id, owner, endpoint, sealed, label, created)"
                        + " SELECT CAST(:id AS TEXT), CAST(:owner AS TEXT), CAST(:endpoint AS TEXT),"
                        + " CAST(:sealed AS TEXT), CAST(:label AS TEXT), CAST(:created AS BIGINT)"
                        + " WHERE (SELECT COUNT(*) FROM devices WHERE owner = :owner AND endpoint <> :endpoint) < :most"
                        + " ON CONFLICT (endpoint) DO UPDATE SET owner = excluded.owner, sealed = excluded.sealed,"
                        + " label = excluded.label, created = excluded.created RETURNING *")
                .bind("id", ids.unique())
                .bind("owner", owner.name())
                .bind("endpoint", digest)
                .bind("sealed", sealed)
                .bind("label", shown)
                .bind("created", Times.micros(clock.instant()))
                .bind("most", MOST)
                .map((row, context) -> device(row))
                .findOne());
        return added.orElseThrow(() -> new ProblemException(
                ErrorCode.LIMIT_EXCEEDED, "nobody has more than " + MOST + " browsers told: remove one first"));
    }

    private void requireGood(String endpoint) {
        try {
            var uri = new URI(endpoint);
            String host = Hooks.host(uri);
            // RFC 8030 §8 wants TLS; on this very machine nobody listens in between.
            boolean safe = "https".equalsIgnoreCase(uri.getScheme())
                    || ("http".equalsIgnoreCase(uri.getScheme()) && HERE.contains(host));
            if (!safe || host.isEmpty() || uri.getRawUserInfo() != null || endpoint.length() > LONGEST) {
                throw Subscription.invalid("endpoint", "a push service's endpoint is https:// and names a host");
            }
            reachable.requireNamed(host);
        } catch (URISyntaxException e) {
            throw Subscription.invalid("endpoint", "the endpoint is no URL: " + e.getReason());
        }
    }

    private static String digest(String endpoint) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(endpoint.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    public List<Device> list(Owner owner) {
        return of(List.of(owner));
    }

    List<Device> of(Collection<Owner> owners) {
        return database.read(handle -> handle.createQuery("SELECT * FROM devices WHERE owner IN (<owners>) ORDER BY id")
                .bindList("owners", owners.stream().map(Owner::name).toList())
                .map((row, context) -> device(row))
                .list());
    }

    public Optional<Device> find(String id) {
        return database.read(handle -> handle.createQuery("SELECT * FROM devices WHERE id = :id")
                .bind("id", id)
                .map((row, context) -> device(row))
                .findOne());
    }

    private static Device device(ResultSet row) throws SQLException {
        return new Device(
                row.getString("id"),
                new Owner(row.getString("owner")),
                row.getString("label"),
                Times.instant(row, "created"));
    }

    Optional<Subscription> subscription(String id) {
        return database.read(handle -> handle.createQuery("SELECT sealed FROM devices WHERE id = :id")
                        .bind("id", id)
                        .mapTo(String.class)
                        .findOne())
                .map(stored -> {
                    String[] words = vault.get().open(CONTEXT, stored).split(" ", 3);
                    return new Subscription(words[0], words[1], words[2]);
                });
    }

    /// Pushes to it no more.
    public void remove(String id) {
        database.write(transaction -> transaction.handle().execute("DELETE FROM devices WHERE id = ?", id));
        deliveries.forget(id);
    }

    boolean any() {
        return database.read(handle -> handle.createQuery("SELECT 1 FROM devices LIMIT 1")
                .mapTo(Integer.class)
                .findOne()
                .isPresent());
    }
}
