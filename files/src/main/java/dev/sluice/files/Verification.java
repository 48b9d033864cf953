package dev.sluice.files;

import dev.sluice.core.Meter;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;

/// What `sluice verify FOLDER` does: hashes every file that the folder's ASC MHL manifests tell of, and finds what
/// changed, is gone or was added. Nothing is written. Run once, on one thread; another may read how far it is.
public final class Verification {
    private final Path folder;
    private final Meter meter = new Meter();

    public Verification(Path folder) {
        this.folder = folder;
    }

    /// What was found.
    ///
    /// @param findings of every file, by path
    /// @param files how many were hashed to their end
    /// @param bytes how much was read
    public record Result(List<Finding> findings, long files, long bytes) {
        public Result {
            findings = List.copyOf(findings);
        }

        /// Whether every file is there as the manifests tell it, and no other.
        public boolean clean() {
            return findings.stream().allMatch(finding -> finding.state() == Finding.State.VERIFIED);
        }
    }

    /// How far it is: bytes read of bytes in all.
    public Meter meter() {
        return meter;
    }

    /// Reads the files past the page cache where the system lets us.
    ///
    /// @throws ProblemException `not_found` where there is no such folder, or no manifest in it
    /// @throws dev.sluice.core.Stopped where the token fires meanwhile
    public Result run(StopToken stop) {
        try {
            FolderVerification.Result found =
                    new FolderVerification(folder, threads(), Verification::dropCache, stop, meter).run();
            return new Result(found.findings(), found.files(), found.bytes());
        } catch (IOException e) {
            throw new ProblemException(Faults.problem(folder + " could not be verified", e), e);
        }
    }

    private int threads() throws IOException {
        var devices = new TreeSet<Long>();
        try {
            devices.add(Stat.following(folder).device());
        } catch (java.nio.file.NoSuchFileException e) {
            return 1;
        }
        return new Devices().width(devices);
    }

    private static void dropCache(Path file) throws IOException {
        if (Linux.known()) {
            try (Linux.Descriptor open = Linux.open(file, Linux.O_RDONLY | Linux.O_NOFOLLOW | Linux.O_CLOEXEC)) {
                Linux.dropCache(open);
            }
        }
    }
}
