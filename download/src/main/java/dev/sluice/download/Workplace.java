package dev.sluice.download;

import dev.sluice.core.Debt;
import dev.sluice.core.DebtPayer;
import dev.sluice.core.Owner;
import dev.sluice.core.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// The folder in which yt-dlp works for one job, kept until the job has ended. It is owed together with the processes
/// that work in it.
record Workplace(Path folder) implements AutoCloseable {
    static final String COOKIES = "cookies.txt";
    static final String PAGE = "page.txt";
    static final String PROGRAMS = "programs";
    /// What yt-dlp makes, as it is told to call it.
    private static final String MADE = "media.*";

    private static final String PART = ".part";
    private static final String PIECE = "-Frag";
    /// How the name of the file ends in which yt-dlp notes which pieces are in the one of the same name.
    private static final String NOTE = ".ytdl";

    /// As yt-dlp keeps them; those of subtitles are text.
    private static final String PIECES = "*" + PART + PIECE + "*";
    private static final Pattern OF_SUBTITLES = Pattern.compile("\\.(vtt|srt|ttml|dfxp|srv[0-9]|json3|ass)\\.part");

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@+-][A-Za-z0-9._@+-]*");

    /// The one that the job has, with nobody in it any more, or a new one.
    static Workplace of(Session session, Path work) throws IOException {
        Optional<Debt> earlier = session.debts().stream()
                .filter(debt -> debt.type().equals(MediaDebt.TYPE))
                .findFirst();
        Path folder = earlier.map(
                        debt -> Path.of(debt.detail().as(MediaDebt.class).folder()))
                .orElseGet(() -> work.toAbsolutePath()
                        .normalize()
                        .resolve(session.id() + "-" + session.job().fence()));
        if (earlier.isPresent()) {
            Marked.kill(folder.toString());
        } else {
            session.owe(MediaDebt.TYPE, Debt.When.ENDED, new MediaDebt(folder.toString()));
        }
        Files.createDirectories(folder.getParent());
        if (Files.notExists(folder)) {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        return new Workplace(folder);
    }

    /// What yt-dlp has put together of pieces is given up, the pieces are kept: it appends one and notes that
    /// afterwards, in a file that it empties before. Who was killed between would have one twice, or all; and in the
    /// place of one that it could not fetch it puts an earlier one, and takes that film for whole when it is called
    /// again.
    void takeApart() throws IOException {
        Set<String> assembled = Stream.concat(
                        named(PIECES).map(piece -> piece.substring(0, piece.lastIndexOf(PIECE))),
                        named("*" + NOTE).map(note -> note.substring(0, note.length() - NOTE.length()) + PART))
                .collect(Collectors.toSet());
        for (String file : named(MADE).toList()) {
            if (!file.contains(PIECE) && isOf(assembled, file)) {
                Files.delete(folder.resolve(file));
            }
        }
    }

    /// Whether a file is one of them, finished or not, its note, or the film into which one was merged: `media.A+B.mp4`
    /// of `media.A+B.fA.mp4`. Another of which that is made may have come as it is.
    private static boolean isOf(Set<String> assembled, String file) {
        String base = file.substring(0, file.lastIndexOf('.'));
        return Stream.of(file, file + PART, base + PART).anyMatch(assembled::contains)
                || assembled.stream()
                        .anyMatch(form -> form.startsWith(base + ".f")
                                && !OF_SUBTITLES.matcher(form).find());
    }

    /// The pieces that have come of pictures and sound.
    List<Path> pieces() throws IOException {
        return named(PIECES)
                .filter(piece -> !OF_SUBTITLES.matcher(piece).find())
                .map(folder::resolve)
                .toList();
    }

    /// Whether each piece of a file is there. Where they begin with a head, it is one of them and not counted, so that
    /// the last one is not looked for.
    ///
    /// @param file as yt-dlp calls it while it puts it together
    boolean hasPieces(String file, long count) {
        String begin = Path.of(file).getFileName() + PIECE;
        return LongStream.rangeClosed(1, count).allMatch(number -> Files.exists(folder.resolve(begin + number)));
    }

    /// Deletes the pieces, once there is something whole of them.
    void dropPieces() throws IOException {
        for (String piece : named(PIECES).toList()) {
            Files.delete(folder.resolve(piece));
        }
    }

    /// The names of the files that look like this.
    private Stream<String> named(String pattern) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, pattern)) {
            return StreamSupport.stream(files.spliterator(), false)
                    .map(file -> file.getFileName().toString())
                    .toList()
                    .stream();
        }
    }

    /// Puts the owner's cookies where yt-dlp may write to them.
    void takeCookies(Path cookies, Owner owner) throws IOException {
        dropSecrets();
        if (PLAIN.matcher(owner.name()).matches()) {
            Path file = cookies.resolve(owner.name() + ".txt");
            if (Files.isRegularFile(file)) {
                Files.copy(file, folder.resolve(COOKIES));
            }
        }
    }

    /// Puts the URL where yt-dlp reads it, with all that is secret in it.
    void takePage(Target page) throws IOException {
        Files.writeString(folder.resolve(PAGE), page.whole() + "\n");
    }

    /// Puts links to programs where all that works in it looks for some.
    void takePrograms(List<Path> programs) throws IOException {
        Path links = Files.createDirectories(folder.resolve(PROGRAMS));
        for (Path program : programs) {
            Path link = links.resolve(program.getFileName());
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, program);
        }
    }

    private void dropSecrets() throws IOException {
        Files.deleteIfExists(folder.resolve(COOKIES));
        Files.deleteIfExists(folder.resolve(PAGE));
    }

    /// Whether a file in it has come to where it may not grow any more.
    boolean isFull(long largest) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(file -> file.toFile().length() > largest);
        }
    }

    /// No process works in it any more; what it has stays until it is paid for.
    @Override
    public void close() {
        try {
            Marked.kill(folder.toString());
            dropSecrets();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static DebtPayer payer() {
        return debt -> clear(Path.of(debt.detail().as(MediaDebt.class).folder()));
    }

    /// Ends whoever works in a folder, and deletes it.
    static void clear(Path folder) throws IOException {
        Marked.kill(folder.toString());
        delete(folder);
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                // Gone: by an earlier payment, or by who was just ended.
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path emptied, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.deleteIfExists(emptied);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
