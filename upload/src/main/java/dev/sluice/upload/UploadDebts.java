package dev.sluice.upload;

import dev.sluice.core.Debt;
import dev.sluice.core.DebtPayer;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.JobStore;
import dev.sluice.storage.Storage;
import dev.sluice.storage.Storages;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// What uploads may leave in storages that must not stay, and who takes it back.
public final class UploadDebts {
    private UploadDebts() {}

    /// Who pays, by type of debt.
    public static Map<String, DebtPayer> payers(Storages storages) {
        DebtPayer content = debt -> {
            var owed = debt.detail().as(ContentDebt.class);
            storages.named(owed.storage()).delete(owed.ref());
        };
        return Map.of(
                SessionDebt.TYPE,
                new SessionPayer(storages),
                ObjectDebt.TYPE,
                new ObjectPayer(storages),
                ContentDebt.TYPE,
                content);
    }

    /// What removing a completed upload leaves, should its file go too; null where there is no file.
    public static JobStore.@Nullable Leftover content(Job job) {
        if (!job.kind().equals(Uploads.KIND)
                || job.state() != JobState.COMPLETED
                || Uploads.spec(job).isPiece()) {
            return null;
        }
        UploadFacts facts = UploadFacts.of(job);
        return new JobStore.Leftover(ContentDebt.TYPE, new ContentDebt(facts.storage(), facts.ref()));
    }

    private record ObjectPayer(Storages storages) implements DebtPayer {
        @Override
        public void pay(Debt debt) {
            var owed = debt.detail().as(ObjectDebt.class);
            storages.named(owed.storage()).takeBack(owed.state(), owed.ref());
        }

        @Override
        public boolean isNeeded(Debt debt) {
            Storage storage =
                    storages.all().get(debt.detail().as(ObjectDebt.class).storage());
            return storage != null && !storage.shape().revertible();
        }
    }

    private record SessionPayer(Storages storages) implements DebtPayer {
        @Override
        public void pay(Debt debt) {
            var owed = debt.detail().as(SessionDebt.class);
            storages.named(owed.storage()).discard(owed.state());
        }

        @Override
        public OptionalLong kept(Debt debt) {
            var owed = debt.detail().as(SessionDebt.class);
            return OptionalLong.of(storages.named(owed.storage()).kept(owed.state()));
        }
    }
}
