package dev.sluice.wire;

/// The body of `POST /api/v1/notifications/push`: what a browser's `PushSubscription` says, and what its user knows it
/// by.
public record PushRequest(String endpoint, String p256dh, String auth, String label) {
    /// @throws dev.sluice.core.ProblemException `invalid_request` or `unknown_field`
    public static PushRequest parse(byte[] body) {
        Fields fields = Json.object(body);
        Fields keys = fields.object("keys")
                .orElseThrow(() -> fields.refuse("keys", "is missing", "an object with p256dh and auth"));
        var request = new PushRequest(
                fields.string("endpoint"),
                keys.string("p256dh"),
                keys.string("auth"),
                fields.optionalString("label").orElse(""));
        keys.end();
        // What browsers say beside it; none of them lets one expire.
        fields.integer("expirationTime");
        fields.end();
        return request;
    }
}
