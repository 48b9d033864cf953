package dev.sluice.server;

import dev.sluice.app.Sluice;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobStore;
import dev.sluice.core.Kind;
import dev.sluice.core.ProblemException;
import dev.sluice.download.Downloads;
import dev.sluice.files.Operations;
import dev.sluice.imports.Imports;
import dev.sluice.upload.Uploads;
import java.util.Optional;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/// What is done in another way by each kind of job: the one place that knows.
final class Kinds {
    private final Sluice sluice;

    Kinds(Sluice sluice) {
        this.sluice = sluice;
    }

    /// Tries a failed job again. One that has a client waits for it as long as uploads do.
    ///
    /// @throws ProblemException as [dev.sluice.core.Engine#retry]; `gone` for an import, whose file is not kept
    Job retry(JobId id) {
        Kind kind = sluice.engine().job(id).kind();
        if (kind.equals(Imports.KIND)) {
            throw new ProblemException(ErrorCode.GONE, "the file of import " + id + " is not kept; send it again");
        }
        return kind.equals(Downloads.KIND)
                ? sluice.downloads().retry(id)
                : sluice.uploads().retry(id);
    }

    /// What removing a job leaves to be taken away; null where that is nothing.
    ///
    /// @param content whether what it has stored goes, too
    JobStore.@Nullable Leftover leftover(Job job, boolean content) {
        JobStore.Leftover journal = Operations.journal(job);
        if (journal != null || !content) {
            return journal;
        }
        if (job.kind().equals(Imports.KIND)) {
            // Its rows are taken back by an undo, and its file is gone since it has ended.
            return null;
        }
        return job.kind().equals(Downloads.KIND) ? Downloads.leftover(job) : Uploads.leftover(job);
    }

    /// The job of that id whose bytes can be asked for.
    ///
    /// @param id which a client has sent and which may be anything
    /// @throws ProblemException `not_found`
    Job withContent(Request request, String id) {
        return Access.job(request, content(id)).orElseThrow(() -> noFile(id));
    }

    /// The same for whoever has a link to it.
    Job linked(DownloadLinks.Opened link) {
        return content(link.job().value())
                .filter(job -> job.created().equals(link.created()))
                .orElseThrow(() -> noFile(link.job().value()));
    }

    private Optional<Job> content(String id) {
        return (Ids.isIdentifier(id) ? sluice.jobs().find(new JobId(id)) : Optional.<Job>empty())
                .filter(job -> job.kind().equals(Uploads.KIND) || job.kind().equals(Downloads.KIND));
    }

    private static ProblemException noFile(String id) {
        return new ProblemException(ErrorCode.NOT_FOUND, "there is no file " + id);
    }
}
