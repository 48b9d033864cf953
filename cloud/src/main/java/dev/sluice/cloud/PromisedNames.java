package dev.sluice.cloud;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.FileNames;
import dev.sluice.storage.ObjectSpec;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/// Names in one storage that uploads of this node are on their way to and cannot change any more: no other one goes
/// there. Safe for use by many threads.
public final class PromisedNames {
    /// So many names are tried for one object.
    public static final int CANDIDATES = 100;

    /// The upload that has a name.
    private final Map<String, String> names = new ConcurrentHashMap<>();

    /// @return false where another upload has it
    public boolean add(String name, String upload) {
        String other = names.putIfAbsent(name, upload);
        return other == null || other.equals(upload);
    }

    public boolean contains(String name) {
        return names.containsKey(name);
    }

    public void remove(String name, String upload) {
        names.remove(name, upload);
    }

    /// Takes the first of the names that an object may have which is free.
    ///
    /// @param free says so of one that no other upload can take meanwhile, and notes it
    /// @throws ProblemException `internal` where none of them is
    public String promise(ObjectSpec spec, Predicate<String> free) {
        for (int n = 1; n <= CANDIDATES; n++) {
            String name = FileNames.candidate(spec, n);
            if (!add(name, spec.id())) {
                continue;
            }
            boolean taken = false;
            try {
                taken = free.test(name);
            } finally {
                if (!taken) {
                    remove(name, spec.id());
                }
            }
            if (taken) {
                return name;
            }
        }
        throw noneFree(spec.name());
    }

    /// @param file that finds no name
    public static ProblemException noneFree(String file) {
        return new ProblemException(ErrorCode.INTERNAL, "no name is free for " + file + ": rename it");
    }
}
