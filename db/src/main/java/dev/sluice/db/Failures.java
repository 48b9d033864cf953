package dev.sluice.db;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.io.IOException;
import java.sql.SQLException;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/// What a database's failures mean.
final class Failures {
    private Failures() {}

    static @Nullable SQLException sql(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return sql;
            }
        }
        return null;
    }

    /// A failure of the database as the problem that it is; any other failure as it came.
    static RuntimeException translated(Throwable failure, String place) {
        if (failure instanceof ProblemException problem) {
            return problem;
        }
        SQLException sql = sql(failure);
        if (sql != null || failure instanceof JdbiException || failure instanceof IOException) {
            String why = sql == null ? failure.getMessage() : sql.getMessage();
            return new ProblemException(ErrorCode.STATE_UNAVAILABLE, place + " cannot be used: " + why, failure);
        }
        return switch (failure) {
            case RuntimeException runtime -> runtime;
            case Error error -> throw error;
            default -> new IllegalStateException(failure);
        };
    }

    /// Whether two transactions got into each other's way, so that one of them has to be made anew (PostgreSQL:
    /// serialization failure, deadlock).
    static boolean collided(Throwable failure) {
        SQLException sql = sql(failure);
        return sql != null && ("40001".equals(sql.getSQLState()) || "40P01".equals(sql.getSQLState()));
    }

    /// Whether PostgreSQL has ended the connection, not the statement (classes 08 and 57P).
    static boolean lost(Throwable failure) {
        SQLException sql = sql(failure);
        String state = sql == null ? null : sql.getSQLState();
        return state != null && (state.startsWith("08") || state.startsWith("57P"));
    }
}
