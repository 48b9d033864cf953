package dev.sluice.accounts;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// What somebody may do; of an API key, what it is good for at the most.
public enum Right {
    /// To see what is one's own.
    READ,
    /// To make, change and stop it.
    WRITE,
    /// To see and stop what is anybody's, and to say who may come in.
    ADMIN,
    /// To read the node's figures.
    METRICS;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @throws ProblemException `invalid_request` where one is none
    public static Set<Right> of(Iterable<String> words) {
        var rights = EnumSet.noneOf(Right.class);
        for (String word : words) {
            rights.add(Arrays.stream(values())
                    .filter(right -> right.word().equals(word))
                    .findFirst()
                    .orElseThrow(() -> new ProblemException(
                            ErrorCode.INVALID_REQUEST,
                            "a scope is read, write, admin or metrics, not \"" + word + "\"",
                            Map.of("field", "scopes"))));
        }
        return Set.copyOf(rights);
    }

    static String words(Set<Right> rights) {
        return rights.stream().sorted().map(Right::word).collect(Collectors.joining(","));
    }
}
