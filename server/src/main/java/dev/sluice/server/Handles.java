package dev.sluice.server;

import dev.sluice.core.Job;
import dev.sluice.upload.Uploads;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/// The opaque words that stand where the old front ends expect a provider's address: each lets its bearer send
/// the bytes of one file.
final class Handles {
    private Handles() {}

    static String of(Job job) {
        return "sluice://upload/" + job.id() + "/" + Uploads.spec(job).handle();
    }

    static boolean fits(String handle, Job job) {
        return MessageDigest.isEqual(handle.getBytes(StandardCharsets.UTF_8), of(job).getBytes(StandardCharsets.UTF_8));
    }
}
