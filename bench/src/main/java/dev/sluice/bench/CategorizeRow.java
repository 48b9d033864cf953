package dev.sluice.bench;

import dev.sluice.categories.Booking;
import dev.sluice.categories.Categorizer;
import dev.sluice.categories.Source;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/// How many transactions get a category in a second.
final class CategorizeRow implements Row {
    private static final List<String> KNOWN = List.of(
            "REWE MARKT",
            "LIDL SAGT DANKE",
            "SHELL",
            "AMAZON EU",
            "DB BAHN",
            "STARBUCKS",
            "EDEKA",
            "ARAL",
            "TESCO",
            "IKEA");
    private static final String LETTERS = "AEIOUBCDFGHKLMNPRSTVWZ";

    @Override
    public String name() {
        return "categorize";
    }

    @Override
    public String title() {
        return "Categories for transactions";
    }

    @Override
    public Result measure(Workbench bench) {
        int count = bench.of(300_000, 10_000);
        Categorizer categorizer = Categorizer.load();
        List<Booking> bookings = bookings(count);
        double[] perSecond = new double[bench.of(7, 2)];
        Map<Source, Integer> sources = new EnumMap<>(Source.class);
        for (int round = bench.brief() ? 0 : -2; round < perSecond.length; round++) {
            sources.clear();
            long began = System.nanoTime();
            for (Booking booking : bookings) {
                sources.merge(categorizer.decide(booking, merchant -> null).source(), 1, Integer::sum);
            }
            if (round >= 0) {
                perSecond[round] = count / ((System.nanoTime() - began) / 1e9);
            }
        }
        return new Result(
                List.of(Figure.alone("rows/s", 0, new Target.AtLeast(300_000, ""), perSecond)),
                List.of(
                        String.format(
                                "%,d payments on one thread, no two alike: half name one of %d brands with a number and a town"
                                        + " behind it, half a name made of letters, which nobody knows. Who decided: %s.",
                                count,
                                KNOWN.size(),
                                sources.entrySet().stream()
                                        .map(source -> source.getKey().word() + " "
                                                + Math.round(100.0 * source.getValue() / count) + " %")
                                        .collect(Collectors.joining(", "))),
                        "In one process, with 512 MiB and the serial collector."),
                List.of());
    }

    private static List<Booking> bookings(int count) {
        var random = new Random(count);
        var bookings = new ArrayList<Booking>(count);
        for (int i = 0; i < count; i++) {
            String name = i % 2 == 0 ? KNOWN.get(random.nextInt(KNOWN.size())) : unknown(random);
            bookings.add(new Booking(
                    name + " " + (1_000 + random.nextInt(9_000)) + " BERLIN",
                    null,
                    -1 - random.nextInt(20_000),
                    "EUR",
                    null,
                    null,
                    null));
        }
        return bookings;
    }

    private static String unknown(Random random) {
        return random.ints(5 + random.nextInt(9), 0, LETTERS.length())
                .mapToObj(i -> LETTERS.substring(i, i + 1))
                .collect(Collectors.joining());
    }
}
