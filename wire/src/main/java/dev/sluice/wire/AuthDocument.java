package dev.sluice.wire;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who may use this server, and who asks just now.
///
/// @param mode `local` or `accounts`
/// @param guest whether uploads and downloads are open without a login
/// @param first whether the first user is still to be made
/// @param issuer the path at which a browser begins a login by OpenID Connect; absent where there is none
/// @param user absent where nobody has logged in
public record AuthDocument(
        String mode,
        boolean guest,
        boolean first,
        @Nullable String issuer,
        @Nullable User user) {
    /// @param via how it was shown who it is: `local`, `session`, `key`, `token`, `guest`
    /// @param expires until when it is known
    public record User(
            String name,
            List<String> rights,
            String via,
            @Nullable Instant expires) {
        public User {
            rights = List.copyOf(rights);
        }
    }
}
