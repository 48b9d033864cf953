package dev.sluice.wire;

import java.util.List;
import java.util.Optional;

/// The body of `POST /api/v1/notifications/webhooks`, and of a `PATCH` of one, where what is absent stays.
///
/// @param kinds of those jobs only; none: of all
/// @param outcomes `completed`, `failed`, `cancelled`
public record WebhookRequest(
        Optional<String> url,
        Optional<List<String>> kinds,
        Optional<List<String>> outcomes,
        Optional<Boolean> enabled) {
    private static final int MOST = 16;

    /// @throws dev.sluice.core.ProblemException `invalid_request` or `unknown_field`
    public static WebhookRequest parse(byte[] body, boolean fresh) {
        Fields fields = Json.object(body);
        var request = new WebhookRequest(
                fresh ? Optional.of(fields.string("url")) : fields.optionalString("url"),
                words(fields, "kinds"),
                words(fields, "outcomes"),
                fields.flag("enabled"));
        fields.end();
        return request;
    }

    private static Optional<List<String>> words(Fields fields, String name) {
        return fields.has(name) ? Optional.of(List.copyOf(fields.strings(name, MOST))) : Optional.empty();
    }
}
