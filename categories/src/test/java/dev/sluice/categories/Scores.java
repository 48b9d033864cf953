package dev.sluice.categories;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What many outcomes come to. Shares are 0 to 1, of nothing 0.
record Scores(List<Outcome> outcomes) {
    private static final int BINS = 10;
    private static final int SAMPLES = 1000;

    /// From – to, of 95 in 100 samples drawn with replacement.
    record Interval(double from, double to) {}

    /// A bin of confidence: how many, how sure, how right.
    record Bin(int count, double confidence, double right) {}

    int count() {
        return outcomes.size();
    }

    /// How many are right without a threshold.
    double accuracy() {
        return share(outcomes, Outcome::isRight);
    }

    /// How often the most frequent category would be right.
    double majority() {
        Map<Category, Long> counts =
                outcomes.stream().collect(Collectors.groupingBy(Outcome::right, Collectors.counting()));
        return counts.isEmpty() ? 0 : Collections.max(counts.values()) / (double) count();
    }

    double coverage(double sure) {
        return share(outcomes, outcome -> outcome.confidence() >= sure);
    }

    double rightAt(double sure) {
        return share(
                outcomes.stream()
                        .filter(outcome -> outcome.confidence() >= sure)
                        .toList(),
                Outcome::isRight);
    }

    double decided() {
        return share(outcomes, Outcome::isDecided);
    }

    double decidedRight() {
        return share(outcomes.stream().filter(Outcome::isDecided).toList(), Outcome::isRight);
    }

    /// Of the undecided: for how many the right one is among the three.
    double amongThree() {
        return share(
                outcomes.stream().filter(outcome -> !outcome.isDecided()).toList(),
                outcome -> outcome.suggested().contains(outcome.right()));
    }

    List<Bin> bins() {
        return IntStream.range(0, BINS)
                .mapToObj(bin -> outcomes.stream()
                        .filter(outcome -> Math.min(BINS - 1, (int) (outcome.confidence() * BINS)) == bin)
                        .toList())
                .map(in -> new Bin(
                        in.size(),
                        in.stream().mapToDouble(Outcome::confidence).average().orElse(0),
                        share(in, Outcome::isRight)))
                .toList();
    }

    /// The expected calibration error.
    double calibrationError() {
        return bins().stream()
                        .mapToDouble(bin -> bin.count() * Math.abs(bin.confidence() - bin.right()))
                        .sum()
                / Math.max(1, count());
    }

    double recall(Category category) {
        return share(
                outcomes.stream().filter(outcome -> outcome.right() == category).toList(), Outcome::isRight);
    }

    double precision(Category category) {
        return share(
                outcomes.stream().filter(outcome -> outcome.best() == category).toList(), Outcome::isRight);
    }

    long count(Category category) {
        return outcomes.stream().filter(outcome -> outcome.right() == category).count();
    }

    /// The mean of F1 over the categories that occur.
    double macroF1() {
        Map<Category, Double> each = new EnumMap<>(Category.class);
        for (Outcome outcome : outcomes) {
            each.computeIfAbsent(outcome.right(), category -> {
                double sum = recall(category) + precision(category);
                return sum == 0 ? 0 : 2 * recall(category) * precision(category) / sum;
            });
        }
        return each.values().stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }

    Interval interval(ToDoubleFunction<Scores> figure) {
        SplittableRandom random = new SplittableRandom(1);
        double[] figures = new double[SAMPLES];
        for (int sample = 0; sample < SAMPLES; sample++) {
            figures[sample] = figure.applyAsDouble(new Scores(
                    random.ints(count(), 0, count()).mapToObj(outcomes::get).toList()));
        }
        Arrays.sort(figures);
        return new Interval(figures[SAMPLES / 40], figures[SAMPLES - 1 - SAMPLES / 40]);
    }

    private static double share(List<Outcome> outcomes, Predicate<Outcome> which) {
        return outcomes.isEmpty() ? 0 : outcomes.stream().filter(which).count() / (double) outcomes.size();
    }
}
