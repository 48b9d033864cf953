package dev.sluice.imports;

import dev.sluice.csv.Column;
import dev.sluice.csv.CsvRow;
import dev.sluice.csv.Currencies;
import dev.sluice.csv.DateReading;
import dev.sluice.csv.MoneyReading;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Makes transactions of records. Used by one thread.
final class Bookkeeping implements RowMaker {
    private static final int NONE = -1;

    private final Mapping mapping;
    private final @Nullable String currency;
    private final int columns;
    private final @Nullable Dates booked;
    private final @Nullable Dates valued;
    private final @Nullable Money amount;
    private final @Nullable Money debit;
    private final @Nullable Money credit;
    private final @Nullable Money balance;
    private final int[] description;
    private final int direction;
    private final int currencies;
    private final int counterparty;
    private final int counterpartyAccount;
    private final int reference;
    private final int bankCategory;
    private final int mcc;
    private final int account;

    private String lastCurrency = "";
    private @Nullable String lastDigitsOf;
    private int lastDigits = Currencies.digits(null);

    /// @param currency of amounts beside which none stands; null: not known
    Bookkeeping(Mapping mapping, @Nullable String currency) {
        this.mapping = mapping;
        this.currency = mapping.currency() == null ? currency : mapping.currency();
        columns = mapping.columns().size();
        booked = dates(Role.BOOKED);
        valued = dates(Role.VALUED);
        amount = money(Role.AMOUNT);
        debit = money(Role.DEBIT);
        credit = money(Role.CREDIT);
        balance = money(Role.BALANCE);
        List<Role> roles = mapping.roles();
        description = IntStream.range(0, columns)
                .filter(i -> roles.get(i) == Role.DESCRIPTION)
                .toArray();
        direction = index(Role.DIRECTION);
        currencies = index(Role.CURRENCY);
        counterparty = index(Role.COUNTERPARTY);
        counterpartyAccount = index(Role.COUNTERPARTY_ACCOUNT);
        reference = index(Role.REFERENCE);
        bankCategory = index(Role.BANK_CATEGORY);
        mcc = index(Role.MCC);
        account = index(Role.ACCOUNT);
    }

    private int index(Role role) {
        return mapping.column(role).orElse(NONE);
    }

    private @Nullable Dates dates(Role role) {
        int index = index(role);
        return index == NONE ? null : new Dates(mapping.columns().get(index));
    }

    private @Nullable Money money(Role role) {
        int index = index(role);
        return index == NONE ? null : new Money(mapping.columns().get(index));
    }

    /// A column of dates; the last date is kept, for the next one is often the same.
    private static final class Dates {
        private final Column column;
        private final DateReading reading;
        private LocalDate last = LocalDate.EPOCH;
        private long lastDay;

        Dates(Column column) {
            this.column = column;
            reading = new DateReading(column.dateOrder());
        }

        LocalDate of(CsvRow row) throws Rejected {
            int field = column.index();
            if (!reading.read(row.chars(), row.from(field), row.to(field))) {
                throw row.blank(field)
                        ? new Rejected(column.name(), "missing_date", "there is no date")
                        : new Rejected(
                                column.name(),
                                "invalid_date",
                                "'" + row.text(field) + "' is no date"
                                        + (column.datePattern() == null ? "" : " as in " + column.datePattern()));
            }
            if (reading.epochDay() != lastDay) {
                lastDay = reading.epochDay();
                last = LocalDate.ofEpochDay(lastDay);
            }
            return last;
        }
    }

    /// A column of amounts.
    private static final class Money {
        private final Column column;
        private final MoneyReading reading;

        Money(Column column) {
            this.column = column;
            reading = new MoneyReading(column.decimalMark());
        }

        long of(CsvRow row, int digits) throws Rejected {
            int field = column.index();
            MoneyReading.Outcome outcome = reading.read(row.chars(), row.from(field), row.to(field), digits);
            return switch (outcome) {
                case READ -> reading.minor();
                case NO_NUMBER -> throw rejected(row, "invalid_amount", "is no amount");
                case TOO_PRECISE -> throw rejected(row, "too_precise", "has more decimals than " + digits);
                case TOO_LARGE -> throw rejected(row, "amount_too_large", "is too large");
            };
        }

        private Rejected rejected(CsvRow row, String code, String what) {
            return new Rejected(column.name(), code, "'" + row.text(column.index()) + "' " + what);
        }

        boolean blank(CsvRow row) {
            return row.blank(column.index());
        }
    }

    @Override
    public BookedRow row(CsvRow row) throws Rejected {
        Rejected.unlessComplete(row, columns);
        if (booked == null) {
            throw new IllegalStateException("the mapping has problems");
        }
        LocalDate day = booked.of(row);
        LocalDate from = valued == null || row.blank(valued.column.index()) ? null : valued.of(row);
        String named = currency(row);
        String code = named == null ? beside(row) : named;
        int digits = digits(code);
        long minor = signed(row, digits);
        Long left = balance == null || balance.blank(row) ? null : balance.of(row, digits);
        String text = description(row);
        String who = text(row, counterparty);
        String ref = text(row, reference);
        boolean formula =
                FormulaCell.is(text) || (who != null && FormulaCell.is(who)) || (ref != null && FormulaCell.is(ref));
        return new BookedRow(
                row.line(),
                day,
                from,
                minor,
                code,
                text,
                who,
                text(row, counterpartyAccount),
                ref,
                left,
                text(row, bankCategory),
                text(row, mcc),
                text(row, account),
                formula);
    }

    // ---- Money

    private long signed(CsvRow row, int digits) throws Rejected {
        if (amount != null && (debit == null || !amount.blank(row))) {
            if (amount.blank(row)) {
                throw new Rejected(amount.column.name(), "missing_amount", "there is no amount");
            }
            long minor = amount.of(row, digits);
            return direction == NONE ? minor : directed(row, minor);
        }
        return halves(row, digits);
    }

    private long directed(CsvRow row, long minor) throws Rejected {
        String word = row.text(direction);
        Direction way = Direction.of(word);
        String column = mapping.columns().get(direction).name();
        if (way == null) {
            throw new Rejected(
                    column, "unknown_direction", "'" + word + "' says neither that money went out nor came in");
        }
        if (way == Direction.IN && minor < 0) {
            throw new Rejected(
                    column,
                    "contradictory_direction",
                    "the amount is below zero, but '" + word + "' is money that came in");
        }
        return way == Direction.OUT ? -Math.abs(minor) : minor;
    }

    private long halves(CsvRow row, int digits) throws Rejected {
        long out = debit == null || debit.blank(row) ? 0 : debit.of(row, digits);
        long in = credit == null || credit.blank(row) ? 0 : credit.of(row, digits);
        if (out != 0 && in != 0) {
            throw new Rejected(name(debit), "debit_and_credit", "the record has both a debit and a credit");
        }
        boolean neither = (debit == null || debit.blank(row)) && (credit == null || credit.blank(row));
        if (neither) {
            throw new Rejected(name(debit), "missing_amount", "the record has neither a debit nor a credit");
        }
        return out != 0 ? -Math.abs(out) : in;
    }

    private static @Nullable String name(@Nullable Money half) {
        return half == null ? null : half.column.name();
    }

    // ---- Currency

    /// As its own column says it; null: there is none, or it is empty.
    private @Nullable String currency(CsvRow row) throws Rejected {
        if (currencies == NONE || row.blank(currencies)) {
            return null;
        }
        int from = row.from(currencies);
        if (row.to(currencies) - from == lastCurrency.length() && isLast(row.chars(), from)) {
            return lastCurrency;
        }
        String word = row.text(currencies).toUpperCase(Locale.ROOT);
        String code = Currencies.of(word);
        if (code == null) {
            throw new Rejected(
                    mapping.columns().get(currencies).name(),
                    "unknown_currency",
                    "'" + word + "' is no currency of ISO 4217");
        }
        lastCurrency = code;
        return code;
    }

    private boolean isLast(char[] text, int from) {
        for (int i = 0; i < lastCurrency.length(); i++) {
            if (text[from + i] != lastCurrency.charAt(i)) {
                return false;
            }
        }
        return !lastCurrency.isEmpty();
    }

    private int digits(@Nullable String code) {
        if (!Objects.equals(code, lastDigitsOf)) {
            lastDigitsOf = code;
            lastDigits = Currencies.digits(code);
        }
        return lastDigits;
    }

    /// As it stands beside the amount or, where nothing does, as it is for all.
    private @Nullable String beside(CsvRow row) {
        for (Money money : new Money[] {amount, debit, credit}) {
            if (money != null && !money.blank(row)) {
                int field = money.column.index();
                String code = money.reading.currencyIn(row.chars(), row.from(field), row.to(field));
                if (code != null) {
                    return code;
                }
            }
        }
        return currency;
    }

    // ---- Texts

    private static @Nullable String text(CsvRow row, int field) {
        return field == NONE || row.blank(field) ? null : row.text(field);
    }

    private String description(CsvRow row) {
        if (description.length == 1) {
            return row.text(description[0]);
        }
        var joined = new StringBuilder();
        for (int field : description) {
            if (!row.blank(field)) {
                joined.append(joined.isEmpty() ? "" : " ").append(row.text(field));
            }
        }
        return joined.toString();
    }
}
