package dev.sluice.download;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sluice.core.BatchId;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Note;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Session;
import dev.sluice.core.StopReason;
import dev.sluice.core.Stopped;
import dev.sluice.storage.SafeName;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes a job of each entry of a list, one by one as they are found, until there are no more or the batch is
/// cancelled.
final class Expansion {
    /// What keeps one entry from becoming a job, and not the others.
    private static final Set<ErrorCode> LEFT_OUT =
            Set.of(ErrorCode.INVALID_REQUEST, ErrorCode.TARGET_REFUSED, ErrorCode.GONE);

    private static final int LONGEST = 300;

    private final Session session;
    private final Entries entries;
    private final int before;
    private int fresh;
    private int known;
    private int seen;
    private int made;
    private boolean cancelled;
    private @Nullable Entry first;

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Entry(
            @Nullable String id,
            @Nullable String title,
            @Nullable String url,
            @JsonProperty("webpage_url") @Nullable String page,
            @JsonProperty("playlist_id") @Nullable String list,
            @JsonProperty("playlist_title") @Nullable String listTitle) {
        static final String MEMBERS = "id,title,url,webpage_url,playlist_id,playlist_title";

        @Nullable
        String whole() {
            return url != null && url.startsWith("http") ? url : page;
        }

        Video info() {
            String id = list != null ? list : this.id != null ? this.id : "list";
            String title = listTitle != null ? listTitle : list != null ? list : this.title != null ? this.title : id;
            return new Video(shown(id), shown(title), null, null, null);
        }
    }

    Expansion(Session session, Entries entries) {
        this.session = session;
        this.entries = entries;
        MediaCheckpoint earlier =
                session.checkpoint(MediaCheckpoint.class).orElseGet(() -> MediaCheckpoint.expanded(0));
        this.before = earlier.made();
        this.made = before;
    }

    /// @return whether more are wanted
    boolean line(YtDlp ytDlp, String line) {
        return !line.startsWith(ytDlp.entryWord())
                || take(YtDlp.parsed(line.substring(ytDlp.entryWord().length()), Entry.class));
    }

    private boolean take(Entry entry) {
        seen++;
        if (first == null) {
            first = entry;
            session.stage(Downloads.PREPARE);
        }
        add(entry);
        return !cancelled && seen < Downloads.MOST_URLS;
    }

    private void add(Entry entry) {
        String url = entry.whole();
        if (url == null) {
            pass(entry, "it has no URL");
            return;
        }
        session.stop().check();
        try {
            switch (entries.add(session.job(), url)) {
                case NEW -> fresh++;
                case KNOWN -> known++;
                case CANCELLED -> cancelled = true;
            }
        } catch (ProblemException e) {
            if (!LEFT_OUT.contains(e.code())) {
                throw e;
            }
            pass(entry, e.problem().message());
            return;
        }
        // What was made before may stand in the list no more; what was made last may not have been noted.
        int now = Math.max(before + fresh, known + fresh);
        if (now > made) {
            made = now;
            session.save(MediaCheckpoint.expanded(made));
        }
        session.meter().items(made, made);
    }

    private void pass(Entry entry, String why) {
        String title = entry.title() == null ? "entry " + seen : shown(entry.title());
        session.note(new Note(Note.Level.WARNING, "entry_left_out", title + ": " + why, Map.of("entry", seen)));
    }

    private static String shown(String text) {
        return SafeName.cut(Complaint.harmless(text), LONGEST);
    }

    /// @throws ProblemException where there was none
    void end() {
        session.stop().check();
        if (cancelled) {
            throw new Stopped(StopReason.CANCELLED);
        }
        if (first == null) {
            throw new ProblemException(ErrorCode.UPSTREAM_NOT_FOUND, "the list has no entries");
        }
        if (seen == Downloads.MOST_URLS) {
            session.note(new Note(
                    Note.Level.WARNING,
                    "list_cut",
                    "only the first " + Downloads.MOST_URLS + " entries are fetched",
                    Map.of()));
        }
        BatchId batch = session.job().batch();
        if (batch != null) {
            entries.seal(batch);
        }
        session.facts(DownloadFacts.expanded(first.info(), made));
        session.complete(List.of(), false);
    }
}
