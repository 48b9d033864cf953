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
import java.util.stream.IntStream;
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

    /// As yt-dlp keeps them; those of subtitles are text.
    private static final String PIECES = "*" + PART + PIECE + "*";
    private static final Pattern OF_SUBTITLES =
            Pattern.compile("\\.(vtt|srt|ttml|dfxp|srv[0-9]|json3|ass)\\.part-Frag");

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
            takeApart(folder);
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
    /// afterwards, in a file that it empties before. Who was killed between would have one twice, or all; and where it
    /// could not fetch one ([#hasAllPieces]) another may be in its place.
    private static void takeApart(Path folder) throws IOException {
        Set<String> together = named(folder, PIECES).stream()
                .map(piece -> piece.getFileName().toString())
                .map(piece -> piece.substring(0, piece.lastIndexOf(PIECE)))
                .collect(Collectors.toSet());
        if (together.isEmpty()) {
            return;
        }
        for (Path file : named(folder, MADE)) {
            String name = file.getFileName().toString();
            boolean other = name.contains(PIECE) || (name.endsWith(PART) && !together.contains(name));
            if (!other) {
                Files.delete(file);
            }
        }
    }

    /// The pieces that have come of pictures and sound.
    List<Path> pieces() throws IOException {
        return named(folder, PIECES).stream()
                .filter(piece ->
                        !OF_SUBTITLES.matcher(piece.getFileName().toString()).find())
                .toList();
    }

    /// Whether each piece of a file is there: yt-dlp, which fetches several at once, puts an earlier one in the place
    /// of
    /// one that it could not fetch.
    ///
    /// @param file as yt-dlp calls it while it puts it together
    /// @param count of pieces, at the least: one more where they begin with a head
    boolean hasAllPieces(String file, long count) throws IOException {
        String begin = Path.of(file).getFileName() + PIECE;
        Set<String> there = named(folder, PIECES).stream()
                .map(piece -> piece.getFileName().toString())
                .filter(name -> name.startsWith(begin))
                .map(name -> name.substring(begin.length()))
                .filter(number -> number.matches("[0-9]+"))
                .collect(Collectors.toSet());
        return there.size() >= count
                && IntStream.rangeClosed(1, there.size())
                        .mapToObj(String::valueOf)
                        .allMatch(there::contains);
    }

    /// Deletes the pieces, once there is something whole of them.
    void dropPieces() throws IOException {
        for (Path piece : named(folder, PIECES)) {
            Files.delete(piece);
        }
    }

    private static List<Path> named(Path folder, String pattern) throws IOException {
        if (Files.notExists(folder)) {
            return List.of();
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, pattern)) {
            return StreamSupport.stream(files.spliterator(), false).toList();
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
