package dev.sluice.wire;

/// The body of `POST /api/v1/users`.
public record UserRequest(String name, String role, String password) {
    /// @throws dev.sluice.core.ProblemException `invalid_request` or `unknown_field`
    public static UserRequest parse(byte[] body) {
        Fields fields = Json.object(body);
        var request = new UserRequest(
                fields.string("name"), fields.optionalString("role").orElse("user"), fields.string("password"));
        fields.end();
        return request;
    }

    @Override
    public String toString() {
        return name + ", " + role;
    }
}
