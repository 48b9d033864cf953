package dev.sluice.categories;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// How probable each category is. Immutable.
final class Shares {
    static final Shares NONE = new Shares(new double[Category.COUNT]);
    private final double[] shares;
    private final Category best;

    private Shares(double[] shares) {
        this.shares = shares;
        int most = best(shares);
        best = shares[most] > 0 ? Category.at(most) : Category.UNCATEGORIZED;
    }

    /// In proportion to weights; none where all are zero.
    static Shares of(ToDoubleFunction<Category> weights) {
        double[] shares = new double[Category.COUNT];
        double total = 0;
        for (int place = 0; place < shares.length; place++) {
            shares[place] = weights.applyAsDouble(Category.at(place));
            total += shares[place];
        }
        if (total == 0) {
            return NONE;
        }
        for (int place = 0; place < shares.length; place++) {
            shares[place] /= total;
        }
        return new Shares(shares);
    }

    double of(Category category) {
        return shares[category.place()];
    }

    /// The most probable; the first of several, and [Category#UNCATEGORIZED] where there is none.
    Category best() {
        return best;
    }

    /// How probable that is.
    double most() {
        return of(best);
    }

    /// The most probable, best first, without those that cannot be.
    List<Suggestion> suggestions(int most) {
        List<Suggestion> suggestions = new ArrayList<>(most);
        double[] left = shares.clone();
        while (suggestions.size() < most) {
            int next = best(left);
            if (left[next] <= 0) {
                break;
            }
            suggestions.add(new Suggestion(Category.at(next), left[next]));
            left[next] = 0;
        }
        return suggestions;
    }

    private static int best(double[] shares) {
        int best = 0;
        for (int place = 1; place < shares.length; place++) {
            best = shares[place] > shares[best] ? place : best;
        }
        return best;
    }
}
