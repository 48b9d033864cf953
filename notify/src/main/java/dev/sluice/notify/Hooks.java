package dev.sluice.notify;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.Kind;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Reachable;
import dev.sluice.db.Database;
import dev.sluice.db.Times;
import dev.sluice.secrets.Vault;
import java.net.URI;
import java.net.URISyntaxException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// The webhooks that there are. Safe for use by many threads.
public final class Hooks {
    static final int MOST = 20;
    private static final int LONGEST = 2000;
    private static final String BY_HAND = "switched off by hand";

    private final Database database;
    private final Ids ids;
    private final Clock clock;
    private final Supplier<Vault> vault;
    private final Reachable reachable;
    private final Deliveries deliveries;

    /// A new secret, which nobody is told again.
    public record Made(Hook hook, String secret) {}

    Hooks(Database database, Ids ids, Clock clock, Supplier<Vault> vault, Reachable reachable, Deliveries deliveries) {
        this.database = database;
        this.ids = ids;
        this.clock = clock;
        this.vault = vault;
        this.reachable = reachable;
        this.deliveries = deliveries;
    }

    /// What its owner asks for.
    public record Wish(String url, Set<Kind> kinds, Set<JobEnd> ends) {
        public Wish {
            kinds = Set.copyOf(kinds);
            ends = Set.copyOf(ends);
        }
    }

    /// @throws ProblemException `invalid_request`; `target_refused` where the URL names an address that may not be
    ///     reached; `limit_exceeded` where the owner has too many
    public Made add(Owner owner, Wish wish) {
        requireGood(wish);
        String secret = HookSignature.newSecret();
        Instant now = clock.instant();
        var hook = new Hook(ids.unique(), owner, wish.url(), wish.kinds(), wish.ends(), null, now);
        String sealed = vault.get().seal(context(hook.id()), secret);
        boolean added = database.write(transaction -> transaction
                        .handle()
                        .createUpdate("INSERT INTO hooks (id, owner, url, kinds, outcomes, secret, created)"
                                + " SELECT CAST(:id AS TEXT), CAST(:owner AS TEXT), CAST(:url AS TEXT),"
                                + " CAST(:kinds AS TEXT), CAST(:outcomes AS TEXT), CAST(:secret AS TEXT),"
                                + " CAST(:created AS BIGINT)"
                                + " WHERE (SELECT COUNT(*) FROM hooks WHERE owner = :owner) < :most")
                        .bind("id", hook.id())
                        .bind("owner", owner.name())
                        .bind("url", hook.url())
                        .bind("kinds", words(hook.kinds()))
                        .bind("outcomes", JobEnd.words(hook.ends()))
                        .bind("secret", sealed)
                        .bind("created", Times.micros(now))
                        .bind("most", MOST)
                        .execute())
                > 0;
        if (!added) {
            throw new ProblemException(
                    ErrorCode.LIMIT_EXCEEDED, "nobody has more than " + MOST + " webhooks: remove one first");
        }
        return new Made(hook, secret);
    }

    private void requireGood(Wish wish) {
        if (wish.ends().isEmpty()) {
            throw Subscription.invalid("outcomes", "name at least one of completed, failed and cancelled");
        }
        reachable.requireNamed(host(uri(wish.url())));
    }

    static String host(URI uri) {
        String host = Objects.requireNonNullElse(uri.getHost(), "");
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static URI uri(String url) {
        try {
            var uri = new URI(url);
            boolean http = "https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme());
            if (!http || uri.getHost() == null || url.length() > LONGEST) {
                throw Subscription.invalid("url", "a webhook's URL is http:// or https:// and names a host");
            }
            if (uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
                throw Subscription.invalid("url", "a webhook's URL has neither a name before an @ nor a # in it");
            }
            return uri;
        } catch (URISyntaxException e) {
            throw Subscription.invalid("url", "the webhook's URL is none: " + e.getReason());
        }
    }

    private static String context(String id) {
        return "webhook " + id;
    }

    private static String words(Collection<Kind> kinds) {
        return kinds.stream().map(Kind::value).sorted().collect(Collectors.joining(","));
    }

    public List<Hook> list(Owner owner) {
        return of(List.of(owner));
    }

    List<Hook> of(Collection<Owner> owners) {
        return database.read(handle -> handle.createQuery("SELECT * FROM hooks WHERE owner IN (<owners>) ORDER BY id")
                .bindList("owners", owners.stream().map(Owner::name).toList())
                .map((row, context) -> hook(row))
                .list());
    }

    public Optional<Hook> find(String id) {
        return database.read(handle -> handle.createQuery("SELECT * FROM hooks WHERE id = :id")
                .bind("id", id)
                .map((row, context) -> hook(row))
                .findOne());
    }

    private static Hook hook(ResultSet row) throws SQLException {
        return new Hook(
                row.getString("id"),
                new Owner(row.getString("owner")),
                row.getString("url"),
                Arrays.stream(row.getString("kinds").split(",", -1))
                        .filter(word -> !word.isEmpty())
                        .map(Kind::new)
                        .collect(Collectors.toUnmodifiableSet()),
                JobEnd.parse(row.getString("outcomes")),
                row.getString("why_off"),
                Times.instant(row, "created"));
    }

    Optional<String> secret(String id) {
        return database.read(handle -> handle.createQuery("SELECT secret FROM hooks WHERE id = :id")
                        .bind("id", id)
                        .mapTo(String.class)
                        .findOne())
                .map(secret -> vault.get().open(context(id), secret));
    }

    /// @throws ProblemException as [#add]
    public Optional<Hook> change(String id, Wish wish, boolean on) {
        requireGood(wish);
        int changed = database.write(transaction -> transaction
                .handle()
                .createUpdate("UPDATE hooks SET url = :url, kinds = :kinds, outcomes = :outcomes,"
                        + " why_off = CASE WHEN :on = 1 THEN NULL ELSE COALESCE(why_off, :why) END WHERE id = :id")
                .bind("url", wish.url())
                .bind("kinds", words(wish.kinds()))
                .bind("outcomes", JobEnd.words(wish.ends()))
                .bind("on", on ? 1 : 0)
                .bind("why", BY_HAND)
                .bind("id", id)
                .execute());
        if (changed > 0) {
            deliveries.hold(id, !on);
        }
        return find(id);
    }

    /// Takes the place of the secret at once.
    public Optional<Made> renew(String id) {
        String secret = HookSignature.newSecret();
        String sealed = vault.get().seal(context(id), secret);
        database.write(transaction -> transaction
                .handle()
                .createUpdate("UPDATE hooks SET secret = :secret WHERE id = :id")
                .bind("secret", sealed)
                .bind("id", id)
                .execute());
        return find(id).map(hook -> new Made(hook, secret));
    }

    /// What waits for it is held until somebody switches it on again.
    void switchOff(String id, String why) {
        database.write(transaction -> transaction
                .handle()
                .createUpdate("UPDATE hooks SET why_off = COALESCE(why_off, :why) WHERE id = :id")
                .bind("why", why)
                .bind("id", id)
                .execute());
        deliveries.hold(id, true);
    }

    /// Removes it with its deliveries.
    public void remove(String id) {
        database.write(transaction -> transaction.handle().execute("DELETE FROM hooks WHERE id = ?", id));
        deliveries.forget(id);
    }

    boolean any() {
        return database.read(handle -> handle.createQuery("SELECT 1 FROM hooks LIMIT 1")
                .mapTo(Integer.class)
                .findOne()
                .isPresent());
    }
}
