package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Note;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Session;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What yt-dlp says while it fetches one file, as the job's stages, facts and bytes.
final class Fetching {
    private static final int HEAD = 512;

    private final Session session;
    private final DownloadSpec spec;
    private final long most;
    private final Function<MediaForm, Optional<LiveStream>> look;
    private final MediaProgress progress;
    private List<MediaForm> forms = List.of();
    private @Nullable MediaFound found;
    private @Nullable String file;
    private @Nullable MediaForm live;

    /// @param look finds out whether a form is of a live stream
    Fetching(Session session, DownloadSpec spec, long most, Function<MediaForm, Optional<LiveStream>> look) {
        this.session = session;
        this.look = look;
        this.spec = spec;
        this.most = most;
        this.progress = new MediaProgress(session.meter(), most);
    }

    /// @return false where it fetches nothing: what it has found is to be recorded
    /// @throws ProblemException where it must not go on
    boolean line(YtDlp ytDlp, String line) {
        int space = line.indexOf(' ');
        String word = space < 0 ? line : line.substring(0, space);
        String said = line.substring(space + 1);
        if (word.equals(ytDlp.movedWord())) {
            progress.line(said);
        } else if (word.equals(ytDlp.formsWord())) {
            // Where there is one form only it says that there is no list, in one way or another.
            forms = said.startsWith("[") ? List.of(YtDlp.parsed(said, MediaForm[].class)) : List.of();
        } else if (word.equals(ytDlp.foundWord())) {
            if (forms.isEmpty()) {
                forms = List.of(YtDlp.parsed(said, MediaForm.class));
            }
            found(YtDlp.parsed(said, MediaFound.class));
        } else if (word.equals(ytDlp.fileWord())) {
            file = YtDlp.parsed(said, String.class);
        }
        return live == null;
    }

    /// The form of a live stream that is to be recorded.
    Optional<MediaForm> live() {
        return Optional.ofNullable(live);
    }

    /// 0 where one is missing.
    private long announced() {
        return forms.stream().allMatch(form -> form.size() > 0)
                ? forms.stream().mapToLong(MediaForm::size).sum()
                : 0;
    }

    private void found(MediaFound now) {
        live = live(now);
        found = now;
        long announced = announced();
        boolean goesOn = DownloadRunner.stage(session.job()).equals(Downloads.DOWNLOAD);
        if (!goesOn) {
            session.stage(Downloads.PREPARE);
        }
        Long size = announced > 0 ? (Long) announced : null;
        String name = now.filename(spec.name(), extension(now));
        session.facts(DownloadFacts.found(now.info(), name, MediaDeposit.type(name), size));
        if (now.count() != null && now.count() > 1) {
            session.note(new Note(
                    Note.Level.WARNING,
                    "first_of_list",
                    "the page is a list of " + now.count() + ": its first is fetched; ask for the playlist for all",
                    Map.of("entries", now.count())));
        }
        if (live == null && spec.maxDuration() != null) {
            session.note(LiveStream.notLive(spec.maxDuration()));
        }
        progress.announced(announced);
        if (announced > 0) {
            session.total(announced);
        }
        if (!goesOn) {
            session.stage(Downloads.DOWNLOAD);
        }
    }

    private String extension(MediaFound now) {
        if (live != null) {
            return Container.of(MediaChoice.of(spec.quality(), spec.format())).extension();
        }
        return now.ext() == null ? "mp4" : now.ext();
    }

    /// The one form of what has no end, or was recorded before while it had none; null where all of it can be fetched.
    private @Nullable MediaForm live(MediaFound now) {
        boolean known = now.isLive() || Recorded.of(session).isPresent();
        LiveStream stream = forms.stream()
                .flatMap(form -> look.apply(form).stream())
                .findFirst()
                .orElse(!known ? null : forms.stream().allMatch(MediaForm::isHls) ? LiveStream.HLS : LiveStream.OTHER);
        if (stream == null) {
            return null;
        }
        stream.requireLimit("\"" + now.name() + "\"", spec.maxDuration());
        if (forms.size() > 1) {
            throw LiveStream.refused("its picture and its sound come apart");
        }
        return forms.getFirst();
    }

    /// yt-dlp complains of a piece that it cannot fetch, but not of one that is larger than a file may be, and puts an
    /// earlier one in its place.
    ///
    /// @param place where it worked
    /// @throws ProblemException `too_large` where a piece of what it has put together is missing
    void requirePieces(Workplace place) {
        progress.pieceCounts().forEach((file, count) -> {
            if (!place.hasPieces(file, count)) {
                throw MediaProgress.tooLarge(most);
            }
        });
    }

    /// yt-dlp puts pieces together whatever they are: those of a list, or of an error that comes as a piece, are text.
    /// Among many one cannot be seen any more in what has been put together.
    ///
    /// @param pieces of which the file was put together
    static void requireMedia(List<Path> pieces) throws IOException {
        for (Path piece : pieces) {
            requireMedia(piece);
        }
    }

    private static void requireMedia(Path file) throws IOException {
        requireMedia(file, 0);
    }

    /// @param from where in the file the piece begins
    static void requireMedia(Path file, long from) throws IOException {
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(from);
            head = in.readNBytes(HEAD);
        }
        requireMedia(head);
    }

    /// @param head of something, or all of it
    static void requireMedia(byte[] head) {
        if (IntStream.range(0, head.length).noneMatch(at -> isNoText(head[at]))) {
            throw new ProblemException(
                    ErrorCode.UPSTREAM_REFUSED, "what came is no media but text, as of a list or of an error");
        }
    }

    /// Of bytes above 0x7F letters are made, in one encoding or another.
    private static boolean isNoText(byte one) {
        return one == 0x7f || (one >= 0 && one < ' ' && !Character.isWhitespace(one));
    }

    /// What lies in the folder now that it has ended; noted, so that it is not fetched again.
    ///
    /// @throws ProblemException where there is nothing, or too much
    MediaCheckpoint fetched(Path folder) throws IOException {
        MediaFound known = found;
        if (known == null) {
            throw new ProblemException(ErrorCode.UPSTREAM_NOT_FOUND, "the page shows nothing that could be fetched");
        }
        if (file == null) {
            // It ends well where the size was the reason.
            throw MediaProgress.tooLarge(most);
        }
        String base = String.valueOf(Path.of(file).getFileName());
        Path lies = folder.resolve(base);
        if (!Files.isRegularFile(lies, LinkOption.NOFOLLOW_LINKS)) {
            throw new ProblemException(ErrorCode.INTERNAL, "yt-dlp has put its file elsewhere than it was told");
        }
        long size = Files.size(lies);
        if (size > most) {
            throw MediaProgress.tooLarge(most);
        }
        requireMedia(lies);
        return keep(session, base, known.filename(spec.name(), base.substring(base.lastIndexOf('.') + 1)), size);
    }

    /// Notes what lies in the folder, so that it is not fetched again.
    ///
    /// @param name under which it is stored
    static MediaCheckpoint keep(Session session, String file, String name, long size) {
        MediaCheckpoint fetched = MediaCheckpoint.fetched(file, name, size);
        session.save(fetched);
        session.facts(DownloadFacts.fetched(name, MediaDeposit.type(name), size));
        return fetched;
    }
}
