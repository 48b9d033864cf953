package dev.sluice.fakes;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A user or a service account of a fake: who may come in, and how much may be stored. Safe for use by many
/// threads.
public final class Account {
    private static final Duration DAY = Duration.ofDays(1);

    private final String email;
    private final Accounts accounts;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable KeyPair key;
    private boolean revoked;
    private long limit = 15L << 30;
    private long used;
    private long dailyLimit = Long.MAX_VALUE;
    private long today;
    private Instant dayBegan;

    Account(String email, Accounts accounts, Instant now) {
        this.email = email;
        this.accounts = accounts;
        this.dayBegan = now;
    }

    public String email() {
        return email;
    }

    /// A new access token.
    public String token() {
        return accounts.issue(this);
    }

    /// A new refresh token, as consent gives it to the client [FakeGoogle#CLIENT_ID].
    public String refreshToken() {
        return accounts.refreshToken(this);
    }

    /// The key file of a service account, whose `token_uri` is the fake's.
    public String serviceAccountKey() {
        String pem = Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(keys().getPrivate().getEncoded());
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", "service_account")
                .put("project_id", "fake")
                .put("private_key_id", "fake")
                .put("private_key", "-----BEGIN PRIVATE KEY-----\n" + pem + "\n-----END PRIVATE KEY-----\n")
                .put("client_email", email)
                .put("client_id", "100000000000000000000")
                .put("auth_uri", accounts.url() + TokenEndpoint.CONSENT)
                .put("token_uri", accounts.url() + TokenEndpoint.TOKEN)
                .toPrettyString();
    }

    /// From now on its tokens are refused and its refresh tokens are `invalid_grant`.
    public void revoke() {
        change(() -> revoked = true);
    }

    public void restore() {
        change(() -> revoked = false);
    }

    /// How much it may store; 15 GiB where nothing is said.
    public void storage(long bytes) {
        change(() -> limit = bytes);
    }

    /// How much it may upload in 24 hours, as Drive's 750 GB; endless where nothing is said.
    public void daily(long bytes) {
        change(() -> dailyLimit = bytes);
    }

    /// How much it has stored.
    public long used() {
        lock.lock();
        try {
            return used;
        } finally {
            lock.unlock();
        }
    }

    long limit() {
        lock.lock();
        try {
            return limit;
        } finally {
            lock.unlock();
        }
    }

    boolean revoked() {
        lock.lock();
        try {
            return revoked;
        } finally {
            lock.unlock();
        }
    }

    PublicKey publicKey() {
        return keys().getPublic();
    }

    /// @throws Refusal where there is no room for so many more bytes, or no more may be sent today
    void requireRoom(long bytes, Instant now) {
        lock.lock();
        try {
            if (bytes > limit - used) {
                throw Reason.STORAGE_QUOTA.refusal();
            }
            requireDaily(bytes, now);
        } finally {
            lock.unlock();
        }
    }

    /// @throws Refusal where no more may be sent today
    void requireDaily(long bytes, Instant now) {
        lock.lock();
        try {
            if (!now.isBefore(dayBegan.plus(DAY))) {
                dayBegan = now;
                today = 0;
            }
            if (bytes > dailyLimit - today) {
                throw Reason.DAILY_LIMIT.refusal();
            }
        } finally {
            lock.unlock();
        }
    }

    void sent(long bytes) {
        change(() -> today += bytes);
    }

    void stored(long bytes) {
        change(() -> used += bytes);
    }

    private void change(Runnable what) {
        lock.lock();
        try {
            what.run();
        } finally {
            lock.unlock();
        }
    }

    private KeyPair keys() {
        lock.lock();
        try {
            KeyPair made = key;
            if (made == null) {
                var generator = KeyPairGenerator.getInstance("RSA");
                generator.initialize(2048);
                made = generator.generateKeyPair();
                key = made;
            }
            return made;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        } finally {
            lock.unlock();
        }
    }
}
