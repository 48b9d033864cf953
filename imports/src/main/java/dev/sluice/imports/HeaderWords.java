package dev.sluice.imports;

import dev.sluice.csv.Currencies;
import dev.sluice.csv.Surveyor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What banks call their columns, in English, German, French, Spanish, Dutch, Italian, Polish and Portuguese: read from
/// `header-words.txt`, in which each role's words stand with the surest first. Safe for use by many threads.
public final class HeaderWords {
    private static final String RESOURCE = "header-words.txt";
    private static final HeaderWords STANDARD = read();

    private final Map<String, Meaning> words;

    private HeaderWords(Map<String, Meaning> words) {
        this.words = Map.copyOf(words);
    }

    public static HeaderWords standard() {
        return STANDARD;
    }

    /// What a name means.
    ///
    /// @param rank the lower, the surer
    record Meaning(Role role, int rank) {
        private static final int PART = 1000;

        /// As it is where the word is only a part of the name.
        Meaning ofPart() {
            return new Meaning(role, rank + PART);
        }
    }

    /// One that knows a header by these words.
    public Surveyor surveyor() {
        return new Surveyor(this::knows);
    }

    /// Whether a text is the name of a column.
    boolean knows(String name) {
        return words.containsKey(normalized(name));
    }

    /// What a name means: by itself or, where it is not known, by the longest known word that it begins or ends with.
    Optional<Meaning> meaning(String name) {
        String whole = normalized(name);
        Meaning exact = words.get(whole);
        if (exact != null) {
            return Optional.of(exact);
        }
        List<String> parts = Arrays.asList(whole.split(" "));
        for (int length = parts.size() - 1; length > 0; length--) {
            Meaning first = words.get(String.join(" ", parts.subList(0, length)));
            if (first != null) {
                return Optional.of(first.ofPart());
            }
            Meaning last = words.get(String.join(" ", parts.subList(parts.size() - length, parts.size())));
            if (last != null) {
                return Optional.of(last.ofPart());
            }
        }
        return Optional.empty();
    }

    /// In lower case, without accents, brackets, currencies and a mark in front, and with single spaces: of
    /// `#Kwota (PLN)` it is `kwota`.
    static String normalized(String name) {
        String plain = Normalizer.normalize(name.replaceAll("[(\\[][^)\\]]*[)\\]]", " "), Normalizer.Form.NFD)
                .replaceAll("\\p{M}", "");
        plain = plain.isBlank() ? name : plain.replaceFirst("^\\s*#+(?=\\p{L})", "");
        var text = new StringBuilder(plain.length());
        for (String word : plain.replaceAll("[^\\p{L}\\p{N}#]+", " ").strip().split(" ")) {
            boolean currency = word.length() == 3
                    && Currencies.isCode(word)
                    && !plain.strip().equals(word);
            if (!currency) {
                text.append(text.isEmpty() ? "" : " ").append(word.toLowerCase(Locale.ROOT));
            }
        }
        return text.toString().replace("ß", "ss").replace('ł', 'l');
    }

    private static HeaderWords read() {
        var words = new HashMap<String, Meaning>();
        try (InputStream resource = HeaderWords.class.getResourceAsStream(RESOURCE)) {
            if (resource == null) {
                throw new IllegalStateException(RESOURCE + " is missing");
            }
            var lines = new BufferedReader(new InputStreamReader(resource, StandardCharsets.UTF_8));
            var ranks = new HashMap<Role, Integer>();
            for (String line : lines.lines().toList()) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    add(line, words, ranks);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new HeaderWords(words);
    }

    private static void add(String line, Map<String, Meaning> words, Map<Role, Integer> ranks) {
        int colon = line.indexOf(':');
        Role role = Role.of(line.substring(0, colon).strip()).orElseThrow();
        for (String word : line.substring(colon + 1).split("\\|")) {
            int rank = ranks.merge(role, 1, Integer::sum);
            Meaning before = words.putIfAbsent(normalized(word), new Meaning(role, rank));
            if (before != null && before.role() != role) {
                throw new IllegalStateException(
                        RESOURCE + ": '" + word.strip() + "' is both " + before.role() + " and " + role);
            }
        }
    }
}
