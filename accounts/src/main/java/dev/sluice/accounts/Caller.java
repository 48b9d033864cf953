package dev.sluice.accounts;

import dev.sluice.core.Owner;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who asks, as is found out once for each request and each connection.
///
/// @param owner whose are the things that the caller makes
/// @param credential what the right stands on, which may end; null where it lasts
/// @param expires until when it is known to hold
public record Caller(
        Owner owner,
        Set<Right> rights,
        Via via,
        @Nullable Credential credential,
        @Nullable Instant expires) {
    /// Everybody where no accounts are in use; whoever comes through the socket in the data folder where they are.
    public static final Caller LOCAL = new Caller(Owner.LOCAL, Role.ADMIN.rights(), Via.LOCAL, null, null);

    /// Programs of this machine that watch what its user's commands do.
    public static final Caller SHELL = new Caller(Owner.LOCAL, Role.VIEWER.rights(), Via.LOCAL, null, null);

    /// All that nobody vouches for, together: what one of them made, another can see who has its id.
    public static final Caller GUEST = new Caller(new Owner("guest"), Role.USER.rights(), Via.GUEST, null, null);

    public static final Caller NOBODY = new Caller(new Owner("nobody"), Set.of(), Via.NOBODY, null, null);

    /// How it was shown who asks.
    public enum Via {
        LOCAL,
        SESSION,
        KEY,
        /// A token of an issuer.
        TOKEN,
        GUEST,
        NOBODY;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// A session or an API key, by its id; of a token what it says: nothing of it is kept here.
    public record Credential(Via via, String id) {
        private static final String STORED = "-";

        /// @param role that the token says; null: the one that is stored
        static Credential ofToken(String name, @Nullable Role role, Instant until) {
            return new Credential(
                    Via.TOKEN, until.getEpochSecond() + " " + (role == null ? STORED : role.word()) + " " + name);
        }

        private String part(int number) {
            return id.split(" ", 3)[number];
        }

        Instant tokenEnds() {
            return Instant.ofEpochSecond(Long.parseLong(part(0)));
        }

        Role tokenRole(Role stored) {
            return part(1).equals(STORED) ? stored : Role.of(part(1));
        }

        String tokenName() {
            return part(2);
        }

        String text() {
            return via.word() + " " + id;
        }

        static Credential of(String text) {
            int space = text.indexOf(' ');
            return new Credential(
                    Via.valueOf(text.substring(0, space).toUpperCase(Locale.ROOT)), text.substring(space + 1));
        }
    }

    public Caller {
        rights = Set.copyOf(rights);
    }

    public boolean may(Right right) {
        return rights.contains(right);
    }

    public boolean isNobody() {
        return via == Via.NOBODY;
    }

    /// Whether the caller is told of what belongs to that owner.
    public boolean sees(Owner whose) {
        return may(Right.ADMIN) || (owner.equals(whose) && may(Right.READ));
    }
}
