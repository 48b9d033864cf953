package dev.sluice.download;

import dev.sluice.core.Job;
import dev.sluice.core.JobRunner;
import dev.sluice.core.Session;
import java.util.List;

/// Does downloads, from where their last checkpoint says.
final class DownloadRunner implements JobRunner {
    private final DownloadSettings settings;
    private final Secrets secrets;
    private final Direct direct;
    private final Media media;

    DownloadRunner(DownloadSettings settings, Secrets secrets, Direct direct, Media media) {
        this.settings = settings;
        this.secrets = secrets;
        this.direct = direct;
        this.media = media;
    }

    @Override
    public boolean takes(Job job) {
        return job.kind().equals(Downloads.KIND);
    }

    @Override
    public int places() {
        return settings.places();
    }

    @Override
    public List<Share> shares(Job job) {
        return List.of(
                new Share("owner " + job.owner(), settings.perOwner()),
                new Share("host " + Downloads.spec(job).host(), settings.perHost()));
    }

    @Override
    public void run(Session session) {
        DownloadSpec spec = Downloads.spec(session.job());
        Target target = secrets.open(session.id(), spec);
        session.started(stage(session.job()));
        boolean page = spec.playlist() || Media.isKnownOf(session.job());
        if (page || !direct.run(session, spec, target)) {
            media.run(session, spec, target);
        }
    }

    /// The stage that an earlier session of the job had come to and in which it goes on; the first where there is none.
    static String stage(Job job) {
        return job.stages()
                .current()
                .orElseGet(() -> job.stages().stages().getFirst())
                .name();
    }
}
