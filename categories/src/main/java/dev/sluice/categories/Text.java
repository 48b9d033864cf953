package dev.sluice.categories;

import java.util.Arrays;

/// A bank's text in words: capitals, letters as [Letters] spells them, each word with its kind. It reads at most
/// [#MOST_WORDS] words and [#MOST_LETTERS] letters. Not changed after it was made.
final class Text {
    static final int MOST_WORDS = 48;
    static final int MOST_LETTERS = 400;

    /// Part of the merchant's name.
    static final byte WORD = 0;
    /// See [Noise].
    static final byte NOISE = 1;
    /// Dates, amounts, numbers of stores and cards, references, IBANs.
    static final byte NUMBER = 2;
    /// What follows the name: city, state, country.
    static final byte TAIL = 3;

    private static final int LONGEST_KEY = 64;
    /// What may stand before a word: a gap of three spaces or more, two slashes.
    private static final byte APART = 1;
    /// No space before a word.
    private static final byte GLUED = 2;

    private final char[] letters;
    private final int[] ends;
    private final byte[] digits;
    private final byte[] before;
    private final char[] after;
    private final long[] hashes;
    private final byte[] kinds;
    private int length;
    private int words;

    Text(String text) {
        int most = Math.min(MOST_WORDS, text.length() / 2 + 1);
        letters = new char[Math.min(MOST_LETTERS, text.length() * 2) + 8];
        ends = new int[most];
        digits = new byte[most];
        before = new byte[most];
        after = new char[most];
        hashes = new long[most];
        kinds = new byte[most];
        read(Letters.plain(text));
        classify();
    }

    int words() {
        return words;
    }

    byte kind(int word) {
        return kinds[word];
    }

    long hash(int word) {
        return hashes[word];
    }

    int start(int word) {
        return word == 0 ? 0 : ends[word - 1];
    }

    int end(int word) {
        return ends[word];
    }

    int length(int word) {
        return ends[word] - start(word);
    }

    String word(int word) {
        return new String(letters, start(word), length(word));
    }

    char letter(int at) {
        return letters[at];
    }

    /// How many words name the merchant.
    int named() {
        int named = 0;
        for (int word = 0; word < words; word++) {
            named += kinds[word] == WORD ? 1 : 0;
        }
        return named;
    }

    /// Whether it begins with who passes payments on, and does not say for whom: PayPal (Europe).
    boolean isProcessor() {
        return words > 0 && (Noise.of(hashes[0]) & Noise.LEADING) == Noise.LEADING && after[0] != '*';
    }

    /// The words that name the merchant, parted by spaces; empty where there are none.
    String key() {
        StringBuilder key = new StringBuilder(32);
        for (int word = 0; word < words; word++) {
            if (kinds[word] == WORD && key.length() + length(word) < LONGEST_KEY) {
                if (!key.isEmpty()) {
                    key.append(' ');
                }
                key.append(letters, start(word), length(word));
            }
        }
        return key.toString();
    }

    /// All letters of all words without a space between.
    String joined() {
        return new String(letters, 0, words == 0 ? 0 : ends[words - 1]);
    }

    // ---- reading

    private void read(String text) {
        int begin = 0;
        int spaces = 0;
        byte apart = GLUED;
        boolean dotted = false;
        int size = text.length();
        for (int at = 0; at < size && words < ends.length && length < MOST_LETTERS; at++) {
            char character = text.charAt(at);
            if (character >= 'a' && character <= 'z') {
                letters[length++] = (char) (character - 32);
            } else if ((character >= 'A' && character <= 'Z') || (character >= '0' && character <= '9')) {
                letters[length++] = character;
            } else {
                String spelled = character == ' ' ? " " : Letters.spelled(character);
                if (!spelled.equals(" ")) {
                    for (int part = 0; part < spelled.length(); part++) {
                        letters[length++] = spelled.charAt(part);
                    }
                    spaces = 0;
                    continue;
                }
                if (character == '.' && joins(text, at, begin, dotted)) {
                    dotted = true;
                    continue;
                }
                if (length > begin) {
                    apart = end(begin, apart);
                    begin = length;
                    dotted = false;
                }
                if (Character.isWhitespace(character) || character == '\u00a0') {
                    spaces++;
                    apart &= ~GLUED;
                    if (spaces >= 3) {
                        apart |= APART;
                    }
                } else {
                    spaces = 0;
                    if (character == '/' && at + 1 < size && text.charAt(at + 1) == '/') {
                        apart |= APART;
                    }
                    if (words > 0 && after[words - 1] == 0) {
                        after[words - 1] = character;
                    }
                }
                continue;
            }
            spaces = 0;
        }
        if (length > begin && words < ends.length) {
            end(begin, apart);
        }
    }

    /// Whether a full stop is within an abbreviation: T.G.I., E.Leclerc.
    private boolean joins(String text, int at, int begin, boolean dotted) {
        return (dotted || length - begin == 1)
                && length > begin
                && !isDigit(letters[length - 1])
                && at + 1 < text.length()
                && Character.isLetter(text.charAt(at + 1));
    }

    /// Ends a word; returns how the next one begins.
    private byte end(int begin, byte apart) {
        long hash = Hash.START;
        int numerals = 0;
        for (int at = begin; at < length; at++) {
            hash = Hash.step(hash, letters[at]);
            numerals += isDigit(letters[at]) ? 1 : 0;
        }
        if (isAnd(begin)) {
            length = begin;
            return apart;
        }
        ends[words] = length;
        digits[words] = (byte) Math.min(numerals, 100);
        before[words] = apart;
        hashes[words] = Hash.done(hash);
        words++;
        return GLUED;
    }

    /// "Marks & Spencer" is "Marks and Spencer".
    private boolean isAnd(int begin) {
        return length - begin == 3
                && letters[begin + 1] == 'N'
                && letters[begin + 2] == 'D'
                && (letters[begin] == 'A' || letters[begin] == 'U');
    }

    private static boolean isDigit(char letter) {
        return letter >= '0' && letter <= '9';
    }

    // ---- kinds

    private void classify() {
        boolean named = false;
        boolean tail = false;
        boolean reference = false;
        int processor = -1;
        for (int word = 0; word < words; word++) {
            int noise = Noise.of(hashes[word]);
            tail |= named && (before[word] & APART) != 0;
            byte kind;
            if ((noise & (Noise.REFERENCE | Noise.PURPOSE)) != 0 && after[word] == '+') {
                reference = (noise & Noise.REFERENCE) != 0;
                kind = NOISE;
            } else if (reference) {
                kind = NUMBER;
            } else if (isNumber(word)) {
                kind = NUMBER;
                tail |= named && kinds[word - 1] == WORD;
            } else if ((noise & Noise.DROPPED) != 0 || ((noise & Noise.MONTH) != 0 && besideNumber(word))) {
                kind = NOISE;
            } else if (!named && word + 1 < words && isProcessor(word, noise)) {
                kind = NOISE;
                processor = word;
            } else {
                kind = tail ? TAIL : WORD;
                named = true;
            }
            kinds[word] = kind;
        }
        if (named) {
            dropPlace();
        } else if (processor >= 0) {
            kinds[processor] = WORD;
        }
    }

    private boolean isNumber(int word) {
        int numerals = digits[word];
        if (numerals == 0) {
            return false;
        }
        int size = length(word);
        if (numerals < size) {
            // O2, A2B, H3G are names; DE12 before four digits begins an IBAN.
            boolean account = size == 4 && numerals == 2 && word + 1 < words && digits[word + 1] == 4;
            return account || numerals > 2 || size > (isDigit(letters[start(word)]) ? 3 : 5);
        }
        // 7 Eleven, 99 Ranch: a short number that begins a name.
        boolean begins =
                word == 0 && size <= 2 && words > 1 && digits[1] == 0 && length(1) >= 4 && Noise.of(hashes[1]) == 0;
        return !begins;
    }

    private boolean besideNumber(int word) {
        return (word > 0 && digits[word - 1] > 0) || (word + 1 < words && digits[word + 1] > 0);
    }

    private boolean isProcessor(int word, int noise) {
        return ((noise & Noise.PROCESSOR) != 0 && after[word] == '*') || ((noise & Noise.LEADING) != 0 && word == 0);
    }

    /// Takes the city, the state, the country away from the end of the name, but never the whole name.
    private void dropPlace() {
        int last = before(words);
        int remaining = named();
        if (remaining < 2) {
            return;
        }
        int noise = Noise.of(hashes[last]);
        boolean state = (noise & Noise.STATE) != 0 && remaining >= 2;
        if (state || (noise & Noise.COUNTRY) != 0) {
            kinds[last] = TAIL;
            remaining--;
            last = before(last);
            noise = Noise.of(hashes[last]);
        }
        if (remaining >= 2 && (state || (noise & Noise.CITY) != 0)) {
            kinds[last] = TAIL;
            remaining--;
            last = before(last);
        }
        if (remaining >= 2 && (Noise.of(hashes[last]) & Noise.CITY_FIRST) != 0) {
            kinds[last] = TAIL;
        }
    }

    /// The last word of the name before a word, or -1.
    private int before(int word) {
        int at = word - 1;
        while (at >= 0 && kinds[at] != WORD) {
            at--;
        }
        return at;
    }

    @Override
    public String toString() {
        return key() + " " + Arrays.toString(Arrays.copyOf(kinds, words));
    }
}
