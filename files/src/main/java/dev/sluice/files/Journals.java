package dev.sluice.files;

import dev.sluice.core.JobId;
import java.nio.file.Path;

/// Where the journals of operations lie.
record Journals(Path folder) {
    Path of(JobId operation) {
        return folder.resolve(operation + ".journal");
    }
}
