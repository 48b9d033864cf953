package dev.sluice.wire;

/// The body of `POST /api/v1/auth/password`.
public record PasswordRequest(String current, String password) {
    /// @throws dev.sluice.core.ProblemException `invalid_request` or `unknown_field`
    public static PasswordRequest parse(byte[] body) {
        Fields fields = Json.object(body);
        var request = new PasswordRequest(fields.string("current"), fields.string("password"));
        fields.end();
        return request;
    }

    @Override
    public String toString() {
        return "two passwords";
    }
}
