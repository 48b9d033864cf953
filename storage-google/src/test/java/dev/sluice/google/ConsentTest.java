package dev.sluice.google;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.cloud.Transport;
import dev.sluice.core.StopToken;
import dev.sluice.fakes.FakeDrive;
import dev.sluice.fakes.FakeGoogle;
import dev.sluice.fakes.Fault;
import dev.sluice.fakes.Reason;
import dev.sluice.fakes.Step;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConsentTest {
    private static final URI REDIRECT = URI.create("http://127.0.0.1:9/");

    private final FakeDrive drive = FakeDrive.start();
    private final Transport transport = Transport.open(Duration.ofSeconds(5), Duration.ofSeconds(20));
    private final HttpClient browser = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        browser.close();
        transport.close();
        drive.close();
    }

    private OAuthClient client(String secret) {
        return OAuthClient.at(
                URI.create(drive.url()), FakeGoogle.CLIENT_ID, secret, "https://www.googleapis.com/auth/drive.file");
    }

    private record Answer(String code, String state) {}

    /// Consents, as the fake does at once.
    private Answer consent(Consent question) {
        try {
            var answer = browser.send(HttpRequest.newBuilder(question.page()).build(), BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(302);
            String location = answer.headers().firstValue("Location").orElseThrow();
            assertThat(location).startsWith(REDIRECT.toString());
            Map<String, String> query = query(URI.create(location));
            return new Answer(query.getOrDefault("code", ""), query.getOrDefault("state", ""));
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, String> query(URI uri) {
        var query = new HashMap<String, String>();
        for (String field : uri.getRawQuery().split("&")) {
            String[] words = field.split("=", 2);
            query.put(words[0], URLDecoder.decode(words[1], StandardCharsets.UTF_8));
        }
        return query;
    }

    private String token(Consent question, String code) {
        return question.token(code, transport, "drive", new StopToken());
    }

    @Test
    void aConsentBecomesATokenThatLasts() {
        drive.account("ann@example.com");
        var question = new Consent(client(FakeGoogle.CLIENT_SECRET), REDIRECT);
        assertThat(query(question.page()))
                .containsEntry("scope", "https://www.googleapis.com/auth/drive.file")
                .containsEntry("access_type", "offline")
                .containsEntry("prompt", "consent")
                .containsEntry("code_challenge_method", "S256")
                .containsEntry("redirect_uri", REDIRECT.toString());
        Answer answer = consent(question);
        assertThat(question.isAnswer(answer.state())).isTrue();
        assertThat(question.isAnswer("")).isFalse();
        assertThat(token(question, answer.code())).startsWith("1//0");
    }

    @Test
    void theAnswerToAnotherQuestionIsNone() {
        drive.account("ann@example.com");
        var one = new Consent(client(FakeGoogle.CLIENT_SECRET), REDIRECT);
        var two = new Consent(client(FakeGoogle.CLIENT_SECRET), REDIRECT);
        Answer answer = consent(one);
        assertThat(two.isAnswer(answer.state())).isFalse();
        assertThatThrownBy(() -> token(two, answer.code()))
                .as("its proof key is another")
                .hasMessageContaining("invalid_grant")
                .hasMessageNotContaining(answer.code());
    }

    @Test
    void whatIsWrongIsSaid() {
        drive.account("ann@example.com");
        var wrong = new Consent(client("GOCSPX-other"), REDIRECT);
        String code = consent(wrong).code();
        assertThatThrownBy(() -> token(wrong, code))
                .hasMessageStartingWith("upstream_refused")
                .hasMessageContaining("client-secret")
                .hasMessageNotContaining("GOCSPX-other");
        drive.faults().next(Step.TOKEN, new Fault.Refuse(Reason.UNAVAILABLE));
        assertThatThrownBy(() -> token(wrong, "4/0x")).hasMessageStartingWith("upstream_unavailable");
        assertThat(client("GOCSPX-other").toString()).doesNotContain("GOCSPX");
    }

    @Test
    void googlesOwnAddressesAreThoseOfItsPages() {
        var google = OAuthClient.at(DriveSettings.GOOGLE, "i", "s", "x");
        assertThat(google.consent()).hasToString("https://accounts.google.com/o/oauth2/v2/auth");
        assertThat(google.tokens()).hasToString("https://oauth2.googleapis.com/token");
    }
}
