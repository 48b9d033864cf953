package dev.sluice.wire;

/// The body of `POST /api/v1/jobs/{id}/move`: the turn that a waiting job is to have.
///
/// @param position from 1
public record MoveRequest(int position) {
    /// @throws ProblemException `invalid_request` or `unknown_field`
    public static MoveRequest parse(byte[] body) {
        Fields fields = Json.object(body);
        long position = fields.natural("position");
        if (position == 0) {
            throw fields.refuse("position", "is 0", "1 for the next, 2 for the one after it");
        }
        fields.end();
        return new MoveRequest((int) Math.min(position, Integer.MAX_VALUE));
    }
}
