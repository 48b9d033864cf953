package dev.sluice.fakes;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// An answer that is an error, in the form that both services use (Drive's guide 'Resolve errors', GCS's 'HTTP
/// status and error codes for JSON').
final class Refusal extends RuntimeException {
    private final int status;
    private final String reason;
    private final String text;
    private @Nullable String location;
    private @Nullable Duration retryAfter;
    private boolean plain;

    Refusal(int status, String reason, String message) {
        super(status + " " + reason + ": " + message, null, false, false);
        this.status = status;
        this.reason = reason;
        this.text = message;
    }

    static Refusal invalid(String message) {
        return new Refusal(400, "invalid", message);
    }

    static Refusal notFound(String message) {
        return new Refusal(404, "notFound", message);
    }

    /// An error in OAuth's own form (RFC 6749 §5.2).
    static Refusal oauth(int status, String error, String description) {
        return new Refusal(status, error, description).at("oauth");
    }

    /// With the name of the parameter or header that is at fault.
    Refusal at(String parameter) {
        location = parameter;
        return this;
    }

    Refusal retryAfter(@Nullable Duration delay) {
        retryAfter = delay;
        return this;
    }

    /// As text instead of JSON.
    Refusal plain() {
        plain = true;
        return this;
    }

    int status() {
        return status;
    }

    @Nullable
    Duration retryAfter() {
        return retryAfter;
    }

    String contentType() {
        return plain ? "text/plain; charset=utf-8" : "application/json; charset=UTF-8";
    }

    String body() {
        if (plain) {
            return text;
        }
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        if ("oauth".equals(location)) {
            return body.put("error", reason).put("error_description", text).toString();
        }
        ObjectNode error = body.putObject("error");
        error.put("code", status).put("message", text);
        ObjectNode first = error.putArray("errors").addObject();
        first.put("message", text).put("domain", domain()).put("reason", reason);
        if (location != null) {
            first.put("locationType", location.equals("Authorization") ? "header" : "parameter");
            first.put("location", location);
        }
        return body.toString();
    }

    private String domain() {
        return reason.endsWith("Exceeded") ? "usageLimits" : "global";
    }
}
