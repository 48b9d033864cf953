package dev.sluice.server;

import dev.sluice.core.Engine;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Progress;
import dev.sluice.upload.UploadFacts;
import dev.sluice.upload.UploadSpec;
import dev.sluice.upload.Uploads;
import dev.sluice.wire.Ends;
import dev.sluice.wire.FileDocument;
import dev.sluice.wire.FileFacts;
import dev.sluice.wire.JobDocument;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes down jobs as the routes answer them: what the store holds, and how far they are just now.
final class Documents {
    private final Engine engine;
    private final Uploads uploads;

    Documents(Engine engine, Uploads uploads) {
        this.engine = engine;
        this.uploads = uploads;
    }

    FileDocument file(Job job) {
        UploadSpec spec = Uploads.spec(job);
        String location = null;
        Long size = job.totalBytes();
        long offset = uploads.offset(job);
        if (job.state() == JobState.COMPLETED && !spec.isPiece()) {
            UploadFacts facts = UploadFacts.of(job);
            location = facts.storage() + ":" + facts.key();
            size = facts.size();
        }
        return FileDocument.of(
                job,
                new FileFacts(spec.filename(), spec.originalFilename(), size, spec.contentType(), location, offset));
    }

    JobDocument job(Job job) {
        return job(job, new Positions(engine));
    }

    List<JobDocument> jobs(List<Job> jobs) {
        var positions = new Positions(engine);
        return jobs.stream().map(job -> job(job, positions)).toList();
    }

    private JobDocument job(Job job, Positions positions) {
        return JobDocument.of(job, live(job), Ends.told(job), positions.of(job));
    }

    @Nullable
    Progress live(Job job) {
        return engine.progress(job.id()).orElse(null);
    }
}
