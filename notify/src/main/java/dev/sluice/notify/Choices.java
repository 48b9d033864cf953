package dev.sluice.notify;

import dev.sluice.core.Kind;
import dev.sluice.core.Owner;
import dev.sluice.db.Database;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Of which ends users want to hear in their browsers, by kind of job. Who has not chosen hears of all that completed
/// or failed: who cancels something knows it. Safe for use by many threads.
public final class Choices {
    public static final Set<JobEnd> USUAL = Set.of(JobEnd.COMPLETED, JobEnd.FAILED);

    private final Database database;

    Choices(Database database) {
        this.database = database;
    }

    private record Choice(Owner owner, Kind kind, Set<JobEnd> ends) {}

    /// Those that an owner has made.
    public Map<Kind, Set<JobEnd>> of(Owner owner) {
        return Map.copyOf(of(Set.of(owner)).getOrDefault(owner, Map.of()));
    }

    Map<Owner, Map<Kind, Set<JobEnd>>> of(Collection<Owner> owners) {
        List<Choice> found =
                database.read(handle -> handle.createQuery("SELECT * FROM choices WHERE owner IN (<owners>)")
                        .bindList("owners", owners.stream().map(Owner::name).toList())
                        .map((row, context) -> new Choice(
                                new Owner(row.getString("owner")),
                                new Kind(row.getString("kind")),
                                JobEnd.parse(row.getString("outcomes"))))
                        .list());
        return found.stream()
                .collect(Collectors.groupingBy(Choice::owner, Collectors.toMap(Choice::kind, Choice::ends)));
    }

    static boolean wants(Map<Kind, Set<JobEnd>> chosen, Kind kind, JobEnd end) {
        return chosen.getOrDefault(kind, USUAL).contains(end);
    }

    /// Chooses for those kinds; of others the choice stays.
    public void choose(Owner owner, Map<Kind, Set<JobEnd>> chosen) {
        database.write(transaction -> {
            chosen.forEach((kind, ends) -> transaction
                    .handle()
                    .createUpdate("INSERT INTO choices (owner, kind, outcomes) VALUES (:owner, :kind, :outcomes)"
                            + " ON CONFLICT (owner, kind) DO UPDATE SET outcomes = excluded.outcomes")
                    .bind("owner", owner.name())
                    .bind("kind", kind.value())
                    .bind("outcomes", JobEnd.words(ends))
                    .execute());
            return true;
        });
    }
}
