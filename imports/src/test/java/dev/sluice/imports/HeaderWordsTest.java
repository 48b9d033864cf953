package dev.sluice.imports;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeaderWordsTest {
    private final HeaderWords words = HeaderWords.standard();

    private Role role(String name) {
        return words.meaning(name).map(HeaderWords.Meaning::role).orElse(Role.IGNORE);
    }

    @Test
    void namesAreKnownInEightLanguages() {
        for (String name : new String[] {
            "Booking date",
            "Buchungstag",
            "Date comptable",
            "Fecha contable",
            "Boekdatum",
            "Data contabile",
            "Data księgowania",
            "Data de lançamento"
        }) {
            assertThat(role(name)).as(name).isEqualTo(Role.BOOKED);
        }
        for (String name :
                new String[] {"Amount", "Betrag", "Montant", "Importe", "Bedrag", "Importo", "Kwota", "Montante"}) {
            assertThat(role(name)).as(name).isEqualTo(Role.AMOUNT);
        }
        for (String name : new String[] {"Balance", "Saldo", "Solde", "Saldo po operacji", "Saldo contabilístico"}) {
            assertThat(role(name)).as(name).isEqualTo(Role.BALANCE);
        }
    }

    @Test
    void caseAccentsBracketsAndCurrenciesMakeNoDifference() {
        assertThat(role("BUCHUNGSTAG")).isEqualTo(Role.BOOKED);
        assertThat(role("Montant (EUR)")).isEqualTo(Role.AMOUNT);
        assertThat(role("Libelle")).isEqualTo(Role.DESCRIPTION);
        assertThat(role("Betrag EUR")).isEqualTo(Role.AMOUNT);
        assertThat(role("  Kwota   operacji ")).isEqualTo(Role.AMOUNT);
        assertThat(role("Währung")).isEqualTo(Role.CURRENCY);
        assertThat(role("Wahrung")).isEqualTo(Role.CURRENCY);
    }

    @Test
    void aKnownWordAtTheEdgeOfANameIsEnough() {
        assertThat(role("Betrag in EUR")).isEqualTo(Role.AMOUNT);
        assertThat(role("Your reference")).isEqualTo(Role.REFERENCE);
        assertThat(role("Something else")).isEqualTo(Role.IGNORE);
    }

    @Test
    void aCurrencyAloneIsNotNothing() {
        assertThat(HeaderWords.normalized("EUR")).isEqualTo("eur");
        assertThat(HeaderWords.normalized("(x)")).isEqualTo("x");
    }
}
