package dev.sluice.accounts;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.text.ParseException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What is asked of an issuer: JSON of at most 1 MiB, within ten seconds, without following anybody elsewhere, a few
/// calls at a time. Safe for use by many threads.
final class IssuerCalls implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long MOST_BYTES = 1 << 20;
    private static final int MOST_CALLS = 16;

    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
    private final Semaphore calls = new Semaphore(MOST_CALLS);

    /// @param status of HTTP
    record Answer(int status, Map<String, Object> body) {}

    /// @throws ProblemException `upstream_unavailable`
    Map<String, Object> get(URI from) {
        Answer answer = call(HttpRequest.newBuilder(from).GET());
        if (answer.status() != 200) {
            throw new ProblemException(away(from + " answers " + answer.status()), null);
        }
        return answer.body();
    }

    /// Sends a form.
    ///
    /// @param name by which the client shows itself with the word; null: the form does
    /// @throws ProblemException `upstream_unavailable`, `limit_exceeded`
    Answer post(URI to, Map<String, String> form, @Nullable String name, @Nullable String word) {
        var request = HttpRequest.newBuilder(to)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(encoded(form)));
        if (name != null && word != null) {
            String both = encoded(name) + ":" + encoded(word);
            request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(both.getBytes(UTF_8)));
        }
        return call(request);
    }

    static String encoded(Map<String, String> form) {
        return form.entrySet().stream()
                .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    private Answer call(HttpRequest.Builder request) {
        if (!calls.tryAcquire()) {
            throw new ProblemException(
                    ErrorCode.LIMIT_EXCEEDED,
                    "too many are logging in just now; try again in a moment",
                    Map.of(Problem.RETRY_AFTER, 2));
        }
        try {
            CompletableFuture<HttpResponse<String>> answer = http.sendAsync(
                    request.header("Accept", "application/json").build(),
                    BodyHandlers.limiting(BodyHandlers.ofString(UTF_8), MOST_BYTES));
            try {
                HttpResponse<String> come = answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                return new Answer(come.statusCode(), json(come));
            } catch (TimeoutException e) {
                answer.cancel(true);
                throw new ProblemException(away("no answer within " + PATIENCE.toSeconds() + " s"), e);
            } catch (ExecutionException e) {
                throw new ProblemException(away(String.valueOf(e.getCause())), e);
            } catch (InterruptedException e) {
                answer.cancel(true);
                Thread.currentThread().interrupt();
                throw new ProblemException(away("this server is going down"), e);
            }
        } finally {
            calls.release();
        }
    }

    private static Map<String, Object> json(HttpResponse<String> answer) {
        try {
            return JSONObjectUtils.parse(answer.body());
        } catch (ParseException e) {
            throw new ProblemException(
                    away(answer.uri() + " answers " + answer.statusCode() + " and no JSON object"), e);
        }
    }

    static Problem away(String why) {
        return new Problem(
                ErrorCode.UPSTREAM_UNAVAILABLE, "the issuer of logins (auth.oidc.issuer) cannot be asked: " + why);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
