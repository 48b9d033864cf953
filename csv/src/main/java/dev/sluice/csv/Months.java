package dev.sluice.csv;

import java.util.HashMap;
import java.util.Map;

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
    private static final Map<Long, Integer> MONTHS = months();

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
        return letters < 2 ? 0 : MONTHS.getOrDefault(key, 0);
    }

    private static int letter(char c) {
        int lower = c | 0x20;
        return c < 128 && lower >= 'a' && lower <= 'z' ? lower - 'a' + 1 : 0;
    }

    private static Map<Long, Integer> months() {
        var months = new HashMap<Long, Integer>();
        for (int month = 1; month <= NAMES.length; month++) {
            for (String name : NAMES[month - 1].split(" ")) {
                long key = 0;
                for (int i = 0; i < name.length(); i++) {
                    key = key << BITS | letter(name.charAt(i));
                }
                months.put(key, month);
            }
        }
        return Map.copyOf(months);
    }
}
