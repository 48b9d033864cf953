package dev.sluice.wire;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Of which ends a user wants to hear in browsers: by kind of job, `completed`, `failed` and `cancelled`.
public record ChoicesDocument(Map<String, List<String>> kinds) {
    private static final int MOST = 3;

    public ChoicesDocument {
        kinds = Collections.unmodifiableMap(new LinkedHashMap<>(kinds));
    }

    /// Kinds that are absent stay as they are.
    ///
    /// @throws dev.sluice.core.ProblemException `invalid_request` or `unknown_field`
    public static ChoicesDocument parse(byte[] body) {
        Fields fields = Json.object(body);
        Fields kinds = fields.object("kinds")
                .orElseThrow(() -> fields.refuse("kinds", "is missing", "an object of kinds with their outcomes"));
        fields.end();
        var chosen = new LinkedHashMap<String, List<String>>();
        for (String kind : new ArrayList<>(kinds.names())) {
            chosen.put(kind, List.copyOf(kinds.strings(kind, MOST)));
        }
        kinds.end();
        return new ChoicesDocument(chosen);
    }
}
