package dev.sluice.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.csv.Overrides;
import dev.sluice.csv.Warning;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappingTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static List<String> codes(List<Warning> warnings) {
        return warnings.stream().map(Warning::code).toList();
    }

    @Test
    void aGermanFileIsMapped() {
        Bank bank = Bank.file(folder, """
                Buchungstag;Valuta;Auftraggeber/Empfänger;Verwendungszweck;Betrag;Währung;Saldo
                02.01.2026;03.01.2026;REWE;Einkauf;-12,50;EUR;100,00
                """);
        assertThat(bank.roles())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "Buchungstag", Role.BOOKED,
                        "Valuta", Role.VALUED,
                        "Auftraggeber/Empfänger", Role.COUNTERPARTY,
                        "Verwendungszweck", Role.DESCRIPTION,
                        "Betrag", Role.AMOUNT,
                        "Währung", Role.CURRENCY,
                        "Saldo", Role.BALANCE));
        assertThat(bank.mapping().problems()).isEmpty();
        assertThat(bank.mapping().warnings()).isEmpty();
    }

    @Test
    void ofTwoWhoMayBeTheCounterpartyThePayeeIs() {
        Bank bank = Bank.file(folder, """
                "Buchungsdatum";"Wertstellung";"Status";"Zahlungspflichtige*r";"Zahlungsempfänger*in";"Verwendungszweck";"Betrag (€)"
                "27.03.26";"27.03.26";"Gebucht";"Ich";"REWE";"Einkauf";"-12,50"
                """);
        assertThat(bank.roles())
                .containsEntry("Zahlungsempfänger*in", Role.COUNTERPARTY)
                .containsEntry("Zahlungspflichtige*r", Role.IGNORE);
    }

    @Test
    void aNameThatIsKnownGoesBeforeOneOfWhichAPartIs() {
        Bank bank = Bank.file(folder, """
                Buchungstag;Wert;Begünstigter / Auftraggeber;Verwendungszweck;IBAN / Kontonummer;Betrag;Abweichender Empfänger;Soll;Haben;Währung
                27.03.2026;28.03.2026;REWE;Einkauf;DE89370400440532013000;-12,50;;-12,50;;EUR
                """);
        assertThat(bank.roles())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "Buchungstag", Role.BOOKED,
                        "Wert", Role.VALUED,
                        "Begünstigter / Auftraggeber", Role.COUNTERPARTY,
                        "Verwendungszweck", Role.DESCRIPTION,
                        "IBAN / Kontonummer", Role.COUNTERPARTY_ACCOUNT,
                        "Betrag", Role.AMOUNT,
                        "Abweichender Empfänger", Role.IGNORE,
                        "Soll", Role.DEBIT,
                        "Haben", Role.CREDIT,
                        "Währung", Role.CURRENCY));
    }

    @Test
    void namesWithoutSpacesAreMapped() {
        Bank bank = Bank.file(folder, """
                dateOp;dateVal;label;category;categoryParent;supplierFound;amount;accountNum;accountbalance
                2026-03-27;2026-03-28;CARTE 26/03/26;Alimentation;Vie quotidienne;rewe;-12,50;00040;1234,56
                """);
        assertThat(bank.roles())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "dateOp", Role.BOOKED,
                        "dateVal", Role.VALUED,
                        "label", Role.DESCRIPTION,
                        "category", Role.BANK_CATEGORY,
                        "categoryParent", Role.IGNORE,
                        "supplierFound", Role.COUNTERPARTY,
                        "amount", Role.AMOUNT,
                        "accountNum", Role.ACCOUNT,
                        "accountbalance", Role.BALANCE));
    }

    @Test
    void anIbanThatVariesIsTheOtherOnesAndOneThatDoesNotIsOnesOwn() {
        String header = "Buchungstag;Verwendungszweck;IBAN;Betrag\n";
        String own = "27.03.2026;Einkauf;DE89370400440532013000;-12,50\n";
        String other = "28.03.2026;Miete;DE02120300000000202051;-700,00\n";
        assertThat(Bank.file(folder, header + own + other).roles()).containsEntry("IBAN", Role.COUNTERPARTY_ACCOUNT);
        assertThat(Bank.file(folder, header + own + own).roles()).containsEntry("IBAN", Role.ACCOUNT);
        assertThat(Bank.file(folder, header.replace("IBAN", "Auftragskonto") + own + other)
                        .roles())
                .containsEntry("Auftragskonto", Role.ACCOUNT);
    }

    @Test
    void valutaIsACurrencyWhereCurrenciesStandThere() {
        Bank bank = Bank.file(
                folder, "Data;Valuta;Descrizione;Importo\n02/13/2026;EUR;Bar;-1,50\n02/14/2026;EUR;Bar;-1,50\n");
        assertThat(bank.roles()).containsEntry("Valuta", Role.CURRENCY);
    }

    @Test
    void theSurestNameWins() {
        Bank bank = Bank.file(
                folder,
                "Date,Posting date,Description,Amount\n2026-01-02,2026-01-03,Bar,-1.50\n2026-01-02,2026-01-03,Bar,2\n");
        assertThat(bank.roles()).containsEntry("Posting date", Role.BOOKED).containsEntry("Date", Role.IGNORE);
    }

    @Test
    void whatIsToldGoesBeforeWhatIsProposed() {
        Bank bank = Bank.file(folder, "Date,Other,Description,Amount\n2026-01-02,7.00,Bar,-1.50\n");
        Mapping mapping = Mapping.propose(bank.survey(), Map.of(" other", Role.AMOUNT, "DESCRIPTION", Role.REFERENCE));
        assertThat(mapping.byName())
                .containsEntry("Other", Role.AMOUNT)
                .containsEntry("Amount", Role.IGNORE)
                .containsEntry("Description", Role.REFERENCE);
        Mapping again = Mapping.propose(bank.survey(), mapping.byName());
        assertThat(again.roles()).isEqualTo(mapping.roles());
    }

    @Test
    void aColumnThatIsNotThereIsNamed() {
        Bank bank = Bank.file(folder, "Date,Description,Amount\n2026-01-02,Bar,-1.50\n");
        Mapping mapping = Mapping.propose(bank.survey(), Map.of("Sum total", Role.AMOUNT));
        assertThat(codes(mapping.problems())).containsExactly("unknown_column");
        assertThat(mapping.problems().getFirst().message())
                .contains("'Sum total'")
                .contains("'Date'");
    }

    @Test
    void columnsWithoutNamesAreToldByWhatTheyHold() {
        Bank bank = Bank.file(folder, "2026-01-02,Coffee at the bar,-1.50\n2026-01-03,Rent,-900.00\n");
        assertThat(bank.mapping().roles()).containsExactly(Role.BOOKED, Role.DESCRIPTION, Role.AMOUNT);
        assertThat(codes(bank.mapping().warnings()))
                .containsExactly("mapped_by_content", "mapped_by_content", "mapped_by_content");
    }

    @Test
    void twoColumnsThatCouldBeTheAmountAreNotGuessed() {
        Bank bank = Bank.file(folder, "2026-01-02,Coffee,-1.50,100.00\n2026-01-03,Rent,-900.00,-800.00\n");
        assertThatThrownBy(() -> bank.check()).isInstanceOfSatisfying(ProblemException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED);
            assertThat(e.problem().details()).containsEntry("reasons", List.of("missing_amount"));
        });
    }

    @Test
    void aDateThatMayBeAnotherIsNotGuessed() {
        Bank bank = Bank.file(folder, "Date,Description,Amount\n03/04/2026,Bar,-1.50\n");
        assertThatThrownBy(() -> bank.check()).isInstanceOfSatisfying(ProblemException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.AMBIGUOUS);
            assertThat(e.problem().details()).containsEntry("reasons", List.of("ambiguous_date_format"));
        });
    }

    @Test
    void anAmountThatMayBeAnotherIsNotGuessed() {
        Bank bank = Bank.file(folder, "Date,Description,Amount\n2026-01-02,Bar,-1.500\n");
        assertThat(codes(bank.mapping().problems())).containsExactly("ambiguous_decimal_mark");
    }

    @Test
    void oneHalfOfTheMoneyIsNotEnough() {
        Bank bank = Bank.file(folder, "Date,Description,Debit\n2026-01-02,Bar,1.50\n");
        assertThat(codes(bank.mapping().problems())).containsExactly("missing_amount");
    }

    @Test
    void amountsWithoutAnySignAreTold() {
        Bank bank = Bank.file(folder, "Date,Description,Amount\n2026-01-02,Bar,1.50\n");
        assertThat(codes(bank.mapping().warnings())).containsExactly("no_negative_amounts");
    }

    @Test
    void theCurrencyMayStandInTheName() {
        Bank bank = Bank.file(folder, "Data;Opis;Kwota (PLN)\n2026-01-02;Bar;-1,50\n");
        assertThat(bank.mapping().currency()).isEqualTo("PLN");
        assertThat(bank.booked(0).currency()).isEqualTo("PLN");
    }

    @Test
    void aHeaderIsKnownAgainHoweverItIsOrderedAndWritten() {
        String first = Bank.file(folder, "Date,Description,Amount\n2026-01-02,Bar,1.50\n")
                .mapping()
                .header();
        String second = Bank.file(folder, "AMOUNT;date;Description\n1,50;2026-01-02;Bar\n")
                .mapping()
                .header();
        String third = Bank.file(folder, "Date,Text,Amount\n2026-01-02,Bar,1.50\n")
                .mapping()
                .header();
        assertThat(second).isEqualTo(first).hasSize(64);
        assertThat(third).isNotEqualTo(first);
    }

    @Test
    void rolesHaveWords() {
        for (Role role : Role.values()) {
            assertThat(Role.of(role.word())).contains(role);
        }
        assertThat(Role.of("nonsense")).isEmpty();
    }

    @Test
    void whatWasSaidOfTheFileCounts() {
        Bank bank = Bank.file(
                folder,
                "Date,Description,Amount\n03/04/2026,Bar,-1.500\n",
                StandardCharsets.UTF_8,
                Overrides.NONE
                        .withDateOrder(dev.sluice.csv.DateOrder.MONTH_FIRST)
                        .withDecimalMark(dev.sluice.csv.DecimalMark.COMMA));
        assertThat(bank.mapping().problems()).isEmpty();
        assertThat(bank.booked(0).booked()).isEqualTo("2026-03-04");
        assertThat(bank.booked(0).amountMinor()).isEqualTo(-150_000);
    }
}
