package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Note;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Session;
import dev.sluice.storage.SafeName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A live stream, which is recorded in the job's folder and, once that is over, put into what was asked for.
record Recording(Session session, DownloadSpec spec, Workplace place, DownloadSettings settings, Recorder.Means means) {
    private static final Logger log = LoggerFactory.getLogger(Recording.class);

    private static final String FILE = "recording";
    private static final int LONGEST_WORDS = 300;
    /// What ffmpeg makes is as long as what was recorded, as far as the lengths are true that the list gives.
    private static final double LEAST = 0.9;
    private static final double SHORTER_SECONDS = 2;

    private Path file() {
        return place.folder().resolve(FILE);
    }

    /// What earlier sessions have recorded.
    Recorded earlier() {
        return Recorded.of(session)
                .filter(recorded -> file().toFile().length() >= recorded.bytes())
                .orElse(Recorded.NOTHING);
    }

    /// Records from where it has come until the limit is reached or the stream is over, or until its page has to be
    /// asked again where it is.
    Recorded record(MediaForm form) throws IOException {
        Recorded at = earlier();
        if (at.bytes() == 0) {
            requireFfmpeg();
            if (Recorded.of(session).filter(lost -> lost.bytes() > 0).isPresent()) {
                note("recording_lost", "what was recorded earlier is not there any more: it begins anew");
            }
        }
        if (at.form() != null && !at.form().equals(form.id())) {
            note("stream_changed", "the recording ends where the stream goes on in another form");
            return Recorder.end(session, at);
        }
        int limit = Objects.requireNonNull(spec.maxDuration());
        try (var tape = new Tape(session, file(), means.throttles(), means.maxSize())) {
            return new Recorder(session, tape, limit, means, form, at.in(form.id())).run();
        }
    }

    /// It cannot be gone on with: that is tried for a while; then what was recorded is all.
    ///
    /// @param failures in a row
    /// @throws ProblemException the same, where nothing was recorded or that cannot even be noted
    Recorded without(ProblemException page, int failures) {
        session.stop().check();
        Recorded at = earlier();
        if (at.bytes() == 0) {
            throw page;
        }
        log.warn("[{}] a recording cannot be gone on with, for the {}. time", session.id(), failures, page);
        Patience patience = means.patience();
        if (failures < patience.failures()) {
            session.stop().sleep(patience.silence().dividedBy(patience.failures()));
            return at;
        }
        if (page.code() == ErrorCode.STATE_UNAVAILABLE) {
            throw page;
        }
        note(
                "stream_gone",
                "the recording ends here, as it cannot be gone on with: "
                        + page.problem().message());
        return Recorder.end(session, at);
    }

    private void requireFfmpeg() {
        if (YtDlp.program(settings.ffmpeg()).isEmpty()) {
            throw new ProblemException(
                    ErrorCode.CONFIGURATION,
                    "ffmpeg is not installed, which recordings need: apt install ffmpeg, or set download.ffmpeg");
        }
    }

    /// Puts what was recorded into the container that was asked for; what ffmpeg cannot put there stays as it came.
    MediaCheckpoint contained(Recorded recorded) throws IOException {
        try (FileChannel tape = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            tape.truncate(recorded.bytes());
        }
        Container container = Container.of(MediaChoice.of(spec.quality(), spec.format()));
        String name = String.valueOf(DownloadFacts.of(session.job()).filename());
        Path to = place.folder().resolve("recorded." + container.extension());
        if (put(container, to, recorded.seconds())) {
            MediaCheckpoint kept = Fetching.keep(session, String.valueOf(to.getFileName()), name, Files.size(to));
            Files.delete(file());
            return kept;
        }
        Files.deleteIfExists(to);
        String wanted = "." + container.extension();
        String base = name.endsWith(wanted) ? name.substring(0, name.length() - wanted.length()) : name;
        return Fetching.keep(session, FILE, SafeName.of(base + extension(recorded)), recorded.bytes());
    }

    /// Of what came: MPEG-TS by its first byte, MP4 behind its head, else sound by itself.
    private String extension(Recorded recorded) throws IOException {
        try (InputStream in = Files.newInputStream(file())) {
            return in.read() == Tape.MPEG_TS ? ".ts" : recorded.head() != null ? ".mp4" : ".aac";
        }
    }

    private boolean put(Container container, Path to, double seconds) {
        session.stop().check();
        Path ffmpeg = YtDlp.program(settings.ffmpeg()).orElse(null);
        if (ffmpeg == null) {
            note("as_it_came", "ffmpeg is not there any more: the recording is stored as it came");
            return false;
        }
        var call = new Container.Call(container, ffmpeg, file(), to);
        try (var group = ProcessGroup.start(
                call.words(),
                UUID.randomUUID().toString(),
                Map.of(Marked.VARIABLE, place.folder().toString(), "LANG", "C.UTF-8"),
                place.folder(),
                settings.maxSize(),
                session.stop())) {
            boolean done = group.run(call::line);
            session.stop().check();
            if (done && call.seconds() > 0 && call.seconds() >= LEAST * seconds - SHORTER_SECONDS) {
                return true;
            }
            note(
                    "as_it_came",
                    "ffmpeg could not put the recording into " + container.extension()
                            + " as a whole, it is stored as it came: "
                            + SafeName.cut(Complaint.harmless(group.complaints()), LONGEST_WORDS));
            return false;
        }
    }

    private void note(String code, String words) {
        session.note(new Note(Note.Level.WARNING, code, words, Map.of()));
    }
}
