package dev.sluice.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class QueueTest {
    private static final int CROWD = 5_000;
    private static final Document NOTHING = new Document() {
        @Override
        public <T extends Record> T as(Class<T> type) {
            throw new UnsupportedOperationException("there is nothing to read");
        }

        @Override
        public Map<String, Object> members() {
            return Map.of();
        }

        @Override
        public String json() {
            return "{}";
        }
    };

    private final Set<JobId> begun = ConcurrentHashMap.newKeySet();
    private final CountDownLatch over = new CountDownLatch(1);
    private final Queue queue = new Queue(new ByHost(), this::work);

    @AfterEach
    void end() {
        over.countDown();
        queue.close();
    }

    /// Each job is of the host that its name says, which gives one at a time.
    private static final class ByHost implements JobRunner {
        @Override
        public boolean takes(Job job) {
            return true;
        }

        @Override
        public void run(Session session) {
            throw new UnsupportedOperationException("the queue runs it");
        }

        @Override
        public List<Share> shares(Job job) {
            return List.of(new Share(job.name(), 1));
        }
    }

    private void work(JobId job) {
        begun.add(job);
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void whoseShareIsFreeBeginsBehindACrowdThatWaitsForAnother() {
        for (int i = 0; i < CROWD; i++) {
            queue.offer(job("crowd-" + i, "crowded", i));
        }
        Job behind = job("behind", "quiet", CROWD);
        queue.offer(behind);
        await().atMost(Duration.ofSeconds(10)).until(() -> begun.size() == 2);
        assertThat(begun).containsExactlyInAnyOrder(new JobId("crowd-0"), behind.id());
    }

    private static Job job(String id, String host, long rank) {
        return new Job(
                new JobId(id),
                new Kind("download"),
                host,
                new Owner("anna"),
                null,
                JobState.PENDING,
                Waiting.SLOT,
                StagePlan.of(new Stage("transfer", 0, 100)),
                NOTHING,
                NOTHING,
                null,
                0,
                null,
                0,
                1,
                null,
                null,
                1,
                1,
                null,
                null,
                null,
                null,
                rank,
                Instant.EPOCH,
                null,
                null,
                1);
    }
}
