package dev.sluice.wire;

/// The body of `POST /api/v1/storages/{name}/accounts`.
///
/// @param grant what the provider gave for the account, a secret
public record ConnectRequest(String grant) {
    private static final int MAX_GRANT = 4_096;

    /// @throws dev.sluice.core.ProblemException `invalid_request` or `unknown_field`
    public static ConnectRequest parse(byte[] body) {
        Fields fields = Json.object(body);
        String grant = fields.string("grant");
        if (grant.length() > MAX_GRANT) {
            throw fields.refuse("grant", "is too long", "at most " + MAX_GRANT + " characters");
        }
        fields.end();
        return new ConnectRequest(grant);
    }

    @Override
    public String toString() {
        return "a grant";
    }
}
