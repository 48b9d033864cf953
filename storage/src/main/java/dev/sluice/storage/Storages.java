package dev.sluice.storage;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The storages that are configured, by name. Safe for use by many threads.
public final class Storages implements AutoCloseable {
    private final Map<String, Storage> byName;
    private final String standard;

    /// @param standard the name of the one that is used where none is asked for
    public Storages(Map<String, Storage> byName, String standard) {
        if (!byName.containsKey(standard)) {
            throw new IllegalArgumentException("the default storage " + standard + " is not among " + byName.keySet());
        }
        this.byName = Collections.unmodifiableMap(new TreeMap<>(byName));
        this.standard = standard;
    }

    /// By name, in its order.
    public Map<String, Storage> all() {
        return byName;
    }

    /// The name of the one that is used where none is asked for.
    public String standard() {
        return standard;
    }

    /// The name that a request means: a storage's name, or its kind where only one has it, or none for the
    /// default.
    ///
    /// @throws ProblemException `invalid_request` where nothing is called so
    public String resolve(@Nullable String asked) {
        if (asked == null || asked.isEmpty()) {
            return standard;
        }
        if (byName.containsKey(asked)) {
            return asked;
        }
        List<String> ofKind = byName.entrySet().stream()
                .filter(entry -> entry.getValue().shape().kind().equals(asked))
                .map(Map.Entry::getKey)
                .toList();
        if (ofKind.size() == 1) {
            return ofKind.getFirst();
        }
        throw new ProblemException(
                ErrorCode.INVALID_REQUEST,
                ofKind.isEmpty()
                        ? "there is no storage \"" + asked + "\"; there are: " + String.join(", ", byName.keySet())
                        : "several storages are of the kind " + asked + ": name one of " + String.join(", ", ofKind),
                Map.of("field", "storage"));
    }

    /// @throws ProblemException `upstream_unavailable` where it is configured no longer
    public Storage named(String name) {
        Storage storage = byName.get(name);
        if (storage == null) {
            throw new ProblemException(
                    ErrorCode.UPSTREAM_UNAVAILABLE,
                    "storage \"" + name + "\" is not configured any more; put it back to reach what it holds");
        }
        return storage;
    }

    @Override
    public void close() {
        byName.values().forEach(Storage::close);
    }
}
