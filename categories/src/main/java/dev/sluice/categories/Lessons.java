package dev.sluice.categories;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/// What the model learns from: brands in all their spellings, some disguised as banks disguise them (cut off, with a
/// place behind), words that name a kind of merchant, and what merchant category codes are called. The disguises are
/// synthetic.
final class Lessons {
    /// The categories that the model knows; the others follow from rules.
    static final List<Category> CLASSES = List.of(
            Category.GROCERIES,
            Category.EATING_OUT,
            Category.TRANSPORT,
            Category.TRAVEL,
            Category.CLOTHING,
            Category.HOME,
            Category.ELECTRONICS,
            Category.HEALTH,
            Category.PERSONAL_CARE,
            Category.LEISURE,
            Category.SHOPPING,
            Category.BILLS,
            Category.SERVICES,
            Category.BANKING);

    private static final int CUT = 14;
    private final List<Lesson> lessons = new ArrayList<>();
    private final RandomGenerator random;

    Lessons(RandomGenerator random) {
        this.random = random;
    }

    List<Lesson> all() {
        return lessons;
    }

    void brands(List<Brand> brands) {
        for (Brand brand : brands) {
            float[] shares = classes(brand.shares(""));
            Set<String> forms = new LinkedHashSet<>(brand.forms());
            float weight = 1f / forms.size();
            for (String form : forms) {
                add(form, shares, 0.5f + weight / 2);
            }
            add(disguised(brand.name()), shares, 0.5f);
        }
    }

    /// As a bank would write them, and only so.
    void disguised(List<Brand> brands) {
        for (Brand brand : brands) {
            add(disguised(brand.name()), classes(brand.shares("")), 1);
        }
    }

    /// Alone, and beside names that say nothing: Sankt Georgs Apotheke.
    void keywords() {
        for (String[] row : Table.rows("words.tsv")) {
            float[] shares = classes(Category.named(row[0]));
            for (String word : Table.listed(row[1])) {
                add(word, shares, 2);
                add(word + " " + place(), shares, 1);
                add(place() + " " + word, shares, 1);
                add(place() + " " + place() + " " + word, shares, 1);
            }
        }
    }

    void codes() {
        Codes.descriptions().forEach((description, category) -> add(description, classes(category), 0.5f));
    }

    private String disguised(String name) {
        if (name.length() > CUT && random.nextBoolean()) {
            return name.substring(0, CUT - random.nextInt(3));
        }
        return name + " " + place();
    }

    /// A word that sounds like a place and is none.
    private String place() {
        StringBuilder place = new StringBuilder();
        for (int syllable = 0; syllable < 3; syllable++) {
            place.append("bdfghklmnprstvw".charAt(random.nextInt(15))).append("aeiou".charAt(random.nextInt(5)));
        }
        return place.append("nrsl".charAt(random.nextInt(4))).toString();
    }

    private void add(String text, float[] shares, float weight) {
        int[] features = Features.of(new Text(text));
        if (features.length > 0) {
            lessons.add(new Lesson(features, shares, weight));
        }
    }

    private static float[] classes(Shares shares) {
        float[] classes = new float[CLASSES.size()];
        for (int at = 0; at < classes.length; at++) {
            classes[at] = (float) shares.of(CLASSES.get(at));
        }
        return classes;
    }

    private static float[] classes(Category category) {
        float[] classes = new float[CLASSES.size()];
        classes[CLASSES.indexOf(category)] = 1;
        return classes;
    }
}
