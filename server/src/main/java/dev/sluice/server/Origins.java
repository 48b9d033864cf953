package dev.sluice.server;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// Pages that are let in, by their origins; `*` stands for any part of a name.
final class Origins {
    private final List<Pattern> allowed;

    Origins(List<String> allowed) {
        this.allowed = allowed.stream().map(Origins::pattern).toList();
    }

    private static Pattern pattern(String origin) {
        String[] literals = origin.toLowerCase(Locale.ROOT).split("\\*", -1);
        var regex = new StringBuilder();
        for (int i = 0; i < literals.length; i++) {
            regex.append(i > 0 ? "[a-z0-9.-]*" : "").append(Pattern.quote(literals[i]));
        }
        return Pattern.compile(regex.toString());
    }

    boolean allow(String origin) {
        String asked = origin.toLowerCase(Locale.ROOT);
        return allowed.stream().anyMatch(pattern -> pattern.matcher(asked).matches()) && isOrigin(asked);
    }

    private static boolean isOrigin(String text) {
        try {
            return URI.create(text).getHost() != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
