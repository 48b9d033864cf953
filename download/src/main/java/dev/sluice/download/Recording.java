package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Note;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Session;
import dev.sluice.storage.SafeName;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;

/// A live stream, which is recorded in the job's folder and, once that is over, put into what was asked for.
///
/// @param lines opens the connections over which it comes
record Recording(
        Session session,
        DownloadSpec spec,
        Workplace place,
        DownloadSettings settings,
        Recorder.Means means,
        Supplier<Lines> lines) {
    private static final String FILE = "recording";

    /// What earlier sessions have recorded.
    Recorded earlier() {
        Path file = place.folder().resolve(FILE);
        return Recorded.of(session)
                .filter(recorded -> file.toFile().length() >= recorded.bytes())
                .orElse(Recorded.NOTHING);
    }

    /// Records from where an earlier session has come, until the limit is reached or the stream is over.
    MediaCheckpoint of(MediaForm form) throws IOException {
        requireFfmpeg();
        Path file = place.folder().resolve(FILE);
        try (Lines open = lines.get()) {
            var list = new Origin(Target.of(String.valueOf(form.url())), form.headers(), open, session.stop());
            int limit = Objects.requireNonNull(spec.maxDuration());
            return contained(new Recorder(session, file, limit, means, list, open, earlier()).run());
        }
    }

    /// What a page does not show any more may have been recorded until then.
    ///
    /// @param gone what it says instead, thrown where nothing was
    MediaCheckpoint endedBy(ProblemException gone) throws IOException {
        Recorded earlier = earlier();
        if (earlier.bytes() == 0 || gone.code().retryable() || gone.code() == ErrorCode.TARGET_REFUSED) {
            throw gone;
        }
        note(
                "stream_gone",
                "the stream is not shown any more, and is recorded up to there: "
                        + gone.problem().message());
        return contained(Recorder.end(session, earlier));
    }

    private Path requireFfmpeg() {
        return YtDlp.program(settings.ffmpeg())
                .orElseThrow(() -> new ProblemException(
                        ErrorCode.CONFIGURATION,
                        "ffmpeg is not installed, which recordings need: apt install ffmpeg, or set download.ffmpeg"));
    }

    /// Puts what was recorded into the container that was asked for; what ffmpeg cannot put there stays as it came.
    MediaCheckpoint contained(Recorded recorded) throws IOException {
        Path from = place.folder().resolve(FILE);
        try (FileChannel file = FileChannel.open(from, StandardOpenOption.WRITE)) {
            file.truncate(recorded.bytes());
        }
        Container container = Container.of(MediaChoice.of(spec.quality(), spec.format()));
        String name = String.valueOf(DownloadFacts.of(session.job()).filename());
        Path to = place.folder().resolve("recorded." + container.extension());
        if (put(container, from, to)) {
            MediaCheckpoint kept = Fetching.keep(session, String.valueOf(to.getFileName()), name, Files.size(to));
            Files.delete(from);
            return kept;
        }
        Files.deleteIfExists(to);
        String extension = recorded.head() == null ? ".ts" : ".mp4";
        return Fetching.keep(
                session, FILE, SafeName.of(name.substring(0, name.lastIndexOf('.')) + extension), recorded.bytes());
    }

    private boolean put(Container container, Path from, Path to) {
        session.stop().check();
        try (var group = ProcessGroup.start(
                container.call(requireFfmpeg(), from, to),
                UUID.randomUUID().toString(),
                Map.of(Marked.VARIABLE, place.folder().toString(), "LANG", "C.UTF-8"),
                place.folder(),
                settings.maxSize(),
                session.stop())) {
            boolean done = group.run(line -> true);
            session.stop().check();
            if (!done || to.toFile().length() == 0) {
                note(
                        "as_it_came",
                        "ffmpeg could not put the recording into " + container.extension()
                                + ", it is stored as it came: " + Complaint.harmless(group.complaints()));
                return false;
            }
            return true;
        }
    }

    private void note(String code, String words) {
        session.note(new Note(Note.Level.WARNING, code, words, Map.of()));
    }
}
