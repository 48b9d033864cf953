package dev.sluice.csv;

/// The names of months and what they are shortened to, in English, German, French, Spanish, Dutch, Italian, Polish and
/// Portuguese. Letters outside of ASCII are passed over, in names and in what is looked up: so it needs no encoding to
/// be known, and no two months become one.
final class Months {
    private static final int BITS = 5;
    private static final int MOST = 12;
    private static final String[] NAMES = {
        "january jan januar jnner janvier janv enero ene januari gennaio gen stycze stycznia sty janeiro",
        "february feb februar februari fvrier fvr fv febrero febbraio luty lutego lut fevereiro fev",
        "march mar mrz mrs mars marzo maart mrt marzec marca maro",
        "april apr avril avr abril abr aprile kwiecie kwietnia kwi",
        "may mai mayo mei maggio mag maj maja maio",
        "june jun juni juin junio giugno giu czerwiec czerwca cze junho",
        "july jul juli juillet juil julio luglio lug lipiec lipca lip julho",
        "august aug aot ao agosto ago augustus sierpie sierpnia sie",
        "september sep sept septembre septiembre settembre set wrzesie wrzenia wrz setembro",
        "october oct oktober okt octobre octubre ottobre ott padziernik padziernika pa pa outubro out",
        "november nov novembre noviembre listopad listopada lis novembro",
        "december dec dezember dez dcembre dc diciembre dic dicembre grudzie grudnia gru dezembro"
    };
    /// A power of two, with room for four times as many names as there are.
    private static final int PLACES = 1 << 9;
    private static final long[] KEYS = new long[PLACES];
    private static final byte[] MONTHS = new byte[PLACES];

    static {
        for (int month = 1; month <= NAMES.length; month++) {
            for (String name : NAMES[month - 1].split(" ")) {
                put(name, month);
            }
        }
    }

    private Months() {}

    /// @return 1 to 12, or 0 where it is no month
    static int of(char[] text, int from, int to) {
        long key = 0;
        int letters = 0;
        for (int i = from; i < to; i++) {
            int letter = letter(text[i]);
            if (letter > 0) {
                if (++letters > MOST) {
                    return 0;
                }
                key = key << BITS | letter;
            }
        }
        return letters < 2 ? 0 : MONTHS[place(key)];
    }

    private static int letter(char c) {
        int lower = c | 0x20;
        return c < 128 && lower >= 'a' && lower <= 'z' ? lower - 'a' + 1 : 0;
    }

    private static void put(String name, int month) {
        long key = 0;
        for (int i = 0; i < name.length(); i++) {
            key = key << BITS | letter(name.charAt(i));
        }
        int place = place(key);
        KEYS[place] = key;
        MONTHS[place] = (byte) month;
    }

    /// Where that name stands, or would.
    private static int place(long key) {
        long mixed = key * 0x9e37_79b9_7f4a_7c15L;
        int place = (int) (mixed >>> (Long.SIZE - 9));
        while (KEYS[place] != 0 && KEYS[place] != key) {
            place = (place + 1) & (PLACES - 1);
        }
        return place;
    }
}
