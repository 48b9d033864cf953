package dev.sluice.wire;

import dev.sluice.categories.Category;
import java.util.Arrays;
import java.util.stream.Collectors;

/// The body of `PATCH /api/v1/transactions/{id}`: the category that is right.
public record CorrectionRequest(String category) {
    /// @throws ProblemException `invalid_request` or `unknown_field`
    public static CorrectionRequest parse(byte[] body) {
        Fields fields = Json.object(body);
        String category = fields.string("category");
        if (Category.of(category) == null) {
            throw fields.refuse("category", "is no category", words());
        }
        fields.end();
        return new CorrectionRequest(category);
    }

    private static String words() {
        return Arrays.stream(Category.values()).map(Category::word).collect(Collectors.joining(" "));
    }
}
