package dev.sluice.wire;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The body of `POST /api/v1/auth/keys`.
///
/// @param expiresIn null: it lasts until it is ended
public record KeyRequest(
        String label, List<String> scopes, @Nullable Duration expiresIn) {
    private static final int SCOPES = 10;

    public KeyRequest {
        scopes = List.copyOf(scopes);
    }

    /// @throws dev.sluice.core.ProblemException `invalid_request` or `unknown_field`
    public static KeyRequest parse(byte[] body) {
        Fields fields = Json.object(body);
        var seconds = fields.optionalNatural("expiresIn");
        var request = new KeyRequest(
                fields.string("label"),
                fields.strings("scopes", SCOPES),
                seconds.isPresent() ? Duration.ofSeconds(seconds.getAsLong()) : null);
        fields.end();
        return request;
    }
}
