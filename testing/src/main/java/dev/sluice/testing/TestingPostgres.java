package dev.sluice.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;

/// One PostgreSQL server for all tests of this JVM, a new database for each. Its user and its password are
/// `postgres`.
public final class TestingPostgres {
    private static final EmbeddedPostgres SERVER = start();
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private TestingPostgres() {}

    private static EmbeddedPostgres start() {
        try {
            return EmbeddedPostgres.builder().start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The JDBC address of an empty database.
    public static String newDatabase() {
        String name = "test" + NUMBER.incrementAndGet();
        execute("CREATE DATABASE " + name);
        return SERVER.getJdbcUrl("postgres", name);
    }

    /// Ends every connection to a database and lets nobody in until [#back].
    public static void away(String url) {
        execute("ALTER DATABASE " + name(url) + " ALLOW_CONNECTIONS false");
        execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name(url) + "'");
    }

    public static void back(String url) {
        execute("ALTER DATABASE " + name(url) + " ALLOW_CONNECTIONS true");
    }

    private static String name(String url) {
        return url.replaceFirst(".*/", "").replaceFirst("\\?.*", "");
    }

    private static void execute(String sql) {
        try (var connection = SERVER.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
