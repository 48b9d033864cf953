package dev.sluice.categories;

import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/// How a bank would write the name of a merchant: synthetic, for the evaluation only. Nothing that the model learns
/// from is disguised like this.
enum Disguise {
    /// As the owner writes it.
    CLEAN("{name}"),
    US_CARD("{CUT} #{4} {CITY} {STATE}"),
    UK_CARD("CARD PAYMENT TO {NAME},{2}.{2} GBP ON {2}-{2}-2026"),
    GERMAN_CARD("{NAME} {4}//{CITY}/DE 2026-0{1}-1{1}T1{1}:2{1}:00 KFN 1 VJ 27{2}"),
    FRENCH_CARD("CB {NAME} {CITY} {2}/0{1}"),
    SEPA_DEBIT("{NAME} GMBH EREF+{4}{4} MREF+KD{4} SVWZ+RG {4}"),
    READER("SQ *{NAME}"),
    PROCESSOR("PAYPAL *{JOINED}");

    /// Of these some are known to the noise table and some are not.
    private static final List<String> CITIES = List.of(
            "BERLIN",
            "LYON",
            "SPRINGVALE",
            "CROYDON",
            "OBERURSEL",
            "VITRY",
            "SAN MATEO",
            "TUCSON",
            "LEEDS",
            "ROSENHEIM");

    private static final List<String> STATES = List.of("CA", "TX", "NY", "WA", "FL", "OH");
    private static final int CUT = 18;

    private final String pattern;

    Disguise(String pattern) {
        this.pattern = pattern;
    }

    /// @param name each has one branch, in one city
    String of(String name, RandomGenerator random) {
        String upper = name.toUpperCase(Locale.ROOT);
        String text = pattern.replace("{name}", name)
                .replace("{NAME}", upper)
                .replace("{CUT}", upper.substring(0, Math.min(CUT, upper.length())))
                .replace("{JOINED}", upper.replaceAll("[^\\p{L}\\p{N}]", ""))
                .replace("{CITY}", ofMerchant(name, CITIES))
                .replace("{STATE}", ofMerchant(name, STATES));
        StringBuilder filled = new StringBuilder();
        for (int at = 0; at < text.length(); at++) {
            if (text.charAt(at) == '{' && at + 2 < text.length() && text.charAt(at + 2) == '}') {
                for (int left = text.charAt(at + 1) - '0'; left > 0; left--) {
                    filled.append((char) ('1' + random.nextInt(9)));
                }
                at += 2;
            } else {
                filled.append(text.charAt(at));
            }
        }
        return filled.toString();
    }

    private static String ofMerchant(String name, List<String> places) {
        return places.get(Math.floorMod(name.hashCode(), places.size()));
    }
}
