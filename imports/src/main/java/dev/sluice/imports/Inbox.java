package dev.sluice.imports;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.JobId;
import dev.sluice.core.ProblemException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;

/// The files that have come and are not imported yet, each under the id of its job. Safe for use by many threads.
final class Inbox {
    private static final String SUFFIX = ".csv";

    private final Path folder;

    Inbox(Path folder) {
        this.folder = folder;
    }

    /// Where the file of a job lies, or is to be put; its folder is there.
    Path place(JobId job) {
        try {
            return Files.createDirectories(folder).resolve(job.value() + SUFFIX);
        } catch (IOException e) {
            throw failed(folder, "cannot be made", e);
        }
    }

    void remove(JobId job) {
        Path file = folder.resolve(job.value() + SUFFIX);
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw failed(file, "cannot be removed", e);
        }
    }

    /// Removes what belongs to no job that still needs it.
    void sweep(Predicate<JobId> needed) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (!needed.test(new JobId(name.substring(0, name.length() - SUFFIX.length())))) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw failed(folder, "cannot be swept", e);
        }
    }

    private static ProblemException failed(Path place, String what, IOException why) {
        return new ProblemException(ErrorCode.INTERNAL, place + " " + what + ": " + why, why);
    }
}
