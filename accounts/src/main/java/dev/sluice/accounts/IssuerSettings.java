package dev.sluice.accounts;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An issuer of OpenID Connect that vouches for users.
///
/// @param issuer as its tokens name it
/// @param clientId by which it knows this server
/// @param clientSecret null where it knows the client by PKCE alone
/// @param audience that bearer tokens name
/// @param scopes that a login asks for
/// @param roleClaim where the claims say what somebody is, as `realm_access.roles`; null: they do not
/// @param roles by the values of that claim
/// @param role of those of whom the claims say nothing; null: they are refused
public record IssuerSettings(
        URI issuer,
        String clientId,
        @Nullable String clientSecret,
        String audience,
        List<String> scopes,
        @Nullable String roleClaim,
        Map<String, Role> roles,
        @Nullable Role role) {
    public IssuerSettings {
        scopes = List.copyOf(scopes);
        roles = Map.copyOf(roles);
    }

    @Override
    public String toString() {
        return issuer + " for " + clientId;
    }
}
