package dev.sluice.fakes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.auth.oauth2.ServiceAccountCredentials;
import com.google.auth.oauth2.UserCredentials;
import dev.sluice.testing.SettableClock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TokenEndpointTest {
    private static final String REDIRECT = "http://127.0.0.1:1234/callback";
    private static final String VERIFIER = "a-verifier-that-is-long-enough-for-the-rfc-0123456789";

    private final SettableClock clock = new SettableClock(Instant.now());
    private FakeDrive fake;
    private Account account;
    private Caller caller;

    @BeforeEach
    void start() {
        fake = FakeDrive.start(FakeOptions.plain().clock(clock));
        account = fake.account("ann@example.com");
        caller = new Caller(fake, null);
    }

    @AfterEach
    void stop() {
        caller.close();
        fake.close();
    }

    private Caller.Answer token(Map<String, String> form) throws IOException {
        return caller.call(
                "POST",
                "/token",
                form(form).getBytes(StandardCharsets.UTF_8),
                "Content-Type",
                "application/x-www-form-urlencoded");
    }

    private static String form(Map<String, String> form) {
        return form.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    private int about(String token) throws IOException {
        caller.as(token);
        int status = caller.get("/drive/v3/about?fields=user").status();
        caller.as(null);
        return status;
    }

    private UserCredentials user(String refreshToken) {
        return UserCredentials.newBuilder()
                .setClientId(FakeGoogle.CLIENT_ID)
                .setClientSecret(FakeGoogle.CLIENT_SECRET)
                .setRefreshToken(refreshToken)
                .setTokenServerUri(URI.create(fake.tokenUrl()))
                .build();
    }

    @Test
    void aRefreshTokenWorksUntilItIsRevoked() throws IOException {
        UserCredentials credentials = user(account.refreshToken());
        assertThat(about(credentials.refreshAccessToken().getTokenValue())).isEqualTo(200);

        account.revoke();
        assertThatThrownBy(credentials::refreshAccessToken).hasStackTraceContaining("invalid_grant");
        account.restore();
        assertThat(about(credentials.refreshAccessToken().getTokenValue())).isEqualTo(200);
        assertThatThrownBy(user("made-up")::refreshAccessToken).hasStackTraceContaining("invalid_grant");
    }

    @Test
    void aRevocationTakesAllTokens() throws IOException {
        String refreshToken = account.refreshToken();
        String access = user(refreshToken).refreshAccessToken().getTokenValue();
        Map<String, String> form = Map.of("token", refreshToken);
        assertThat(caller.call(
                                "POST",
                                "/revoke",
                                form(form).getBytes(StandardCharsets.UTF_8),
                                "Content-Type",
                                "application/x-www-form-urlencoded")
                        .status())
                .isEqualTo(200);

        assertThat(about(access)).isEqualTo(401);
        assertThatThrownBy(user(refreshToken)::refreshAccessToken).hasStackTraceContaining("invalid_grant");
    }

    @Test
    void aRefreshNeedsTheClientsSecret() throws IOException {
        Caller.Answer refused = token(Map.of(
                "grant_type",
                "refresh_token",
                "refresh_token",
                account.refreshToken(),
                "client_id",
                FakeGoogle.CLIENT_ID,
                "client_secret",
                "wrong"));
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.json().path("error").asText()).isEqualTo("invalid_client");
        assertThat(token(Map.of("grant_type", "password")).json().path("error").asText())
                .isEqualTo("unsupported_grant_type");
    }

    // ---------------------------------------------------------------- service accounts

    private ServiceAccountCredentials robot(String key) throws IOException {
        return (ServiceAccountCredentials)
                ServiceAccountCredentials.fromStream(new ByteArrayInputStream(key.getBytes(StandardCharsets.UTF_8)))
                        .createScoped("scope");
    }

    @Test
    void aServiceAccountSignsForItself() throws IOException {
        Account robot = fake.account("robot@example.com");
        assertThat(about(robot(robot.serviceAccountKey()).refreshAccessToken().getTokenValue()))
                .isEqualTo(200);

        String forged = account.serviceAccountKey().replace("ann@example.com", "robot@example.com");
        assertThatThrownBy(robot(forged)::refreshAccessToken).hasStackTraceContaining("invalid_grant");
        String unknown = robot.serviceAccountKey().replace("robot@example.com", "nobody@example.com");
        assertThatThrownBy(robot(unknown)::refreshAccessToken).hasStackTraceContaining("invalid_grant");
        robot.revoke();
        assertThatThrownBy(robot(robot.serviceAccountKey())::refreshAccessToken)
                .hasStackTraceContaining("invalid_grant");
    }

    @Test
    void aClockWrongByAnHourIsTold() throws IOException {
        for (Duration wrong : new Duration[] {Duration.ofHours(-2), Duration.ofHours(2)}) {
            clock.set(Instant.now().plus(wrong));
            assertThatThrownBy(robot(account.serviceAccountKey())::refreshAccessToken)
                    .hasStackTraceContaining("reasonable timeframe");
        }
    }

    // ---------------------------------------------------------------- consent

    private String consent() throws Exception {
        return redirected().replaceAll(".*[?&]code=([^&]*).*", "$1");
    }

    private String redirected() throws Exception {
        String challenge = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(
                        MessageDigest.getInstance("SHA-256").digest(VERIFIER.getBytes(StandardCharsets.US_ASCII)));
        Caller.Answer answer = caller.get("/o/oauth2/v2/auth?"
                + form(Map.of(
                        "client_id",
                        FakeGoogle.CLIENT_ID,
                        "response_type",
                        "code",
                        "redirect_uri",
                        REDIRECT,
                        "scope",
                        "drive",
                        "state",
                        "my state",
                        "access_type",
                        "offline",
                        "code_challenge",
                        challenge,
                        "code_challenge_method",
                        "S256")));
        assertThat(answer.status()).isEqualTo(302);
        String location = String.valueOf(answer.header("Location"));
        assertThat(location).startsWith(REDIRECT + "?").contains("&state=my+state");
        return location;
    }

    private Caller.Answer exchange(String code, String redirect, String verifier) throws IOException {
        return token(Map.of(
                "grant_type",
                "authorization_code",
                "code",
                URLDecoder.decode(code, StandardCharsets.UTF_8),
                "client_id",
                FakeGoogle.CLIENT_ID,
                "client_secret",
                FakeGoogle.CLIENT_SECRET,
                "redirect_uri",
                redirect,
                "code_verifier",
                verifier));
    }

    @Test
    void aCodeIsExchangedOnceByWhoBegan() throws Exception {
        String code = consent();
        var granted = exchange(code, REDIRECT, VERIFIER).json();
        assertThat(about(granted.path("access_token").asText())).isEqualTo(200);
        assertThat(about(user(granted.path("refresh_token").asText())
                        .refreshAccessToken()
                        .getTokenValue()))
                .isEqualTo(200);

        assertThat(exchange(code, REDIRECT, VERIFIER).json().path("error").asText())
                .isEqualTo("invalid_grant");
    }

    @Test
    void whoRefusesConsentIsSentBackWithoutACode() throws Exception {
        account.revoke();

        assertThat(redirected()).contains("error=access_denied").doesNotContain("code=");
    }

    @Test
    void aCodeNeedsItsVerifierAndItsAddress() throws Exception {
        assertThat(exchange(consent(), REDIRECT, VERIFIER + "x")
                        .json()
                        .path("error")
                        .asText())
                .isEqualTo("invalid_grant");
        assertThat(exchange(consent(), REDIRECT + "/x", VERIFIER)
                        .json()
                        .path("error")
                        .asText())
                .isEqualTo("redirect_uri_mismatch");
    }

    @Test
    void consentNeedsPkceAndALoopbackAddress() throws IOException {
        String start = "/o/oauth2/v2/auth?response_type=code&scope=drive&client_id=" + FakeGoogle.CLIENT_ID;
        assertThat(caller.get(start + "&redirect_uri=" + REDIRECT).status()).isEqualTo(400);
        assertThat(caller.get(start + "&redirect_uri=http://example.com/&code_challenge=x&code_challenge_method=S256")
                        .json()
                        .path("error")
                        .asText())
                .isEqualTo("redirect_uri_mismatch");
        assertThat(caller.get("/o/oauth2/v2/auth?client_id=other").status()).isEqualTo(401);
    }

    @Test
    void theEndpointFailsOnPurpose() throws IOException {
        fake.faults().next(Step.TOKEN, new Fault.Refuse(Reason.UNAVAILABLE));
        assertThat(token(Map.of("grant_type", "refresh_token")).status()).isEqualTo(503);
        assertThat(fake.calls().of(Step.TOKEN)).extracting(Call::status).containsExactly(503);
    }
}
