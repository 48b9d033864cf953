package dev.sluice.categories;

import java.util.List;

/// The category of a transaction.
///
/// @param merchant its key for corrections, see [Merchant]; empty where the text names none
/// @param category [Category#UNCATEGORIZED] where nobody was sure enough
/// @param confidence 0 to 1: how often such a decision is right; of an uncategorized one, that of the best suggestion
/// @param source who decided
/// @param modelVersion which model was there, whoever decided
/// @param suggestions the best three of an uncategorized one, best first; otherwise empty
public record Decision(
        String merchant,
        Category category,
        double confidence,
        Source source,
        String modelVersion,
        List<Suggestion> suggestions) {
    public Decision {
        suggestions = List.copyOf(suggestions);
    }
}
