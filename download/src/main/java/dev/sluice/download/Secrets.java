package dev.sluice.download;

import dev.sluice.core.JobId;
import dev.sluice.secrets.Vault;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Keeps what must not be shown of a URL.
///
/// @param vault asked for when it is needed first
record Secrets(Supplier<Vault> vault) {
    /// The whole URL, to be kept with its job; null where what is shown is all of it.
    @Nullable
    String seal(JobId job, Target target) {
        return target.isShownWhole() ? null : vault.get().seal(context(job), target.whole());
    }

    Target open(JobId job, DownloadSpec spec) {
        String sealed = spec.sealed();
        return Target.of(sealed == null ? spec.url() : vault.get().open(context(job), sealed));
    }

    private static String context(JobId job) {
        return "the URL of download " + job;
    }
}
