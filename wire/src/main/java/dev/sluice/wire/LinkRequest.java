package dev.sluice.wire;

import java.time.Duration;

/// The body of `POST /api/v1/links`.
public record LinkRequest(String job, Duration expiresIn) {
    private static final Duration USUAL = Duration.ofDays(1);

    /// @throws dev.sluice.core.ProblemException `invalid_request` or `unknown_field`
    public static LinkRequest parse(byte[] body) {
        Fields fields = Json.object(body);
        var request = new LinkRequest(
                fields.string("job"),
                Duration.ofSeconds(fields.optionalNatural("expiresIn").orElse(USUAL.toSeconds())));
        fields.end();
        return request;
    }
}
