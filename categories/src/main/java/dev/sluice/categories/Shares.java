package dev.sluice.categories;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// How probable each category is. Immutable.
final class Shares {
    static final Shares NONE = new Shares(new double[Category.COUNT]);
    private final double[] shares;
    private final Category best;

    private Shares(double[] shares) {
        this.shares = shares;
        int most = 0;
        for (int place = 1; place < shares.length; place++) {
            most = shares[place] > shares[most] ? place : most;
        }
        best = Category.at(most);
    }

    /// In proportion to weights of which one is not zero.
    static Shares of(ToDoubleFunction<Category> weights) {
        double[] shares = new double[Category.COUNT];
        double total = 0;
        for (int place = 0; place < shares.length; place++) {
            shares[place] = weights.applyAsDouble(Category.at(place));
            total += shares[place];
        }
        for (int place = 0; place < shares.length; place++) {
            shares[place] /= total;
        }
        return new Shares(shares);
    }

    double of(Category category) {
        return shares[category.place()];
    }

    /// The most probable; the first of several.
    Category best() {
        return best;
    }

    /// How probable that is.
    double most() {
        return of(best);
    }

    /// The most probable, best first, without those that cannot be.
    List<Suggestion> suggestions(int most) {
        List<Suggestion> suggestions = new ArrayList<>();
        for (int place = 0; place < shares.length; place++) {
            if (shares[place] > 0) {
                suggestions.add(new Suggestion(Category.at(place), shares[place]));
            }
        }
        suggestions.sort(Comparator.comparingDouble(Suggestion::confidence).reversed());
        return suggestions.subList(0, Math.min(most, suggestions.size()));
    }
}
