package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/// What processes have used, as `/proc` has it.
final class Usage {
    /// The unit of `/proc/PID/stat` is 1/100 s on every Linux that Java runs on.
    private static final double TICKS = 100;

    private static final int UTIME = 11;
    private static final int CUTIME = 13;

    private Usage() {}

    /// CPU seconds of a process and of its living descendants, user and system.
    static double cpuSeconds(long pid) {
        Stream<Long> descendants = ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::descendants)
                .map(ProcessHandle::pid);
        return Stream.concat(Stream.of(pid), descendants)
                .mapToDouble(Usage::ofOne)
                .sum();
    }

    /// CPU seconds of this process, which makes the load.
    static double ownCpuSeconds() {
        return ofOne(ProcessHandle.current().pid());
    }

    /// CPU seconds of all processes that this one has started and that have ended.
    static double endedChildrenCpuSeconds() {
        return sum(ProcessHandle.current().pid(), CUTIME);
    }

    private static double ofOne(long pid) {
        return sum(pid, UTIME);
    }

    private static double sum(long pid, int first) {
        String stat = read(Path.of("/proc", Long.toString(pid), "stat"));
        if (stat.isEmpty()) {
            return 0;
        }
        // The name in parentheses may have spaces; what follows it begins with the third field.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[first]) + Long.parseLong(fields[first + 1])) / TICKS;
    }

    /// Resident memory in bytes.
    static long resident(long pid) {
        return status(pid, "VmRSS:");
    }

    /// The most resident memory that there ever was, in bytes.
    static long residentPeak(long pid) {
        return status(pid, "VmHWM:");
    }

    private static long status(long pid, String field) {
        return read(Path.of("/proc", Long.toString(pid), "status"))
                .lines()
                .filter(line -> line.startsWith(field))
                .map(line -> line.replaceAll("\\D+", ""))
                .mapToLong(kibibytes -> Long.parseLong(kibibytes) << 10)
                .findFirst()
                .orElseThrow(() -> new BenchException("process " + pid + " has ended"));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new BenchException("cannot read " + file, e);
        }
    }
}
