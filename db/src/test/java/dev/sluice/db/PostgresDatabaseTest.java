package dev.sluice.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ProblemException;
import dev.sluice.testing.TestingPostgres;
import org.junit.jupiter.api.Test;

class PostgresDatabaseTest extends DatabaseContract {
    private final String url = TestingPostgres.newDatabase();

    @Override
    Database open() {
        return Database.postgres(url, "postgres", "postgres");
    }

    @Test
    void aServerThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> Database.postgres("jdbc:postgresql://127.0.0.1:1/none", "u", "p"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("127.0.0.1:1/none");
    }

    @Test
    void aConnectionThatWasLostBetweenTwoUnitsIsReplaced() {
        database.write(insert(1));
        database.sync();
        endOthers();
        assertThat(database.write(insert(2))).isEqualTo(2);
        assertThat(ids()).containsExactly(1L, 2L);
        database.sync();
    }

    @Test
    void aUnitThatKeepsLosingItsConnectionFailsAndTheNextOneDoesNot() {
        assertThatThrownBy(() -> database.write(transaction -> {
                    insert(1).run(transaction);
                    return transaction
                            .handle()
                            .createQuery("SELECT pg_terminate_backend(pg_backend_pid())")
                            .mapTo(Boolean.class)
                            .one();
                }))
                .isInstanceOf(ProblemException.class)
                .hasMessageStartingWith("state_unavailable");
        database.write(insert(2));
        assertThat(ids()).containsExactly(2L);
    }

    @Test
    void syncFlushesWhatTheWriterHasNotWaitedFor() {
        database.write(insert(1));
        String committed = position("pg_current_wal_insert_lsn()");
        database.sync();
        boolean flushed =
                database.read(handle -> handle.createQuery("SELECT pg_current_wal_flush_lsn() >= CAST(:lsn AS pg_lsn)")
                        .bind("lsn", committed)
                        .mapTo(Boolean.class)
                        .one());
        assertThat(flushed).isTrue();
        assertThat(database.<String>write(transaction -> transaction
                        .handle()
                        .createQuery("SHOW synchronous_commit")
                        .mapTo(String.class)
                        .one()))
                .isEqualTo("off");
    }

    private String position(String function) {
        return database.read(handle -> handle.createQuery("SELECT CAST(" + function + " AS TEXT)")
                .mapTo(String.class)
                .one());
    }

    private void endOthers() {
        try (var other = Database.postgres(url, "postgres", "postgres")) {
            other.read(handle -> handle.createQuery("""
                            SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
                            WHERE datname = current_database() AND pid <> pg_backend_pid()
                            """).mapTo(Long.class).one());
        }
    }
}
