package dev.sluice.categories;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Brands parted into learned ones and others that neither model nor gazetteer has seen, and what is decided on both.
final class Evaluation {
    static final long SEED = 20_261_128;
    private static final int FIFTH = 5;
    private static final int COMMON_WORD = 12;

    final List<Brand> learned;
    final List<Brand> held;
    final Model model;
    final Brands gazetteer;
    final Categorizer categorizer;

    private Evaluation(List<Brand> learned, List<Brand> held) {
        this.learned = learned;
        this.held = held;
        model = Training.model(learned, "evaluation");
        gazetteer = new Brands(learned);
        categorizer = categorizer(gazetteer, model);
    }

    /// Every fifth brand is held back, whole: none of its spellings is learned.
    static Evaluation byBrand() {
        return parted(Brand::name);
    }

    /// Every fifth family is held back: brands that begin with the same word, where that word begins at most twelve.
    static Evaluation byFamily() {
        Map<String, Long> begins =
                Brand.all().stream().collect(Collectors.groupingBy(Evaluation::firstWord, Collectors.counting()));
        return parted(
                brand -> begins.getOrDefault(firstWord(brand), 0L) <= COMMON_WORD ? firstWord(brand) : brand.name());
    }

    private static Evaluation parted(Function<Brand, String> family) {
        SplittableRandom random = new SplittableRandom(SEED);
        Map<String, Boolean> isHeld = new HashMap<>();
        List<Brand> learned = new ArrayList<>();
        List<Brand> held = new ArrayList<>();
        for (Brand brand : Brand.all()) {
            boolean back = isHeld.computeIfAbsent(family.apply(brand), unseen -> random.nextInt(FIFTH) == 0);
            (back && brand.shop() ? held : learned).add(brand);
        }
        return new Evaluation(learned, held);
    }

    private static String firstWord(Brand brand) {
        Text text = new Text(brand.name());
        return text.words() == 0 ? "" : text.word(0);
    }

    static Categorizer categorizer(Brands gazetteer, Model model) {
        return new Categorizer(Rules.load(), BankWords.load(), Codes.load(), gazetteer, model);
    }

    /// The model alone, on the names as their owners write them.
    Scores modelAlone() {
        return new Scores(held.stream()
                .map(brand -> Outcome.of(right(brand), model.shares(new Text(brand.name()))))
                .toList());
    }

    /// As [#modelAlone], over the twelve categories of the study that the targets come from: without bills and
    /// services.
    Scores modelOverTwelve() {
        Set<Category> left = Set.of(Category.BILLS, Category.SERVICES);
        return new Scores(held.stream()
                .filter(brand -> !left.contains(right(brand)))
                .map(brand -> {
                    Shares all = model.shares(new Text(brand.name()));
                    return Outcome.of(right(brand), Shares.of(one -> left.contains(one) ? 0 : all.of(one)));
                })
                .toList());
    }

    /// Held brands whose very name is not that of a learned one.
    List<Brand> unknown() {
        return held.stream().filter(brand -> !isKnown(brand)).toList();
    }

    /// Held brands that bear the name of a learned one, most of them in another business.
    List<Brand> homonyms() {
        return held.stream().filter(this::isKnown).toList();
    }

    private boolean isKnown(Brand brand) {
        Brands.Match match = gazetteer.match(new Text(brand.name()), "");
        return match != null && match.whole();
    }

    List<Brand> known() {
        return learned.stream().filter(Brand::shop).toList();
    }

    /// The whole chain.
    Scores decided(List<Brand> brands, Disguise... disguises) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<Outcome> outcomes = new ArrayList<>();
        for (Disguise disguise : disguises) {
            for (Brand brand : brands) {
                outcomes.add(Outcome.of(
                        right(brand), categorizer.decide(paid(disguise.of(brand.name(), random)), Corrections.NONE)));
            }
        }
        return new Scores(outcomes);
    }

    /// The gazetteer alone: right or nothing.
    Scores gazetteerAlone(List<Brand> brands, Disguise... disguises) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<Outcome> outcomes = new ArrayList<>();
        for (Disguise disguise : disguises) {
            for (Brand brand : brands) {
                Brands.Match match = gazetteer.match(new Text(disguise.of(brand.name(), random)), "");
                outcomes.add(Outcome.of(right(brand), match));
            }
        }
        return new Scores(outcomes);
    }

    /// Four payments to each unknown merchant; before the one of that number, as many were put right.
    Scores corrected(int corrections) {
        SplittableRandom random = new SplittableRandom(SEED);
        Disguise[] disguises = noisy();
        List<Outcome> outcomes = new ArrayList<>();
        for (Brand brand : unknown()) {
            Map<String, Category> corrected = new HashMap<>();
            for (int before = 0; before < corrections; before++) {
                String text = disguises[random.nextInt(disguises.length)].of(brand.name(), random);
                corrected.put(Merchant.key(text), right(brand));
            }
            String text = disguises[random.nextInt(disguises.length)].of(brand.name(), random);
            outcomes.add(Outcome.of(right(brand), categorizer.decide(paid(text), corrected::get)));
        }
        return new Scores(outcomes);
    }

    /// As [#corrected], all by the same bank.
    Scores correctedAtOneBank(Disguise bank) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<Outcome> outcomes = new ArrayList<>();
        for (Brand brand : unknown()) {
            Map<String, Category> corrected = new HashMap<>();
            corrected.put(Merchant.key(bank.of(brand.name(), random)), right(brand));
            Booking next = paid(bank.of(brand.name(), random));
            outcomes.add(Outcome.of(right(brand), categorizer.decide(next, corrected::get)));
        }
        return new Scores(outcomes);
    }

    static Disguise[] noisy() {
        return Arrays.stream(Disguise.values())
                .filter(disguise -> disguise != Disguise.CLEAN)
                .toArray(Disguise[]::new);
    }

    /// A hand-written string, see handwritten.tsv.
    record Written(Booking booking, Category right) {}

    static List<Written> handwritten() {
        return Table.rows("handwritten.tsv").stream()
                .map(row -> {
                    Booking paid = paid(row[1]);
                    long amount = row[0].equals("+") ? 10_000 : -10_000;
                    String counterparty = row[2].isEmpty() ? null : row[2];
                    return new Written(
                            new Booking(paid.description(), counterparty, amount, "EUR", null, null, null),
                            Category.named(row[3]));
                })
                .toList();
    }

    static Booking paid(String text) {
        return new Booking(text, null, -1_000, "EUR", null, null, null);
    }

    static Category right(Brand brand) {
        return brand.shares("").best();
    }
}
