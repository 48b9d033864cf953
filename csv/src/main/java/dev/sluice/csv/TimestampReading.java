package dev.sluice.csv;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads points in time: a date as [DateReading] has it and, behind a space or a `T`, `14:05`, `14:05:06.789`,
/// `2:05 PM`, with or without `Z` or `+02:00`. A date alone is its midnight. Used by one thread.
public final class TimestampReading {
    private static final Pattern TIME =
            Pattern.compile("[T ,-]+(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,](\\d{1,9})\\d*)?)?"
                    + "[ \\u00a0\\u202f]*(?:([AaPp])\\.?[Mm]\\.?)?[ ]*(Z|[+-]\\d{2}(?::?\\d{2})?)?");
    private static final int NANO_DIGITS = 9;

    private final DateReading dates;
    private final ZoneId zone;

    /// @param order of dates that are three numbers; null: there are to be none such
    /// @param zone of times that name no offset of their own
    public TimestampReading(@Nullable DateOrder order, ZoneId zone) {
        this.dates = new DateReading(order);
        this.zone = zone;
    }

    /// The point in time that stands from `from` to before `to`; empty: there is none, or none such in the zone, whose
    /// clocks went forward just then. Of an hour that a zone has twice it is the first.
    public Optional<Instant> read(char[] text, int from, int to) {
        if (!dates.read(text, from, to)) {
            return Optional.empty();
        }
        LocalDate day = LocalDate.ofEpochDay(dates.epochDay());
        int rest = dates.rest();
        if (rest == to) {
            return at(day.atStartOfDay());
        }
        Matcher time = TIME.matcher(new String(text, rest, to - rest));
        if (!time.matches()) {
            return Optional.empty();
        }
        try {
            LocalDateTime local = day.atTime(time(time));
            String offset = time.group(6);
            return offset == null ? at(local) : Optional.of(local.toInstant(ZoneOffset.of(offset)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static LocalTime time(Matcher time) {
        int hour = Integer.parseInt(time.group(1));
        String half = time.group(5);
        if (half != null) {
            if (hour < 1 || hour > 12) {
                throw new DateTimeException("no hour of a half day: " + hour);
            }
            hour = hour % 12 + (half.equalsIgnoreCase("p") ? 12 : 0);
        }
        String seconds = time.group(3);
        String fraction = time.group(4);
        return LocalTime.of(
                hour,
                Integer.parseInt(time.group(2)),
                seconds == null ? 0 : Integer.parseInt(seconds),
                fraction == null ? 0 : Integer.parseInt(fraction + "0".repeat(NANO_DIGITS - fraction.length())));
    }

    private Optional<Instant> at(LocalDateTime local) {
        List<ZoneOffset> offsets = zone.getRules().getValidOffsets(local);
        return offsets.isEmpty() ? Optional.empty() : Optional.of(local.toInstant(offsets.getFirst()));
    }
}
