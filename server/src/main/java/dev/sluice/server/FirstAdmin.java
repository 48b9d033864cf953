package dev.sluice.server;

import dev.sluice.accounts.Accounts;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The way in for the first user: a link that is printed at the start, for as long as there is nobody who could log in.
/// It works once, and until the next start. Safe for use by many threads.
final class FirstAdmin {
    private static final int BYTES = 24;

    private final @Nullable Accounts accounts;
    private final AtomicReference<@Nullable String> token = new AtomicReference<>();

    /// @param accounts null where none are in use
    FirstAdmin(@Nullable Accounts accounts) {
        this.accounts = accounts;
        if (accounts != null && accounts.users().isEmpty()) {
            var bytes = new byte[BYTES];
            new SecureRandom().nextBytes(bytes);
            token.set(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
        }
    }

    boolean isAwaited() {
        return token.get() != null;
    }

    /// What is printed; nothing where there are users.
    Optional<String> link(String base) {
        return Optional.ofNullable(token.get()).map(word -> base + "/setup?token=" + word);
    }

    /// A form to fill in.
    String page(@Nullable String word) {
        String known = expected(word);
        try (InputStream in = Objects.requireNonNull(FirstAdmin.class.getResourceAsStream("/setup.html"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("TOKEN", known);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void make(String word, String name, String password) {
        String known = expected(word);
        if (accounts == null || !token.compareAndSet(known, null)) {
            throw used();
        }
        try {
            accounts.users().addFirst(name, password);
        } catch (RuntimeException e) {
            token.compareAndSet(null, known);
            throw e;
        }
    }

    private String expected(@Nullable String word) {
        String known = token.get();
        if (known != null
                && word != null
                && MessageDigest.isEqual(
                        known.getBytes(StandardCharsets.UTF_8), word.getBytes(StandardCharsets.UTF_8))) {
            return known;
        }
        throw used();
    }

    private static ProblemException used() {
        return new ProblemException(
                ErrorCode.FORBIDDEN,
                "this link has been used, or is of an earlier start; `sluice user add` on the server's machine adds"
                        + " users, too");
    }
}
