package dev.sluice.server;

import dev.sluice.app.Sluice;
import dev.sluice.core.Event;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.Progress;
import dev.sluice.realtime.Hub;
import dev.sluice.realtime.JobListener;
import dev.sluice.wire.DownloadMessage;
import dev.sluice.wire.DownloadStatus;
import dev.sluice.wire.Json;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A page that watches one download, which need not exist yet. Wire contract §2.
final class DownloadSocket extends LatestSocket implements JobListener {
    static final String PATH = "/ws/download/";

    private static final Logger log = LoggerFactory.getLogger(DownloadSocket.class);

    private final Sluice sluice;
    private final DownloadStatuses statuses;
    private final String id;
    private final String base;
    private volatile Hub.@Nullable Registration following;
    private volatile @Nullable Progress last;

    private @Nullable Instant toldOf;
    private @Nullable DownloadStatus told;

    /// @param id of the job, which a client has sent and which may be anything
    /// @param base what links begin with
    DownloadSocket(
            OpenSockets all, LatestSockets latest, Sluice sluice, DownloadStatuses statuses, String id, String base) {
        super(all, latest.limits(), latest);
        this.sluice = sluice;
        this.statuses = statuses;
        this.id = id;
        this.base = base;
    }

    @Override
    void begun() {
        super.begun();
        if (Ids.isIdentifier(id)) {
            following = sluice.hub().onJob(new JobId(id), this);
            change(true);
        }
    }

    @Override
    void told(String message) {
        DownloadMessage.answer(message)
                .ifPresentOrElse(this::answer, () -> log.debug("passed over a message that nobody knows"));
    }

    @Override
    public void event(Event event) {
        switch (event.type()) {
            case COMPLETED, FAILED, CANCELLED, CREATED -> change(true);
            case STARTED, STAGE, FACTS, PAUSED, RESUMED, RETRYING -> change(false);
            case REMOVED -> last = null;
            case NOTE, CLEANED -> log.trace("nothing to tell of {}", event.type());
        }
    }

    @Override
    public void progress(Progress latest) {
        last = latest;
        change(false);
    }

    @Override
    @Nullable
    Told latest() {
        Job job = sluice.downloads()
                .find(id)
                .filter(found -> caller().sees(found.owner()))
                .orElse(null);
        if (job == null) {
            return null;
        }
        DownloadStatus before = job.created().equals(toldOf) ? told : null;
        DownloadStatus now = status(job).noLessThan(before);
        if (now.equals(before)) {
            return null;
        }
        toldOf = job.created();
        told = now;
        return new Told(Json.text(DownloadMessage.of(now)), job.state().ended() ? now.status() : null);
    }

    private DownloadStatus status(Job job) {
        Progress seen = last;
        return seen == null || job.state() != JobState.RUNNING ? statuses.of(job, base) : statuses.of(job, seen, base);
    }

    @Override
    void left() {
        Hub.Registration mine = following;
        if (mine != null) {
            mine.close();
        }
    }
}
