package dev.sluice.categories;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MerchantTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            SQ *BLUE BOTTLE COFFEE OAKLAND CA            | BLUE BOTTLE COFFEE
            TST* LOS PORTALES SAN DIEGO CA               | LOS PORTALES
            PAYPAL *STEAM GAMES                          | STEAM GAMES
            PayPal Spotify                               | SPOTIFY
            SP ALLBIRDS                                  | ALLBIRDS
            ZETTLE_*THE CORNER CAFE                      | THE CORNER CAFE
            POS PURCHASE TESCO STORES 2345 LONDON GB     | TESCO STORES
            CARD 1234 TESCO STORES                       | TESCO STORES
            CARD PAYMENT TO GREGGS PLC,3.20 GBP          | GREGGS
            STARBUCKS STORE 08823 SEATTLE WA             | STARBUCKS STORE
            STARBUCKS SEATTLE WA                         | STARBUCKS
            WHOLE FOODS AUSTIN TX                        | WHOLE FOODS
            AMZN Mktp DE*2K3AB4CD5                       | AMZN MKTP
            REWE SAGT DANKE. 44120//BERLIN/DE 2026-03-02 | REWE
            EDEKA MÜLLER//MÜNCHEN/DE                     | EDEKA MULLER
            KARTENZAHLUNG LIDL 12.03.2026 18:22          | LIDL
            12/03 MERCADONA                              | MERCADONA
            03 MAR LIDL                                  | LIDL
            Bäckerei Groß                                | BACKEREI GROSS
            ŻABKA ŁÓDŹ                                   | ZABKA
            Магнит                                       | MAGNIT
            ΑΒ Βασιλόπουλος                              | AV VASILOPOYLOS
            ＳＴＡＲＢＵＣＫＳ                           | STARBUCKS
            Cafe\u0301 Noir                              | CAFE NOIR
            McDonald's                                   | MCDONALDS
            MARKS & SPENCER                              | MARKS SPENCER
            MARKS AND SPENCER                            | MARKS SPENCER
            H&M                                          | H M
            E.LECLERC DRIVE                              | ELECLERC DRIVE
            7-ELEVEN 33421                               | 7 ELEVEN
            24 HOUR FITNESS                              | 24 HOUR FITNESS
            BP CONNECT 3321                              | BP CONNECT
            O2 UK                                        | O2
            Miete DE12 3456 7890 1234 5678 00            | MIETE
            VODAFONE GMBH EREF+221 MREF+K1 SVWZ+RG 1 Mai | VODAFONE
            CB MONOPRIX PARIS 14/02                      | MONOPRIX
            PARIS BAGUETTE                               | PARIS BAGUETTE
            NAPOLI                                       | NAPOLI
            PAYPAL                                       | PAYPAL
            UBER *EATS HELP.UBER.COM                     | UBER EATS HELP UBER
            """)
    void whatChangesFromOneTransactionToTheNextIsNotPartOfTheName(String text, String merchant) {
        assertThat(Merchant.key(text)).isEqualTo(merchant);
    }

    @ParameterizedTest
    @CsvSource({"''", "12.03.2026", "KARTENZAHLUNG 1234", "***", "SEPA UEBERWEISUNG"})
    void aTextThatNamesNobodyHasNoMerchant(String text) {
        assertThat(Merchant.key(text)).isEmpty();
    }

    @Test
    void theCounterpartyNamesTheMerchantWhereThereIsOne() {
        assertThat(Merchant.key(booking("Rechnung 2231 Mai", "Telekom Deutschland GmbH")))
                .isEqualTo("TELEKOM DEUTSCHLAND");
        assertThat(Merchant.key(booking("NETFLIX.COM", null))).isEqualTo("NETFLIX");
        assertThat(Merchant.key(booking("NETFLIX.COM", " "))).isEqualTo("NETFLIX");
    }

    @Test
    void aCounterpartyThatOnlyPassesPaymentsOnDoesNotNameTheMerchant() {
        assertThat(Merchant.key(booking("Ihr Einkauf bei Spotify", "PayPal Europe")))
                .isEqualTo("SPOTIFY");
        assertThat(Merchant.key(booking("1234567", "PayPal"))).isEqualTo("PAYPAL");
    }

    @Property
    void everyTextHasAKeyOfBoundedLengthInCapitals(@ForAll String text) {
        String key = Merchant.key(text);
        assertThat(key).hasSizeLessThanOrEqualTo(64).doesNotMatch(".*[a-z].*");
        assertThat(Merchant.key(text)).isEqualTo(key);
    }

    @Test
    void aTextOfAMegabyteIsReadInPart() {
        assertThat(Merchant.key("x".repeat(1 << 20).toLowerCase(Locale.ROOT))).isEmpty();
        assertThat(Merchant.key("Rewe ".repeat(1 << 18))).startsWith("REWE REWE");
    }

    private static Booking booking(String description, @Nullable String counterparty) {
        return new Booking(description, counterparty, -100, "EUR", null, null, null);
    }
}
