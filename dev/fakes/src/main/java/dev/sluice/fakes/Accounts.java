package dev.sluice.fakes;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/// Who is known, and by which tokens.
final class Accounts {
    private final FakeOptions options;
    private final Map<String, Account> byEmail = new ConcurrentHashMap<>();
    private final Map<String, Token> tokens = new ConcurrentHashMap<>();
    private final Map<String, Account> refreshTokens = new ConcurrentHashMap<>();
    private volatile String url = "";

    private record Token(Account account, Instant expires) {}

    Accounts(FakeOptions options) {
        this.options = options;
    }

    void at(String address) {
        url = address;
    }

    String url() {
        return url;
    }

    /// The account of that name, which is made where there was none.
    Account of(String email) {
        return byEmail.computeIfAbsent(
                email, name -> new Account(name, this, options.clock().instant()));
    }

    Optional<Account> known(@Nullable String email) {
        return email == null ? Optional.empty() : Optional.ofNullable(byEmail.get(email));
    }

    Optional<Account> first() {
        return byEmail.values().stream().findFirst();
    }

    String issue(Account account) {
        String token = Secrets.word("ya29.", 48);
        tokens.put(token, new Token(account, options.clock().instant().plus(options.tokenLife())));
        return token;
    }

    String refreshToken(Account account) {
        String token = Secrets.word("1//0", 48);
        refreshTokens.put(token, account);
        return token;
    }

    Optional<Account> ofRefreshToken(@Nullable String token) {
        return token == null ? Optional.empty() : Optional.ofNullable(refreshTokens.get(token));
    }

    /// Forgets an access token, or a refresh token with all that its account has.
    boolean revoke(String token) {
        Account account = refreshTokens.remove(token);
        if (account != null) {
            tokens.values().removeIf(issued -> issued.account().equals(account));
            return true;
        }
        return tokens.remove(token) != null;
    }

    void forget(Request request) {
        String token = bearer(request);
        if (token != null) {
            tokens.remove(token);
        }
    }

    static boolean presented(Request request) {
        return bearer(request) != null;
    }

    /// Whose token the request carries.
    ///
    /// @throws Refusal 401 where there is no token, an unknown one, one that expired, or one that was revoked
    Account of(Request request) {
        String token = bearer(request);
        if (token == null) {
            throw new Refusal(401, "required", "Login Required").at("Authorization");
        }
        Token known = tokens.get(token);
        if (known == null
                || known.account().revoked()
                || !options.clock().instant().isBefore(known.expires())) {
            throw new Refusal(401, "authError", "Invalid Credentials").at("Authorization");
        }
        return known.account();
    }

    private static @Nullable String bearer(Request request) {
        String header = request.getHeaders().get(HttpHeader.AUTHORIZATION);
        return header != null && header.startsWith("Bearer ") ? header.substring(7) : null;
    }
}
