package dev.sluice.categories;

/// What is to be learned from one text.
final class Lesson {
    /// See [Features]; not empty.
    final int[] features;

    /// By class, in the order of [Lessons#CLASSES].
    final float[] shares;

    /// Beside other lessons.
    final float weight;

    Lesson(int[] features, float[] shares, float weight) {
        this.features = features;
        this.shares = shares;
        this.weight = weight;
    }
}
