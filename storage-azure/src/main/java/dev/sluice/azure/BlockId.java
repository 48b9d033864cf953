package dev.sluice.azure;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How a block is called: whose it is, which one, and the CRC-32 of its bytes. So a list of blocks tells what is
/// there without a note of ours. All ids have the same length, as the service wants it of those of one blob.
///
/// @param owner as [#owner] makes it of an upload's id
/// @param number from 1
record BlockId(String owner, int number, long crc32) {
    private static final Pattern FORM = Pattern.compile("([0-9a-f]{16})-(\\d{5})-([0-9a-f]{8})");
    private static final int OWNER = 8;

    static String owner(String upload) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(upload.getBytes(UTF_8));
            return HexFormat.of().formatHex(digest, 0, OWNER);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// As the service wants it, in Base64.
    String written() {
        String plain = String.format(Locale.ROOT, "%s-%05d-%08x", owner, number, crc32);
        return Base64.getEncoder().encodeToString(plain.getBytes(US_ASCII));
    }

    /// Nothing where the block is none of Sluice's.
    static Optional<BlockId> of(String written) {
        Matcher form;
        try {
            form = FORM.matcher(new String(Base64.getDecoder().decode(written), US_ASCII));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        return form.matches()
                ? Optional.of(
                        new BlockId(form.group(1), Integer.parseInt(form.group(2)), Long.parseLong(form.group(3), 16)))
                : Optional.empty();
    }
}
