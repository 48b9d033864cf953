package dev.sluice.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;

class PreparedStatementsTest {
    private final List<String> prepared = new ArrayList<>();

    /// A connection that writes down what it prepares.
    private Handle open() throws SQLException {
        Connection real = DriverManager.getConnection("jdbc:sqlite::memory:");
        return PreparedStatements.open((Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, words) -> {
                    if (method.getName().equals("prepareStatement")) {
                        prepared.add((String) words[0]);
                    }
                    try {
                        return method.invoke(real, words);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private static int doubled(Handle handle, int number) {
        return handle.createQuery("SELECT 2 * :number")
                .bind("number", number)
                .mapTo(int.class)
                .one();
    }

    @Test
    void aStatementIsPreparedOnceHoweverOftenItRuns() throws SQLException {
        try (Handle handle = open()) {
            handle.execute("CREATE TABLE t (a INTEGER)");
            prepared.clear();
            for (int n = 1; n <= 3; n++) {
                assertThat(doubled(handle, n)).isEqualTo(2 * n);
                assertThat(handle.createUpdate("INSERT INTO t VALUES (:a)")
                                .bind("a", n)
                                .execute())
                        .isOne();
                assertThat(handle.createQuery("UPDATE t SET a = a + 1 RETURNING a")
                                .mapTo(int.class)
                                .list())
                        .hasSize(n);
            }
            assertThat(prepared)
                    .containsExactlyInAnyOrder(
                            "SELECT 2 * ?", "INSERT INTO t VALUES (?)", "UPDATE t SET a = a + 1 RETURNING a");
        }
    }

    @Test
    void whatIsInUseIsNotUsedTwice() throws SQLException {
        try (Handle handle = open()) {
            assertThat(handle.createQuery("SELECT :a UNION SELECT 2")
                            .bind("a", 1)
                            .map((row, context) -> row.getInt(1) * doubled(handle, doubled(handle, row.getInt(1))))
                            .list())
                    .containsExactly(4, 16);
            assertThat(handle.createQuery("SELECT :a UNION SELECT 2")
                            .bind("a", 1)
                            .map((row, context) -> handle.createQuery("SELECT :a UNION SELECT 2")
                                    .bind("a", row.getInt(1) + 2)
                                    .mapTo(int.class)
                                    .list())
                            .list())
                    .containsExactly(List.of(2, 3), List.of(2, 4));
        }
    }

    @Test
    void whatFailedOnceRunsAgain() throws SQLException {
        try (Handle handle = open()) {
            handle.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)");
            prepared.clear();
            for (int n : new int[] {1, 1, 2}) {
                try {
                    handle.createUpdate("INSERT INTO t VALUES (:a)")
                            .bind("a", n)
                            .execute();
                } catch (RuntimeException e) {
                    assertThat(e).hasMessageContaining("UNIQUE");
                }
            }
            assertThat(handle.createQuery("SELECT a FROM t").mapTo(int.class).list())
                    .containsExactly(1, 2);
            assertThat(prepared).hasSize(2);
        }
    }
}
