package dev.sluice.google;

import com.google.api.client.http.HttpResponseException;
import com.google.auth.oauth2.AccessToken;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.auth.oauth2.ServiceAccountCredentials;
import dev.sluice.cloud.BackOff;
import dev.sluice.cloud.Supplies;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.RetryAfter;
import dev.sluice.core.StopToken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An account whose credentials Google's auth library knows how to use. A token is asked for by the first who needs
/// one, and given to all until shortly before it expires.
public final class GoogleAccount implements Account {
    /// What a storage in a bucket needs.
    public static final String BUCKETS = "https://www.googleapis.com/auth/devstorage.read_write";

    /// What a folder needs that was not made by Sluice.
    public static final String DRIVE = "https://www.googleapis.com/auth/drive";

    private static final Logger log = LoggerFactory.getLogger(GoogleAccount.class);
    private static final String REVOKED = "invalid_grant";
    private static final Duration MARGIN = Duration.ofMinutes(5);

    private final String id;
    private final Source source;
    private final Clock clock;
    private final BackOff backOff;
    private final SharedCall<String> asking = new SharedCall<>();
    private volatile @Nullable GoogleCredentials credentials;
    private volatile @Nullable Token known;

    private record Token(String value, Instant until) {}

    /// Where credentials come from: asked once, on the thread that needs the first token.
    @FunctionalInterface
    public interface Source {
        GoogleCredentials open() throws IOException;
    }

    /// @param id of the account, unique in its storage
    public GoogleAccount(String id, Source source, Supplies supplies) {
        this.id = id;
        this.source = source;
        this.clock = supplies.clock();
        this.backOff = supplies.backOff();
    }

    /// By the key file of a service account, or another file that Google's tools write.
    ///
    /// @param json what the file holds
    /// @param scope as [#BUCKETS], [#DRIVE]
    /// @param lane of the storage, whose connections its tokens are asked for on
    /// @throws IOException where that is no such file
    public static GoogleAccount ofKey(byte[] json, String scope, Supplies supplies, String lane) throws IOException {
        var http = new AuthTransport(supplies.transport(), lane);
        GoogleCredentials read = GoogleCredentials.fromStream(new ByteArrayInputStream(json), () -> http);
        String id = read instanceof ServiceAccountCredentials service ? service.getClientEmail() : "default";
        return new GoogleAccount(id, () -> ready(read, scope), supplies);
    }

    /// By what the environment says in the ways of Google's tools: Application Default Credentials.
    public static GoogleAccount ofEnvironment(String scope, Supplies supplies, String lane) {
        var http = new AuthTransport(supplies.transport(), lane);
        return new GoogleAccount(
                "default", () -> ready(GoogleCredentials.getApplicationDefault(() -> http), scope), supplies);
    }

    /// With that scope, and without tries behind our back.
    static GoogleCredentials ready(GoogleCredentials credentials, String scope) {
        GoogleCredentials scoped =
                credentials.createScopedRequired() ? credentials.createScoped(List.of(scope)) : credentials;
        return scoped instanceof ServiceAccountCredentials ? scoped.createWithCustomRetryStrategy(false) : scoped;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String token(StopToken stop) {
        Token now = known;
        return now != null && clock.instant().isBefore(now.until())
                ? now.value()
                : asking.join(() -> fresh(stop), stop);
    }

    private String fresh(StopToken stop) {
        Token now = known;
        if (now != null && clock.instant().isBefore(now.until())) {
            return now.value();
        }
        GoogleCredentials open = ScopedValue.where(AuthTransport.STOP, stop).call(this::credentials);
        for (int attempt = 1; ; attempt++) {
            try {
                AccessToken given = ScopedValue.where(AuthTransport.STOP, stop).call(open::refreshAccessToken);
                Instant asked = clock.instant();
                Instant expires = given.getExpirationTime() == null
                        ? asked.plus(MARGIN)
                        : given.getExpirationTime().toInstant();
                Duration life = Duration.between(asked, expires);
                Duration margin = life.dividedBy(4).compareTo(MARGIN) < 0 ? life.dividedBy(4) : MARGIN;
                known = new Token(given.getTokenValue(), expires.minus(margin));
                return given.getTokenValue();
            } catch (IOException e) {
                stop.check();
                HttpResponseException answer = answer(e);
                if (attempt >= backOff.tries() || !passing(answer)) {
                    throw problem(e, answer);
                }
                backOff.await(attempt, answer == null ? null : RetryAfter.of(after(answer), clock.instant()), stop);
            }
        }
    }

    private GoogleCredentials credentials() {
        GoogleCredentials opened = credentials;
        if (opened == null) {
            try {
                opened = source.open();
            } catch (IOException e) {
                throw new ProblemException(
                        ErrorCode.UPSTREAM_REFUSED,
                        "there are no credentials for account " + id + " (" + Faults.root(e)
                                + "): name a key file in the storage's credentials, or in"
                                + " GOOGLE_APPLICATION_CREDENTIALS",
                        e);
            }
            credentials = opened;
        }
        return opened;
    }

    private static @Nullable String after(HttpResponseException answer) {
        return answer.getHeaders().getRetryAfter();
    }

    private static @Nullable HttpResponseException answer(Throwable failure) {
        for (Throwable e = failure; e != null; e = e.getCause()) {
            if (e instanceof HttpResponseException answered) {
                return answered;
            }
        }
        return null;
    }

    private static boolean passing(@Nullable HttpResponseException answer) {
        return answer == null
                || answer.getStatusCode() >= 500
                || answer.getStatusCode() == 429
                || answer.getStatusCode() == 408;
    }

    private ProblemException problem(IOException e, @Nullable HttpResponseException answer) {
        if (answer == null) {
            return new ProblemException(
                    ErrorCode.UPSTREAM_UNAVAILABLE,
                    "no token is to be had for account " + id + ": no answer (" + Faults.root(e)
                            + "); see whether Google can be reached",
                    e);
        }
        String said = Faults.oauth(answer.getContent());
        boolean passing = passing(answer);
        return new ProblemException(
                passing ? ErrorCode.UPSTREAM_UNAVAILABLE : ErrorCode.UPSTREAM_REFUSED,
                "no token is to be had for account " + id + ": " + answer.getStatusCode() + " " + said
                        + (passing ? "" : hint(said)),
                said.startsWith(REVOKED) ? Map.of("reason", REVOKED) : Map.of());
    }

    /// Whether Google said that what the user granted is no more (RFC 6749 §5.2).
    static boolean isRevoked(ProblemException e) {
        return REVOKED.equals(e.problem().details().get("reason"));
    }

    private static String hint(String said) {
        if (said.contains("timeframe") || said.contains("iat")) {
            return "; set this machine's clock";
        }
        return said.contains("Signature")
                ? "; the key has been replaced: put the new key file in its place"
                : "; it has been revoked or deleted: connect it again, or put another key file in its place";
    }

    @Override
    public void refused(String token) {
        Token now = known;
        if (now != null && now.value().equals(token)) {
            known = null;
        }
    }

    @Override
    public void sending(long bytes) {}

    @Override
    public void setAside(ProblemException why, @Nullable Instant until) {
        log.warn("account {} takes nothing just now: {}", id, why.problem().message());
    }
}
