package dev.sluice.csv;

import java.util.BitSet;
import java.util.Currency;
import org.jspecify.annotations.Nullable;

/// The codes of ISO 4217, and the signs that mean one of them.
public final class Currencies {
    private static final int LETTERS = 26;
    private static final int USUAL_DIGITS = 2;
    private static final BitSet CODES = codes();

    private Currencies() {}

    /// How many decimals the minor unit of a currency has: 2 for EUR, 0 for JPY, 3 for KWD; 2 where it is not known.
    public static int digits(@Nullable String code) {
        if (code == null || code.length() != 3 || !isCode(code.charAt(0), code.charAt(1), code.charAt(2))) {
            return USUAL_DIGITS;
        }
        int digits = Currency.getInstance(code).getDefaultFractionDigits();
        return digits < 0 ? USUAL_DIGITS : digits;
    }

    public static boolean isCode(String text) {
        return text.length() == 3 && isCode(text.charAt(0), text.charAt(1), text.charAt(2));
    }

    static boolean isCode(char a, char b, char c) {
        return a >= 'A' && a <= 'Z' && b >= 'A' && b <= 'Z' && c >= 'A' && c <= 'Z' && CODES.get(number(a, b, c));
    }

    /// What a word beside amounts means: a code, or the sign of one currency only; null: neither.
    public static @Nullable String of(String word) {
        return switch (word) {
            case "ZŁ", "zł" -> "PLN";
            case "KČ", "Kč" -> "CZK";
            case "FR", "FR.", "SFR", "SFR." -> "CHF";
            case "R$" -> "BRL";
            case "US$" -> "USD";
            default -> isCode(word) ? word : word.length() == 1 ? ofSign(word.charAt(0)) : null;
        };
    }

    /// What a sign means, where it means one currency only: neither `$` nor `¥` nor `kr` does.
    static @Nullable String ofSign(char sign) {
        return switch (sign) {
            case '€' -> "EUR";
            case '£' -> "GBP";
            case '₹' -> "INR";
            case '₽' -> "RUB";
            case '₺' -> "TRY";
            case '₴' -> "UAH";
            case '₪' -> "ILS";
            case '₩' -> "KRW";
            default -> null;
        };
    }

    private static int number(char a, char b, char c) {
        return ((a - 'A') * LETTERS + b - 'A') * LETTERS + c - 'A';
    }

    private static BitSet codes() {
        var codes = new BitSet(LETTERS * LETTERS * LETTERS);
        for (Currency currency : Currency.getAvailableCurrencies()) {
            String code = currency.getCurrencyCode();
            codes.set(number(code.charAt(0), code.charAt(1), code.charAt(2)));
        }
        return codes;
    }
}
