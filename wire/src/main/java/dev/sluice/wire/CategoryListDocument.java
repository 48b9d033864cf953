package dev.sluice.wire;

import dev.sluice.categories.Category;
import java.util.Arrays;
import java.util.List;

/// The categories that there are, by their words.
public record CategoryListDocument(List<String> categories) {
    public static final CategoryListDocument ALL = new CategoryListDocument(
            Arrays.stream(Category.values()).map(Category::word).toList());

    public CategoryListDocument {
        categories = List.copyOf(categories);
    }
}
