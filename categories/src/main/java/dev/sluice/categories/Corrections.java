package dev.sluice.categories;

import org.jspecify.annotations.Nullable;

/// What an owner put right, by merchant. A correction wins over everything, from the next transaction on.
@FunctionalInterface
public interface Corrections {
    /// Nothing was put right yet.
    Corrections NONE = merchant -> null;

    /// The category that the owner gave that merchant, or null.
    ///
    /// @param merchant see [Merchant]; never empty
    @Nullable
    Category of(String merchant);
}
