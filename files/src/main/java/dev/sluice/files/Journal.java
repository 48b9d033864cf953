package dev.sluice.files;

import dev.sluice.core.Boot;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// What an operation is about to do and has done: a file of lines in the data folder. A step that changes a disk is
/// written here before it is done, many at a time with one call, so that after a crash it is known what may have
/// happened.
///
/// A line is a letter and words between tabs: `O` since when the machine runs, `S` a planned step, `E` the plan's
/// end, `F` a folder that is made above targets, then by the step's number `N` its source is not what it was, `R`
/// it replaces what has appeared, `B` begun (with the hash of what gets the name), `P` not begun after all, `D`
/// done, `L` its source is about to go, `G` that is gone, `Y` that could not go, `X` failed, `K` skipped, `U` taken
/// back. A last line without an end was never acted on and does not count. Several threads may write, each about
/// its own steps.
final class Journal implements AutoCloseable {
    private static final String FIRST = "sluice-operation 1";

    private final Path file;
    private final FileChannel channel;
    private volatile AtomicReferenceArray<Step> steps = new AtomicReferenceArray<>(0);
    private volatile AtomicReferenceArray<Mark> marks = new AtomicReferenceArray<>(0);
    private final List<Path> above = new ArrayList<>();
    private volatile boolean planned;
    private @Nullable String boot;
    private boolean samePower;
    private volatile boolean torn;

    private Journal(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /// Opens the journal of an operation, to be written on; makes it where there is none. What a crash cut off while it
    /// was being planned is forgotten.
    static Journal open(Path file) throws IOException {
        Path folder = file.getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        var journal = new Journal(file, channel);
        try {
            journal.load();
            return journal;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /// Reads what an operation has done so far.
    ///
    /// @throws ProblemException `not_found` where it has no journal
    static Journal read(Path file) throws IOException {
        try {
            var journal = new Journal(file, FileChannel.open(file, StandardOpenOption.READ));
            journal.parse(Files.readAllBytes(file));
            return journal;
        } catch (NoSuchFileException e) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "there is no journal " + file, e);
        }
    }

    private void load() throws IOException {
        int kept = parse(Files.readAllBytes(file));
        if (!planned) {
            channel.truncate(0);
            write(FIRST + "\n");
        } else if (kept < channel.size()) {
            channel.truncate(kept);
        }
        String now = Boot.id();
        samePower = now.equals(boot);
        if (!samePower) {
            write("O\t" + now + "\n");
        }
    }

    /// @return the bytes up to the last line that has an end: what is behind it may end in the middle of a character
    private int parse(byte[] bytes) throws IOException {
        int kept = bytes.length;
        while (kept > 0 && bytes[kept - 1] != '\n') {
            kept--;
        }
        String text = new String(bytes, 0, kept, StandardCharsets.UTF_8);
        var found = new ArrayList<Step>();
        int at = 0;
        int line = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
            String[] words = text.substring(at, end).split("\t", -1);
            line++;
            try {
                take(words, line, found);
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                throw new IOException(file + ", line " + line + ": not a line of a journal", e);
            }
            at = end + 1;
        }
        return kept;
    }

    private void take(String[] words, int line, List<Step> found) {
        if (line == 1) {
            if (!words[0].equals(FIRST)) {
                throw new IllegalArgumentException("unknown version");
            }
            return;
        }
        switch (words[0]) {
            case "S" -> found.add(step(words).numbered(found.size()));
            case "O" -> boot = words[1];
            case "E" -> planned(found);
            case "F" -> above.add(PathText.path(words[1]));
            case "N" -> found(words);
            case "R" -> replacing(words);
            case "P" -> mark(words, Mark.Phase.PLANNED);
            case "B" -> mark(words, Mark.Phase.BEGUN);
            case "D" -> mark(words, Mark.Phase.DONE);
            case "L" -> mark(words, Mark.Phase.LEAVING);
            case "G" -> mark(words, Mark.Phase.LEFT);
            case "X" -> mark(words, Mark.Phase.FAILED);
            case "K" -> mark(words, Mark.Phase.SKIPPED);
            case "Y" -> mark(words, Mark.Phase.STAYED);
            case "U" -> mark(words, Mark.Phase.TAKEN_BACK);
            default -> throw new IllegalArgumentException("unknown line");
        }
    }

    private void planned(List<Step> all) {
        var fresh = new AtomicReferenceArray<Mark>(all.size());
        for (int at = 0; at < all.size(); at++) {
            fresh.set(at, Mark.PLANNED);
        }
        marks = fresh;
        steps = new AtomicReferenceArray<>(all.toArray(Step[]::new));
        planned = true;
    }

    private void found(String[] words) {
        int number = Integer.parseInt(words[1]);
        steps.set(number, steps.get(number).found(stat(words, 2)));
    }

    private void replacing(String[] words) {
        int number = Integer.parseInt(words[1]);
        steps.set(number, steps.get(number).replacing());
    }

    private void mark(String[] words, Mark.Phase phase) {
        int number = Integer.parseInt(words[1]);
        Mark before = marks.get(number);
        marks.set(
                number,
                switch (phase) {
                    case PLANNED -> Mark.PLANNED;
                    case BEGUN -> Mark.begun(words.length > 2 ? orNull(words[2]) : null);
                    case DONE -> new Mark(phase, Duration.ofNanos(Long.parseLong(words[2])), orNull(words[3]), null);
                    case FAILED, SKIPPED, STAYED ->
                        before.because(phase, new Problem(ErrorCode.of(words[2]), PathText.text(words[3])));
                    default -> before.at(phase);
                });
    }

    private static @Nullable String orNull(String word) {
        return word.isEmpty() ? null : word;
    }

    // ---- What is known

    /// The steps in their order, once they are planned.
    Optional<List<Step>> steps() {
        if (!planned) {
            return Optional.empty();
        }
        AtomicReferenceArray<Step> known = steps;
        var all = new ArrayList<Step>(known.length());
        for (int at = 0; at < known.length(); at++) {
            all.add(known.get(at));
        }
        return Optional.of(all);
    }

    /// Folders above targets that were made or about to be, the outermost first. For one thread.
    List<Path> above() {
        return List.copyOf(above);
    }

    /// A folder above targets that is not there is about to be made. For the same thread.
    void above(Path folder) throws IOException {
        write("F\t" + PathText.of(folder) + "\n");
        above.add(folder);
    }

    /// Whether the machine has run since the last run of the operation: then every file is as long as what was written
    /// into it.
    boolean isSamePower() {
        return samePower;
    }

    Mark mark(Step step) {
        return marks.get(step.number());
    }

    /// What failed in an earlier run is to be done again, from where `mark` says.
    void reopen(Step step, Mark mark) {
        marks.set(step.number(), mark);
    }

    // ---- Writing

    /// Writes down what will be done.
    void plan(List<Step> all, boolean force) throws IOException {
        var text = new StringBuilder(all.size() * 160);
        for (Step step : all) {
            line(text, step);
        }
        text.append("E\t").append(all.size()).append('\n');
        write(text.toString());
        if (force) {
            channel.force(false);
        }
        planned(all);
    }

    private static void line(StringBuilder text, Step step) {
        text.append("S\t").append(step.act().letter());
        text.append('\t').append(PathText.of(step.source()));
        text.append('\t').append(PathText.of(step.target()));
        Stat stat = step.stat();
        text.append(stat == null ? "\t\t\t\t\t\t" : words(stat));
        text.append('\t').append(step.twin()).append('\t').append(step.replaces() ? 1 : 0);
        Problem why = step.why();
        text.append('\t').append(why == null ? "" : why.code().code());
        text.append('\t').append(why == null ? "" : PathText.escaped(why.message()));
        text.append('\n');
    }

    private static String words(Stat stat) {
        return "\t" + stat.size() + "\t" + stat.modifiedNanos() + "\t" + stat.device() + "\t" + stat.inode() + "\t"
                + stat.mode() + "\t" + stat.links();
    }

    private static Stat stat(String[] words, int from) {
        return new Stat(
                Long.parseLong(words[from]),
                Long.parseLong(words[from + 1]),
                Long.parseLong(words[from + 2]),
                Long.parseLong(words[from + 3]),
                Integer.parseInt(words[from + 4]),
                Integer.parseInt(words[from + 5]));
    }

    private static Step step(String[] words) {
        Stat stat = words[4].isEmpty() ? null : stat(words, 4);
        Problem why = words[12].isEmpty() ? null : new Problem(ErrorCode.of(words[12]), PathText.text(words[13]));
        return new Step(
                -1,
                Act.of(words[1].charAt(0)),
                PathText.path(words[2]),
                PathText.path(words[3]),
                stat,
                Integer.parseInt(words[10]),
                words[11].equals("1"),
                why);
    }

    /// Lines that are written with one call. Used by one thread.
    final class Group {
        private final StringBuilder text = new StringBuilder();
        private final List<Step> about = new ArrayList<>();
        private final List<Mark> next = new ArrayList<>();

        /// The source is not what it was when it was planned.
        ///
        /// @return the step as it now is
        Step found(Step step, Stat now) {
            Step changed = step.found(now);
            steps.set(step.number(), changed);
            text.append("N\t").append(step.number()).append(words(now)).append('\n');
            return changed;
        }

        /// There is a file under the target's name that was not there when it was planned.
        Step replacing(Step step) {
            Step changed = step.replacing();
            steps.set(step.number(), changed);
            text.append("R\t").append(step.number()).append('\n');
            return changed;
        }

        Group planned(Step step) {
            return add(step, 'P', "", Mark.PLANNED);
        }

        Group begun(Step step) {
            return begun(step, null);
        }

        /// @param hash of the bytes that are about to get the target's name, where they were verified: nobody reads
        ///     them again when a crash follows
        Group begun(Step step, @Nullable String hash) {
            return add(step, 'B', hash == null ? "" : "\t" + hash, Mark.begun(hash));
        }

        Group done(Step step, Duration took, @Nullable String hash) {
            return add(
                    step,
                    'D',
                    "\t" + took.toNanos() + "\t" + (hash == null ? "" : hash),
                    new Mark(Mark.Phase.DONE, took, hash, null));
        }

        Group leaving(Step step) {
            return add(step, 'L', "", mark(step).at(Mark.Phase.LEAVING));
        }

        Group left(Step step) {
            return add(step, 'G', "", mark(step).at(Mark.Phase.LEFT));
        }

        Group failed(Step step, Problem why) {
            return because(step, 'X', Mark.Phase.FAILED, why);
        }

        Group skipped(Step step, Problem why) {
            return because(step, 'K', Mark.Phase.SKIPPED, why);
        }

        Group stayed(Step step, Problem why) {
            return because(step, 'Y', Mark.Phase.STAYED, why);
        }

        private Group because(Step step, char letter, Mark.Phase phase, Problem why) {
            return add(
                    step,
                    letter,
                    "\t" + why.code().code() + "\t" + PathText.escaped(why.message()),
                    mark(step).because(phase, why));
        }

        Group takenBack(Step step) {
            return add(step, 'U', "", mark(step).at(Mark.Phase.TAKEN_BACK));
        }

        private Group add(Step step, char letter, String rest, Mark mark) {
            text.append(letter).append('\t').append(step.number()).append(rest).append('\n');
            about.add(step);
            next.add(mark);
            return this;
        }

        /// Returns once the lines survive the death of this process.
        void write() throws IOException {
            if (text.isEmpty()) {
                return;
            }
            Journal.this.write(text.toString());
            for (int at = 0; at < about.size(); at++) {
                marks.set(about.get(at).number(), next.get(at));
            }
            text.setLength(0);
            about.clear();
            next.clear();
        }

        /// The same, to be called before what the lines tell of is done.
        ///
        /// @param power whether they are to survive a power cut, too
        void write(boolean power) throws IOException {
            boolean any = !text.isEmpty();
            write();
            if (any && power) {
                force();
            }
        }
    }

    Group group() {
        return new Group();
    }

    private void write(String text) throws IOException {
        if (torn) {
            throw new IOException("the journal " + file + " could not be written");
        }
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            // Half a line may be there: nothing may follow it.
            torn = true;
            throw e;
        }
    }

    /// Returns once all that was written survives a power cut.
    void force() throws IOException {
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
