package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// IPv4 addresses in all the ways in which browsers read them: `2130706433`, `0x7f.1` and `0177.0.0.1` are `127.0.0.1`
/// (WHATWG URL §3.5).
final class NumericHost {
    private NumericHost() {}

    /// The address with four decimal parts; null where the host is a name.
    ///
    /// @throws ProblemException `invalid_request` where it ends with a number and is no address
    static @Nullable String of(String host) {
        String[] parts = host.split("\\.", -1);
        if (number(parts[parts.length - 1]) == null) {
            return null;
        }
        if (parts.length > 4) {
            throw invalid(host);
        }
        long address = 0;
        for (int i = 0; i < parts.length; i++) {
            Long part = number(parts[i]);
            boolean last = i == parts.length - 1;
            long most = last ? (1L << (8 * (5 - parts.length))) - 1 : 255;
            if (part == null || part > most) {
                throw invalid(host);
            }
            address |= last ? part : part << (8 * (3 - i));
        }
        return (address >> 24) + "." + (address >> 16 & 0xff) + "." + (address >> 8 & 0xff) + "." + (address & 0xff);
    }

    private static @Nullable Long number(String part) {
        try {
            if (part.startsWith("0x") || part.startsWith("0X")) {
                String digits = part.substring(2);
                return !digits.chars().allMatch(HexFormat::isHexDigit)
                        ? null
                        : digits.isEmpty() ? (Long) 0L : (Long) Long.parseLong(digits, 16);
            }
            if (part.isEmpty() || !Character.isDigit(part.charAt(0))) {
                return null;
            }
            return part.length() > 1 && part.startsWith("0")
                    ? (Long) Long.parseLong(part, 8)
                    : (Long) Long.parseLong(part);
        } catch (NumberFormatException e) {
            // Of digits only it was meant as a number, and is none.
            return part.chars().allMatch(Character::isDigit) ? (Long) Long.MAX_VALUE : null;
        }
    }

    private static ProblemException invalid(String host) {
        return new ProblemException(
                ErrorCode.INVALID_REQUEST, "\"" + host + "\" is no address", Map.of("field", "url"));
    }
}
