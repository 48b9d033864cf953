package dev.sluice.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.Ids;
import dev.sluice.db.Database;
import dev.sluice.testing.TestingPostgres;
import java.time.Clock;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class PostgresAccountsTest extends AccountsContract {
    private final String url = TestingPostgres.newDatabase();

    @Override
    Database open() {
        return Database.postgres(url, "postgres", "postgres");
    }

    @Test
    void ofManyWhoUseOneTicketAtOnceOnTwoNodesOneWins() throws Exception {
        try (var one = Database.postgres(url, "postgres", "postgres");
                var other = Database.postgres(url, "postgres", "postgres");
                var first =
                        Accounts.open(one, clock, new Ids(Clock.systemUTC()), AccountSettings.DEFAULT, KEY, "first");
                var second = Accounts.open(
                        other, clock, new Ids(Clock.systemUTC()), AccountSettings.DEFAULT, KEY, "second");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < 20; round++) {
                String ticket = first.tickets().make(Caller.LOCAL);
                var go = new CountDownLatch(1);
                var tries = new ArrayList<Future<Tickets.Opening>>();
                for (int i = 0; i < 32; i++) {
                    Tickets tickets = (i % 2 == 0 ? first : second).tickets();
                    tries.add(threads.submit(() -> {
                        go.await();
                        return tickets.open(ticket, "/ws/jobs");
                    }));
                }
                go.countDown();
                int won = 0;
                for (Future<Tickets.Opening> one32 : tries) {
                    won += one32.get() instanceof Tickets.Opening.Opened ? 1 : 0;
                }
                assertThat(won).as("round %s", round).isEqualTo(1);
            }
        }
    }
}
