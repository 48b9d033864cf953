package dev.sluice.app;

import dev.sluice.accounts.Issuer;
import dev.sluice.accounts.IssuerSettings;
import dev.sluice.accounts.Role;
import dev.sluice.core.ProblemException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The issuer of OpenID Connect as its settings have it.
final class ConfiguredIssuer {
    private static final String NOBODY = "none";

    private ConfiguredIssuer() {}

    /// @return nothing where there is none
    /// @throws ConfigurationException where a setting cannot be: it names its key
    static Optional<IssuerSettings> of(Settings.Oidc oidc) {
        String issuer = oidc.issuer().orElse(null);
        if (issuer == null) {
            return Optional.empty();
        }
        String client = oidc.clientId()
                .orElseThrow(() -> new ConfigurationException(
                        "auth.oidc.client-id is missing: by which id does " + issuer + " know this server?"));
        if (!oidc.scopes().contains("openid")) {
            throw new ConfigurationException("auth.oidc.scopes: \"openid\" is missing, without which it is no login");
        }
        Role role = role(oidc.role());
        Map<String, Role> roles = roles(oidc);
        String claim = oidc.roleClaim().orElse(null);
        if (claim == null && role == null) {
            throw new ConfigurationException("auth.oidc.role: none lets nobody in where auth.oidc.role-claim does not"
                    + " say what somebody is: set one of the two");
        }
        if (claim == null && !roles.isEmpty()) {
            throw new ConfigurationException(
                    "auth.oidc.role-claim is missing: in which claim are the values of auth.oidc.admins, users and"
                            + " viewers?");
        }
        return Optional.of(new IssuerSettings(
                address(issuer),
                client,
                secret(oidc),
                oidc.audience().orElse(client),
                oidc.scopes(),
                claim,
                roles,
                role));
    }

    private static URI address(String issuer) {
        try {
            URI address = URI.create(issuer);
            if (Issuer.canBe(address)) {
                return address;
            }
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("auth.oidc.issuer: \"" + issuer + "\" is no address", e);
        }
        throw new ConfigurationException("auth.oidc.issuer: \"" + issuer
                + "\" is no address that begins with https:// (http:// only on this machine)");
    }

    private static @Nullable String secret(Settings.Oidc oidc) {
        Path file = oidc.clientSecretFile().orElse(null);
        if (file == null) {
            return oidc.clientSecret().orElse(null);
        }
        if (oidc.clientSecret().isPresent()) {
            throw new ConfigurationException("auth.oidc.client-secret and client-secret-file are both set");
        }
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new ConfigurationException("auth.oidc.client-secret-file: " + file + " cannot be read: " + e, e);
        }
    }

    private static Map<String, Role> roles(Settings.Oidc oidc) {
        var roles = new HashMap<String, Role>();
        oidc.viewers().orElse(List.of()).forEach(value -> roles.put(value, Role.VIEWER));
        oidc.users().orElse(List.of()).forEach(value -> roles.put(value, Role.USER));
        oidc.admins().orElse(List.of()).forEach(value -> roles.put(value, Role.ADMIN));
        return roles;
    }

    private static @Nullable Role role(String word) {
        try {
            return word.equals(NOBODY) ? null : Role.of(word);
        } catch (ProblemException e) {
            throw new ConfigurationException("auth.oidc.role: " + e.problem().message() + ", or none", e);
        }
    }
}
