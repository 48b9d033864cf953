package dev.sluice.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.JobId;
import dev.sluice.core.Owner;
import dev.sluice.db.Database;
import dev.sluice.testing.TestingPostgres;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresNotifyTest extends NotifyContract {
    private final String url = TestingPostgres.newDatabase();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Override
    Database open() {
        return Database.postgres(url, "postgres", "postgres");
    }

    @Override
    Path keys() {
        return folder;
    }

    @Test
    void twoNodesTellEachEndOnce() {
        String hook = hook(Owner.LOCAL, "/all").hook().id();
        try (var other = open(SETTINGS)) {
            var ended = new ArrayList<String>();
            for (int i = 0; i < 60; i++) {
                JobId job = (i % 2 == 0 ? node : other).job(Owner.LOCAL, "upload", "file " + i);
                (i % 3 == 0 ? node : other).end(job, JobEnd.COMPLETED);
                ended.add(job.value());
            }
            await().atMost(PATIENCE).until(() -> receiver.at("/all").size() >= ended.size());
            List<Delivery> told = node.notifications.deliveries().list(hook, null, 200);
            assertThat(told).extracting(Delivery::job).containsExactlyInAnyOrderElementsOf(ended);
            await().atMost(PATIENCE)
                    .until(() -> node.notifications.deliveries().list(hook, null, 200).stream()
                            .allMatch(one -> one.state() == Delivery.State.DELIVERED));
            assertThat(receiver.at("/all"))
                    .extracting(TestingReceiver.Got::id)
                    .as("each is sent by one node")
                    .doesNotHaveDuplicates();
        }
    }
}
