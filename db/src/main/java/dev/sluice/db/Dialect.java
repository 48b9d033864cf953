package dev.sluice.db;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/// The few places where the two databases speak differently.
public enum Dialect {
    SQLITE {
        // By hand: the driver's own transactions begin the next one right after a commit, and hold the lock.
        @Override
        void begin(Connection connection) throws SQLException {
            execute(connection, "BEGIN IMMEDIATE");
        }

        @Override
        void commit(Connection connection) throws SQLException {
            execute(connection, "COMMIT");
        }

        @Override
        void rollback(Connection connection) throws SQLException {
            execute(connection, "ROLLBACK");
        }

        @Override
        String lockingRows() {
            return "";
        }
    },
    POSTGRES {
        @Override
        void begin(Connection connection) throws SQLException {
            if (connection.getAutoCommit()) {
                connection.setAutoCommit(false);
            }
        }

        @Override
        void commit(Connection connection) throws SQLException {
            connection.commit();
        }

        @Override
        void rollback(Connection connection) throws SQLException {
            connection.rollback();
        }

        @Override
        String lockingRows() {
            return " FOR UPDATE";
        }
    };

    abstract void begin(Connection connection) throws SQLException;

    abstract void commit(Connection connection) throws SQLException;

    abstract void rollback(Connection connection) throws SQLException;

    abstract String lockingRows();

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
