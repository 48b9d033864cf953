package dev.sluice.categories;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/// Learns a multinomial logistic regression by stochastic descent (AdaGrad per feature, weights drawn towards zero).
/// With the same lessons and the same randomness it comes to the same weights on every machine: one thread, and only
/// arithmetic that Java defines to the last bit.
final class Softmax {
    private static final int PASSES = 10;
    private static final float RATE = 0.5f;
    private static final float DRAWN = 1e-3f;

    /// Each time a lesson is read, this part of its features is looked away from, so that none is relied on alone.
    private static final double UNSEEN = 0.4;

    private final float[] weights = new float[Model.WIDTH << Features.BITS];
    private final float[] seen = new float[1 << Features.BITS];
    private final int classes;

    Softmax(int classes) {
        this.classes = classes;
    }

    void learn(List<Lesson> lessons, RandomGenerator random) {
        int[] order = new int[lessons.size()];
        for (int at = 0; at < order.length; at++) {
            order[at] = at;
        }
        for (int pass = 0; pass < PASSES; pass++) {
            for (int at = order.length - 1; at > 0; at--) {
                int other = random.nextInt(at + 1);
                int moved = order[at];
                order[at] = order[other];
                order[other] = moved;
            }
            for (int at : order) {
                learn(partly(lessons.get(at), random));
            }
        }
    }

    private static Lesson partly(Lesson lesson, RandomGenerator random) {
        int[] kept = new int[lesson.features.length];
        int count = 0;
        for (int feature : lesson.features) {
            if (random.nextDouble() >= UNSEEN) {
                kept[count++] = feature;
            }
        }
        return count == 0 ? lesson : new Lesson(Arrays.copyOf(kept, count), lesson.shares, lesson.weight);
    }

    private void learn(Lesson lesson) {
        float[] shares = shares(lesson.features);
        float value = (float) (1 / Math.sqrt(lesson.features.length));
        float size = 0;
        for (int at = 0; at < classes; at++) {
            shares[at] = (lesson.shares[at] - shares[at]) * lesson.weight * value;
            size += shares[at] * shares[at];
        }
        for (int feature : lesson.features) {
            seen[feature] += size;
            float rate = RATE / (float) Math.sqrt(seen[feature] + 1e-8f);
            int row = feature * Model.WIDTH;
            for (int at = 0; at < classes; at++) {
                weights[row + at] += rate * (shares[at] - DRAWN * weights[row + at]);
            }
        }
    }

    /// How probable each class is.
    float[] shares(int[] features) {
        float[] sums = new float[Model.WIDTH];
        for (int feature : features) {
            int row = feature * Model.WIDTH;
            for (int at = 0; at < classes; at++) {
                sums[at] += weights[row + at];
            }
        }
        float value = (float) (1 / Math.sqrt(features.length));
        float most = Float.NEGATIVE_INFINITY;
        for (int at = 0; at < classes; at++) {
            sums[at] *= value;
            most = Math.max(most, sums[at]);
        }
        float total = 0;
        for (int at = 0; at < classes; at++) {
            sums[at] = (float) StrictMath.exp(sums[at] - most);
            total += sums[at];
        }
        for (int at = 0; at < classes; at++) {
            sums[at] /= total;
        }
        return sums;
    }

    /// By feature, then by class.
    float[] weights() {
        return weights;
    }
}
