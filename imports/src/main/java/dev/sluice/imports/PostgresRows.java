package dev.sluice.imports;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;

/// `COPY` in its text format, 4 MiB at a time, so that the connection is free for others' queries in between.
final class PostgresRows implements BulkRows {
    private static final int STEP = 4 << 20;
    private static final byte[] NULL = "\\N".getBytes(StandardCharsets.US_ASCII);

    private final CopyManager copying;
    private final String copy;
    private final List<String> same;
    private byte[] text = new byte[64 << 10];
    private int length;
    private boolean first = true;

    PostgresRows(Connection connection, String table, List<String> columns, Map<String, String> same)
            throws SQLException {
        copying = connection.unwrap(PGConnection.class).getCopyAPI();
        var names = new ArrayList<>(columns);
        names.addAll(same.keySet());
        copy = "COPY " + table + " (" + String.join(", ", names) + ") FROM STDIN";
        this.same = List.copyOf(same.values());
    }

    @Override
    public void text(@Nullable String value) {
        if (value == null) {
            next(NULL.length);
            put(NULL);
            return;
        }
        next(3 * value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < 0x80) {
                ascii(c);
            } else {
                int end = i;
                while (end < value.length() && value.charAt(end) >= 0x80) {
                    end++;
                }
                put(value.substring(i, end).getBytes(StandardCharsets.UTF_8));
                i = end - 1;
            }
        }
    }

    private void ascii(char c) {
        switch (c) {
            case '\\' -> escaped('\\');
            case '\t' -> escaped('t');
            case '\n' -> escaped('n');
            case '\r' -> escaped('r');
            default -> text[length++] = (byte) c;
        }
    }

    private void escaped(char c) {
        text[length++] = '\\';
        text[length++] = (byte) c;
    }

    @Override
    public void number(long value) {
        word(Long.toString(value));
    }

    @Override
    public void number(@Nullable Long value) {
        if (value == null) {
            text(null);
        } else {
            number(value.longValue());
        }
    }

    @Override
    public void real(double value) {
        word(Double.toString(value));
    }

    private void word(String ascii) {
        next(ascii.length());
        put(ascii.getBytes(StandardCharsets.ISO_8859_1));
    }

    /// A value of at most so many bytes follows.
    private void next(int most) {
        if (length + most + 2 > text.length) {
            text = Arrays.copyOf(text, Math.max(2 * text.length, length + most + 2));
        }
        if (!first) {
            text[length++] = '\t';
        }
        first = false;
    }

    private void put(byte[] bytes) {
        System.arraycopy(bytes, 0, text, length, bytes.length);
        length += bytes.length;
    }

    @Override
    public void end() throws SQLException {
        same.forEach(this::text);
        text[length++] = '\n';
        first = true;
        if (length >= STEP) {
            write();
        }
    }

    private void write() throws SQLException {
        CopyIn in = copying.copyIn(copy);
        try {
            in.writeToCopy(text, 0, length);
            in.endCopy();
            length = 0;
        } finally {
            if (in.isActive()) {
                in.cancelCopy();
            }
        }
    }

    @Override
    public void finish() throws SQLException {
        if (length > 0) {
            write();
        }
    }
}
