package dev.sluice.categories;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Writes the tables of docs/categorization.md anew; `dev/categorization` runs it.
final class Report {
    private static final String BEGIN = "<!-- figures: dev/categorization -->\n";
    private static final String END = "<!-- end of figures -->\n";
    private static final double[] THRESHOLDS = {0.5, 0.6, 0.7, 0.8, 0.85, 0.9};
    private static final int ROWS = 1_000_000;

    private final StringBuilder text = new StringBuilder();
    private final Evaluation parted = Evaluation.byBrand();

    private Report() {}

    public static void main(String[] args) throws IOException {
        Path page = Path.of(args[0]);
        Report report = new Report();
        report.write();
        String before = Files.readString(page);
        int from = before.indexOf(BEGIN) + BEGIN.length();
        int to = before.indexOf(END);
        Files.writeString(page, before.substring(0, from) + report.text + before.substring(to));
        System.out.print(report.text);
    }

    private void write() {
        brands();
        modelAlone();
        coverage();
        chain();
        disguises();
        countries();
        handwritten();
        corrections();
        speed();
    }

    private void brands() {
        List<Brand> all = Brand.all();
        List<Brand> shops = all.stream().filter(Brand::shop).toList();
        long ambiguous =
                all.stream().filter(brand -> brand.shares("").most() < 1).count();
        say(
                "%,d brands and operators, %,d of them shops; %,d names are in more than one category. Held back: %,d shops, of"
                        + " which %,d bear the name of a learned one.%n%n",
                all.size(),
                shops.size(),
                ambiguous,
                parted.held.size(),
                parted.homonyms().size());
    }

    private void modelAlone() {
        say("### The model alone, on brands that it has not seen%n%n");
        say(
                "| split | names | majority | right | 95 %% | macro-F1 | calibration error | sure (≥ 0.7) | of these right | 95 %% |%n");
        say("|---|---|---|---|---|---|---|---|---|---|%n");
        alone("by brand, 14 categories", parted.modelAlone());
        alone("by brand, the 12 of the study", parted.modelOverTwelve());
        alone("by family (first word), 14", Evaluation.byFamily().modelAlone());
        say("%n| category | names | recall | precision |%n|---|---|---|---|%n");
        Scores scores = parted.modelAlone();
        for (Category category : Lessons.CLASSES) {
            say(
                    "| %s | %d | %.2f | %.2f |%n",
                    category.word(), scores.count(category), scores.recall(category), scores.precision(category));
        }
        say("%n");
    }

    private void alone(String name, Scores scores) {
        Scores.Interval right = scores.interval(Scores::accuracy);
        Scores.Interval sure = scores.interval(sample -> sample.rightAt(Categorizer.SURE));
        say(
                "| %s | %,d | %s | %s | %s–%s | %.2f | %.3f | %s | %s | %s–%s |%n",
                name,
                scores.count(),
                percent(scores.majority()),
                percent(scores.accuracy()),
                percent(right.from()),
                percent(right.to()),
                scores.macroF1(),
                scores.calibrationError(),
                percent(scores.coverage(Categorizer.SURE)),
                percent(scores.rightAt(Categorizer.SURE)),
                percent(sure.from()),
                percent(sure.to()));
    }

    private void coverage() {
        Scores clean = parted.modelAlone();
        Scores noisy = parted.decided(parted.unknown(), Evaluation.noisy());
        say("### How many it decides on, and how many of these are right%n%n");
        say(
                "| confidence ≥ | model alone, clean names: decided | right | whole chain, unknown merchants, *synthetic* noise: decided | right |%n|---|---|---|---|---|%n");
        for (double sure : THRESHOLDS) {
            say(
                    "| %.2f | %s | %s | %s | %s |%n",
                    sure,
                    percent(clean.coverage(sure)),
                    percent(clean.rightAt(sure)),
                    percent(noisy.coverage(sure)),
                    percent(noisy.rightAt(sure)));
        }
        say(
                "%nReliability of the model alone, clean names:%n%n| said | names | mean said | right |%n|---|---|---|---|%n");
        int at = 0;
        for (Scores.Bin bin : clean.bins()) {
            if (bin.count() > 0) {
                say(
                        "| %.1f–%.1f | %d | %.2f | %.2f |%n",
                        at / 10.0, (at + 1) / 10.0, bin.count(), bin.confidence(), bin.right());
            }
            at++;
        }
        say("%n");
    }

    private void chain() {
        say(
                "### The whole chain%n%n| merchants | text | rows | decided (≥ 0.7) | of these right | 95 %% | right without a threshold | undecided: right one among the three |%n|---|---|---|---|---|---|---|---|%n");
        chain("unknown", "clean names", parted.decided(parted.unknown(), Disguise.CLEAN));
        chain("unknown", "*synthetic* noise", parted.decided(parted.unknown(), Evaluation.noisy()));
        chain(
                "unknown, gazetteer only",
                "*synthetic* noise",
                parted.gazetteerAlone(parted.unknown(), Evaluation.noisy()));
        chain("homonyms of known ones", "clean names", parted.decided(parted.homonyms(), Disguise.CLEAN));
        chain("known", "clean names", parted.decided(parted.known(), Disguise.CLEAN));
        chain("known", "*synthetic* noise", parted.decided(parted.known(), Evaluation.noisy()));
        chain("known, gazetteer only", "*synthetic* noise", parted.gazetteerAlone(parted.known(), Evaluation.noisy()));
        say("%n");
    }

    private void chain(String merchants, String how, Scores scores) {
        Scores.Interval right = scores.interval(Scores::decidedRight);
        say(
                "| %s | %s | %,d | %s | %s | %s–%s | %s | %s |%n",
                merchants,
                how,
                scores.count(),
                percent(scores.decided()),
                percent(scores.decidedRight()),
                percent(right.from()),
                percent(right.to()),
                percent(scores.accuracy()),
                percent(scores.amongThree()));
    }

    private void disguises() {
        say(
                "### By disguise (*synthetic*)%n%n| disguise | unknown: decided | right | known: decided | right |%n|---|---|---|---|---|%n");
        for (Disguise disguise : Disguise.values()) {
            Scores unknown = parted.decided(parted.unknown(), disguise);
            Scores known = parted.decided(parted.known(), disguise);
            say(
                    "| %s | %s | %s | %s | %s |%n",
                    disguise.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    percent(unknown.decided()),
                    percent(unknown.decidedRight()),
                    percent(known.decided()),
                    percent(known.decidedRight()));
        }
        say("%n");
    }

    private void countries() {
        say(
                "### By country (unknown merchants, clean names)%n%n| country | names | decided | right |%n|---|---|---|---|%n");
        TreeMap<String, List<Brand>> by = new TreeMap<>();
        for (Brand brand : parted.unknown()) {
            for (String country : brand.senses().getFirst().countries()) {
                by.computeIfAbsent(country, unseen -> new ArrayList<>()).add(brand);
            }
        }
        by.entrySet().stream()
                .sorted((one, other) -> other.getValue().size() - one.getValue().size())
                .limit(10)
                .forEach(entry -> {
                    Scores scores = parted.decided(entry.getValue(), Disguise.CLEAN);
                    say(
                            "| %s | %d | %s | %s |%n",
                            entry.getKey(), scores.count(), percent(scores.decided()), percent(scores.decidedRight()));
                });
        say("%n");
    }

    private void handwritten() {
        Categorizer categorizer = Categorizer.load();
        say("### Strings written by hand%n%n| decided by | rows | right |%n|---|---|---|%n");
        List<Outcome> outcomes = Evaluation.handwritten().stream()
                .map(one -> Outcome.of(one.right(), categorizer.decide(one.booking(), Corrections.NONE)))
                .toList();
        for (Source source : Source.values()) {
            Scores scores = new Scores(outcomes.stream()
                    .filter(outcome -> outcome.source() == source)
                    .toList());
            if (scores.count() > 0) {
                say(
                        "| %s | %d | %s |%n",
                        source == Source.NONE ? "nobody; the best suggestion" : source.word(),
                        scores.count(),
                        percent(scores.accuracy()));
            }
        }
        Scores scores = new Scores(outcomes);
        Scores.Interval right = scores.interval(Scores::decidedRight);
        say(
                "%nOf %d strings %s are decided, and %s of these right (95 %%: %s–%s); of the undecided, the right one is among the"
                        + " three for %s. Without a threshold %s would be right; the majority is %s.%n%n",
                scores.count(),
                percent(scores.decided()),
                percent(scores.decidedRight()),
                percent(right.from()),
                percent(right.to()),
                percent(scores.amongThree()),
                percent(scores.accuracy()),
                percent(scores.majority()));
    }

    private void corrections() {
        say("### Corrections%n%nUnknown merchants, *synthetic* noise; the next payment after so many corrections:%n%n");
        say(
                "| corrections | payments | decided | of these right | right without a threshold |%n|---|---|---|---|---|%n");
        for (int corrections : new int[] {0, 1, 3}) {
            replay(corrections + ", each time another bank's form", parted.corrected(corrections));
        }
        for (Disguise bank : List.of(Disguise.GERMAN_CARD, Disguise.US_CARD, Disguise.FRENCH_CARD)) {
            replay(
                    "1, " + bank.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " both times",
                    parted.correctedAtOneBank(bank));
        }
        say("%n");
    }

    private void replay(String what, Scores scores) {
        say(
                "| %s | %,d | %s | %s | %s |%n",
                what,
                scores.count(),
                percent(scores.decided()),
                percent(scores.decidedRight()),
                percent(scores.accuracy()));
    }

    private void speed() {
        say("### Speed%n%n%,d rows, one thread, processor time of that thread (the machine was shared): ", ROWS);
        SplittableRandom random = new SplittableRandom(1);
        Disguise[] disguises = Evaluation.noisy();
        List<Brand> brands = Brand.all();
        Booking[] rows = new Booking[ROWS / 10];
        Arrays.setAll(
                rows,
                row -> Evaluation.paid(disguises[random.nextInt(disguises.length)].of(
                        brands.get(random.nextInt(brands.size())).name(), random)));
        say(
                "%,.0f rows/s where every merchant may be known, %,.0f rows/s where a fifth of the shops is unknown.%n",
                rate(Categorizer.load(), rows), rate(parted.categorizer, rows));
    }

    private static double rate(Categorizer categorizer, Booking[] rows) {
        long begin = 0;
        double sum = 0;
        for (int pass = 0; pass < 13; pass++) {
            begin = pass == 3 ? ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() : begin;
            for (Booking row : rows) {
                sum += categorizer.decide(row, Corrections.NONE).confidence();
            }
        }
        long nanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begin;
        return sum > 0 ? ROWS * 1e9 / nanos : 0;
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", share * 100);
    }

    @SuppressWarnings("AnnotateFormatMethod") // its callers are here
    private void say(String format, Object... figures) {
        text.append(String.format(Locale.ROOT, format, figures));
    }
}
