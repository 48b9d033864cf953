package dev.sluice.cloud;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.FileNames;
import dev.sluice.storage.ObjectSpec;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;

/// Names in one storage that uploads of this node are on their way to and cannot change any more: no other one goes
/// there. Safe for use by many threads.
public final class PromisedNames {
    /// So many names are tried for one object.
    private static final int CANDIDATES = 100;

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
        return first(spec, name -> add(name, spec.id()) && keepIfFree(name, spec.id(), free));
    }

    private boolean keepIfFree(String name, String upload, Predicate<String> free) {
        boolean kept = false;
        try {
            kept = free.test(name);
            return kept;
        } finally {
            if (!kept) {
                remove(name, upload);
            }
        }
    }

    /// The first of the names that an object may have which is usable.
    ///
    /// @throws ProblemException `internal` where none of them is
    public static String first(ObjectSpec spec, Predicate<String> usable) {
        for (int n = 1; n <= CANDIDATES; n++) {
            String name = FileNames.candidate(spec, n);
            if (usable.test(name)) {
                return name;
            }
        }
        throw new ProblemException(ErrorCode.INTERNAL, "no name is free for " + spec.name() + ": rename it");
    }

    /// What an upload has made under one of the names that its object may have. No name is asked for behind the first
    /// that nothing stands at.
    public static <T> Optional<T> made(ObjectSpec spec, Function<String, Optional<T>> look, Predicate<T> own) {
        for (int n = 1; n <= CANDIDATES; n++) {
            Optional<T> there = look.apply(FileNames.candidate(spec, n));
            if (there.isEmpty() || own.test(there.get())) {
                return there;
            }
        }
        return Optional.empty();
    }

    /// Something else stands at a name that an upload cannot change any more.
    public static ProblemException lost(String name) {
        return new ProblemException(
                ErrorCode.CONFLICT,
                "somebody else has stored " + name + " while this file was on its way there: send it again");
    }
}
