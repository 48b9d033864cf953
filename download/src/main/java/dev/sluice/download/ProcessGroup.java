package dev.sluice.download;

import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A program and all that it starts, as one process group that ends as one: with the program, with the stop token, and
/// when this process dies, however it dies.
///
/// The group's leader is a small shell. It starts the program and reads from a pipe of which only this process has the
/// other end: a line means SIGTERM for the whole group, the pipe's end SIGKILL. The kernel closes the pipe of a process
/// that dies. So the group is only ever signalled from within, when its number is surely its own.
final class ProcessGroup implements AutoCloseable {
    private static final Duration GRACE_ON_CANCEL = Duration.ofMillis(50);
    private static final Duration GRACE_ON_PAUSE = Duration.ofSeconds(2);
    private static final int LONGEST_LINE = 1 << 20;

    /// Words: blocks of 512 bytes that a file may have, what the line with the exit code begins with, the program.
    ///
    /// `-$$` names the group only if the shell leads one: without `setsid` nothing would be killed, and not this
    /// process' own group. What ends by itself is reaped here, since not every container's first process reaps.
    private static final String LEADER = """
            ulimit -f "$1" 2>/dev/null || :; name=$2; shift 2
            exec 3<&0 </dev/null
            (exec "$@" 3<&-) & program=$!
            trap : TERM
            (
                trap '' TERM
                exec >/dev/null 2>&1
                while read -r _ <&3; do kill -TERM -$$; done
                kill -KILL -$$
            ) & listener=$!
            exec 3<&-
            while wait $program; code=$?; kill -0 $program; do :; done 2>/dev/null
            kill -KILL $listener; wait $listener 2>/dev/null
            echo "$name $code"
            kill -KILL -$$
            """;

    private final Process process;
    private final String exit;
    private final Complaints complaints;
    private final List<StopToken.Registration> hung = new ArrayList<>();
    private volatile boolean paused;
    private boolean enough;
    private @Nullable String code;

    private ProcessGroup(Process process, String exit) {
        this.process = process;
        this.exit = exit;
        this.complaints = Complaints.of(process, () -> kill(process));
    }

    /// @param exit an unguessable word for the line that says how the program ended
    /// @param environment all that it gets
    /// @param largest how many bytes a file may have that it writes
    static ProcessGroup start(
            List<String> program,
            String exit,
            Map<String, String> environment,
            Path folder,
            long largest,
            StopToken stop) {
        String blocks = largest > Long.MAX_VALUE / 1024 ? "unlimited" : String.valueOf(largest / 512 + 1);
        var words = new ArrayList<>(List.of("setsid", "/bin/sh", "-c", LEADER, "sluice", blocks, exit));
        words.addAll(program);
        var builder = new ProcessBuilder(words).directory(folder.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        stop.check();
        try {
            var group = new ProcessGroup(builder.start(), exit);
            group.hang(stop);
            return group;
        } catch (IOException e) {
            throw new UncheckedIOException("setsid and sh could not be started", e);
        }
    }

    private void hang(StopToken stop) {
        hung.add(stop.onStop(this::ask));
        hung.add(stop.onStopSlowly(this::endAfterGrace));
        hung.add(stop.onLoss(why -> endIfPaused()));
    }

    private void ask(StopReason why) {
        paused = why.keeps();
        if (why == StopReason.FENCED) {
            kill();
            return;
        }
        try {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
        } catch (IOException e) {
            // It has ended.
            kill();
        }
    }

    private void endAfterGrace(StopReason why) {
        try {
            Duration grace = why.keeps() ? GRACE_ON_PAUSE : GRACE_ON_CANCEL;
            process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        kill();
    }

    /// A cancel that comes after a pause waits for nothing.
    private void endIfPaused() {
        if (paused) {
            kill();
        }
    }

    private void kill() {
        kill(process);
    }

    /// All of the group, at once.
    private static void kill(Process process) {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            process.destroyForcibly();
        }
    }

    /// Gives on what the program writes until it has ended, or no more is wanted.
    ///
    /// @return whether it ended by itself and well, or no more was wanted
    boolean run(Predicate<String> wantsMore) {
        try {
            new BoundedLines(process.getInputStream(), LONGEST_LINE).forEach(line -> {
                if (line.startsWith(exit + " ")) {
                    code = line.substring(exit.length() + 1);
                    return false;
                }
                enough = !wantsMore.test(line);
                return !enough;
            });
            if (enough) {
                kill();
            }
            return enough || "0".equals(code);
        } catch (IOException e) {
            throw new UncheckedIOException("what a program says could not be read", e);
        }
    }

    /// What it has complained of until its end.
    String complaints() {
        return complaints.text();
    }

    /// Whether it was killed since it went on without a piece of a stream.
    boolean hasHole() {
        return complaints.tellOfAHole();
    }

    /// Returns once it has ended: what still runs is killed.
    @Override
    public void close() {
        kill();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        hung.forEach(StopToken.Registration::close);
    }
}
