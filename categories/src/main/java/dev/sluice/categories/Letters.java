package dev.sluice.categories;

import java.text.Normalizer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/// How letters are spelled in capitals A–Z and digits: Latin ones without their marks, Greek and Cyrillic ones by
/// sound.
/// Letters of other scripts stay as they are.
final class Letters {
    private static final int TABLE = 0x530;
    private static final String CYRILLIC =
            "А:A Б:B В:V Г:G Д:D Е:E Ж:ZH З:Z И:I Й:I К:K Л:L М:M Н:N О:O П:P Р:R С:S Т:T"
                    + " У:U Ф:F Х:KH Ц:TS Ч:CH Ш:SH Щ:SHCH Ъ: Ы:Y Ь: Э:E Ю:YU Я:YA Ё:E Є:YE І:I Ї:I Ґ:G Ђ:DJ Ј:J Љ:LJ Њ:NJ Ћ:C Џ:DZ";
    private static final String GREEK =
            "Α:A Β:V Γ:G Δ:D Ε:E Ζ:Z Η:I Θ:TH Ι:I Κ:K Λ:L Μ:M Ν:N Ξ:X Ο:O Π:P Ρ:R Σ:S Τ:T Υ:Y" + " Φ:F Χ:CH Ψ:PS Ω:O";
    private static final String LATIN = "ẞ:SS Æ:AE Œ:OE Ø:O Ł:L Đ:D Ð:D Þ:TH Ħ:H ı:I Ŋ:NG ß:SS";
    private static final String[] SPELLED = spelled();

    private Letters() {}

    /// How a character is spelled: empty for a mark that belongs to the letter before it or for an apostrophe, a space
    /// for what stands between words.
    static String spelled(char character) {
        if (character < TABLE) {
            return SPELLED[character];
        }
        if (character == '’' || character == '‘' || character == '\u200b' || character == '\u2060') {
            return "";
        }
        if (character == 'ẞ') {
            return "SS";
        }
        return Character.isLetterOrDigit(character) ? String.valueOf(character) : " ";
    }

    /// The text with each character in its plain form: full-width letters and composed ones that the table does not
    /// know.
    static String plain(String text) {
        for (int at = 0; at < text.length(); at++) {
            if (text.charAt(at) >= TABLE) {
                return Normalizer.normalize(text, Normalizer.Form.NFKC).toUpperCase(Locale.ROOT);
            }
        }
        return text;
    }

    private static String[] spelled() {
        Map<String, String> given = new HashMap<>();
        for (String pair : (CYRILLIC + " " + GREEK + " " + LATIN).split(" ")) {
            int colon = pair.indexOf(':');
            given.put(pair.substring(0, colon), pair.substring(colon + 1));
        }
        String[] spelled = new String[TABLE];
        for (char character = 0; character < TABLE; character++) {
            spelled[character] = spell(character, given);
        }
        return spelled;
    }

    private static String spell(char character, Map<String, String> given) {
        if (character == '\'' || character == '`' || character == '´' || character == 'ʼ') {
            return "";
        }
        StringBuilder letters = new StringBuilder();
        String own = String.valueOf(character);
        String upper = given.containsKey(own) ? own : own.toUpperCase(Locale.ROOT);
        String parts = given.containsKey(upper) ? upper : Normalizer.normalize(upper, Normalizer.Form.NFKD);
        boolean mark = !parts.isEmpty();
        for (int at = 0; at < parts.length(); at++) {
            char part = parts.charAt(at);
            mark &= Character.getType(part) == Character.NON_SPACING_MARK;
            if (given.containsKey(String.valueOf(part))) {
                letters.append(given.get(String.valueOf(part)));
            } else if (Character.isLetterOrDigit(part)) {
                letters.append(part);
            }
        }
        if (letters.isEmpty()) {
            return mark || given.containsKey(upper) ? "" : " ";
        }
        return letters.toString();
    }
}
