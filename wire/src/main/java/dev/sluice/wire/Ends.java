package dev.sluice.wire;

import dev.sluice.core.Job;
import dev.sluice.download.DownloadSpec;
import dev.sluice.download.Downloads;
import dev.sluice.files.OperationSpec;
import dev.sluice.files.Operations;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where a job's bytes come from and where they go, in words for people: `client`, `https://host/file`,
/// `local`.
public record Ends(@Nullable String source, @Nullable String target) {
    /// Finds the ends of a job.
    @FunctionalInterface
    public interface Finder {
        Ends of(Job job);
    }

    /// The `source` and `target` members of the job's facts, else of its specification; an upload comes from
    /// its `client`, and a `storage` stands for a target. Of a file operation, its paths as they were asked for; of a
    /// download its URL, as far as it may be shown.
    public static Ends told(Job job) {
        if (job.kind().equals(Operations.KIND)) {
            return told(Operations.spec(job));
        }
        if (job.kind().equals(Downloads.KIND)) {
            DownloadSpec spec = Downloads.spec(job);
            return new Ends(spec.url(), spec.storage());
        }
        Map<String, Object> facts = job.facts().members();
        Map<String, Object> spec = job.spec().members();
        String source = first(facts.get("source"), spec.get("source"));
        if (source == null && job.kind().value().equals(JobDocument.UPLOAD)) {
            source = "client";
        }
        return new Ends(source, first(facts.get("target"), spec.get("target"), spec.get("storage")));
    }

    /// The first of the sources and how many there are beside it, or the mapping that names them all.
    private static Ends told(OperationSpec spec) {
        if (spec.undoes() != null) {
            return new Ends("what " + spec.undoes() + " has done", null);
        }
        int more = spec.sources().size() - 1;
        String source =
                more < 0 ? spec.mapping() : spec.sources().getFirst() + (more == 0 ? "" : " and " + more + " more");
        return new Ends(
                source,
                spec.renaming() == null ? spec.target() : spec.renaming().to());
    }

    private static @Nullable String first(@Nullable Object... values) {
        for (Object value : values) {
            if (value instanceof String text) {
                return text;
            }
        }
        return null;
    }
}
