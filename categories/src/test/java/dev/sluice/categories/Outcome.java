package dev.sluice.categories;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One decision beside what would have been right.
///
/// @param best what it would have been without a threshold
record Outcome(Category right, Category best, double confidence, Source source, List<Category> suggested) {
    static Outcome of(Category right, Decision decision) {
        List<Category> suggested =
                decision.suggestions().stream().map(Suggestion::category).toList();
        Category best = suggested.isEmpty() ? decision.category() : suggested.getFirst();
        return new Outcome(right, best, decision.confidence(), decision.source(), suggested);
    }

    static Outcome of(Category right, Shares shares) {
        List<Category> suggested =
                shares.suggestions(3).stream().map(Suggestion::category).toList();
        return new Outcome(right, shares.best(), shares.most(), Source.MODEL, suggested);
    }

    static Outcome of(Category right, Brands.@Nullable Match match) {
        return match == null
                ? new Outcome(right, Category.UNCATEGORIZED, 0, Source.NONE, List.of())
                : new Outcome(right, match.category(), match.confidence(), Source.BRAND, List.of());
    }

    boolean isRight() {
        return best == right;
    }

    boolean isDecided() {
        return source != Source.NONE && confidence >= Categorizer.SURE;
    }
}
