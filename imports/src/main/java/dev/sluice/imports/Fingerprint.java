package dev.sluice.imports;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// By what a row is known again when it comes once more, in another file: the first 128 bits of a SHA-256. Of a
/// transaction it is taken over owner, account, day, amount, currency, description and the bank's reference (where
/// there is none, the balance), of a row of one's own table over the table and the values of its key. Computes one
/// after the other. Used by one thread.
///
/// What goes into it never changes for a [#VERSION]: a row keeps the version it was stored with.
final class Fingerprint {
    static final int VERSION = 1;

    /// Where a transaction has the length of its account's name.
    private static final long OF_TABLE = -1;
    private static final long NO_VALUE = -2;

    private final MessageDigest digest;
    private final int start;
    private byte[] text = new byte[1024];
    private int length;
    private long high;
    private long low;

    Fingerprint(String owner) {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
        put(VERSION);
        put(owner);
        start = length;
    }

    /// @param day since 1970
    /// @param amount in minor units
    /// @param balance in minor units, or null
    void of(
            String account,
            long day,
            long amount,
            String currency,
            String description,
            @Nullable String reference,
            @Nullable Long balance) {
        length = start;
        put(account);
        put(day);
        put(amount);
        put(currency);
        putNormalized(description);
        if (reference != null && !reference.isBlank()) {
            put(reference);
        } else if (balance != null) {
            put(balance);
        }
        hash();
    }

    /// @param table its number
    /// @param values as texts, of which none means none
    void of(long table, List<@Nullable String> values) {
        length = start;
        put(OF_TABLE);
        put(table);
        for (String value : values) {
            if (value == null) {
                put(NO_VALUE);
            } else {
                put(value);
            }
        }
        hash();
    }

    private void hash() {
        digest.update(text, 0, length);
        byte[] hash = digest.digest();
        high = number(hash, 0);
        low = number(hash, Long.BYTES);
    }

    long high() {
        return high;
    }

    long low() {
        return low;
    }

    private static long number(byte[] bytes, int at) {
        long number = 0;
        for (int i = at; i < at + Long.BYTES; i++) {
            number = (number << Byte.SIZE) | (bytes[i] & 0xff);
        }
        return number;
    }

    /// Without regard to case, and to how much space stands where.
    private void putNormalized(String words) {
        int from = length;
        room(Character.BYTES * words.length() + Long.BYTES);
        length += Long.BYTES;
        boolean space = false;
        boolean any = false;
        for (int i = 0; i < words.length(); i++) {
            char c = words.charAt(i);
            if (Character.isWhitespace(c) || Character.isSpaceChar(c)) {
                space = any;
            } else {
                if (space) {
                    append(' ');
                    space = false;
                }
                append(Character.toUpperCase(c));
                any = true;
            }
        }
        int put = length - from - Long.BYTES;
        int end = length;
        length = from;
        put((long) put);
        length = end;
    }

    private void put(String words) {
        room(Character.BYTES * words.length() + Long.BYTES);
        put((long) Character.BYTES * words.length());
        for (int i = 0; i < words.length(); i++) {
            append(words.charAt(i));
        }
    }

    private void append(char c) {
        text[length++] = (byte) (c >> Byte.SIZE);
        text[length++] = (byte) c;
    }

    private void put(long number) {
        room(Long.BYTES);
        for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            text[length++] = (byte) (number >> shift);
        }
    }

    private void room(int more) {
        if (length + more > text.length) {
            text = Arrays.copyOf(text, Math.max(2 * text.length, length + more));
        }
    }
}
