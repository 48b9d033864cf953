package dev.sluice.wire;

import org.jspecify.annotations.Nullable;

/// The body of `PATCH /api/v1/users/{name}`: what is to be another.
public record UserChange(
        @Nullable String role,
        @Nullable Boolean disabled,
        @Nullable String password) {
    /// @throws dev.sluice.core.ProblemException `invalid_request` or `unknown_field`
    public static UserChange parse(byte[] body) {
        Fields fields = Json.object(body);
        var change = new UserChange(
                fields.optionalString("role").orElse(null),
                fields.flag("disabled").orElse(null),
                fields.optionalString("password").orElse(null));
        fields.end();
        return change;
    }

    @Override
    public String toString() {
        return "role " + role + ", disabled " + disabled;
    }
}
