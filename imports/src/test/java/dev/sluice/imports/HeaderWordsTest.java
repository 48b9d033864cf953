package dev.sluice.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HeaderWordsTest {
    private static final Set<String> LANGUAGES = Set.of("en", "de", "fr", "es", "nl", "it", "pl", "pt");

    /// As they stand in files that banks hand out; a name may be more than one language's.
    private static final String NAMES = """
            en booked: Date | Transaction Date | Posting Date | Booking Date | Post Date | Completed Date | Trans. Date | Date posted | Processed Date | Settlement Date
            de booked: Buchungstag | Buchungsdatum | Buchung | Datum | Umsatzdatum | Transaktionsdatum | Bu.Tag | Buchungs-Datum
            fr booked: Date | Date opération | Date de l'opération | Date comptable | Date de comptabilisation | dateOp | Date d'exécution | Date de transaction
            es booked: Fecha | Fecha operación | F. Operación | Fecha contable | Fecha de la operación | Fecha Oper. | Fecha de transacción
            nl booked: Datum | Boekdatum | Boekingsdatum | Transactiedatum | Uitvoeringsdatum | Datum transactie
            it booked: Data | Data contabile | Data operazione | Data_Operazione | Data registrazione | Data contabilizzazione
            pl booked: Data operacji | Data księgowania | Data transakcji | #Data operacji | Data zaksięgowania | Data
            pt booked: Data | Data mov. | Data lançamento | Data operação | Data Lanc. | Data movimento | Data da operação | Data do Lançamento
            en valued: Value Date | Effective Date | Interest Date
            de valued: Valuta | Valutadatum | Wertstellung | Wertstellungsdatum (Valuta) | Wert | Wertstellungstag
            fr valued: Date de valeur | Date valeur | dateVal | Valeur
            es valued: Fecha valor | F. Valor | F.Valor | Fecha de valor
            nl valued: Rentedatum | Valutadatum
            it valued: Data valuta | Data_Valuta | Valuta
            pl valued: Data waluty | Data efektywna
            pt valued: Data valor | Data-valor | Data de valor | Data Val.
            en amount: Amount | Amount (GBP) | Transaction Amount | Value | Amount in EUR | Net Amount | Billing Amount
            de amount: Betrag | Umsatz | Betrag (€) | Betrag in EUR | Betrag (EUR) | Umsatz in EUR | Buchungsbetrag
            fr amount: Montant | Montant de l'opération | Montant operation en euro | Montant(EUROS) | Montant net
            es amount: Importe | Importe (€) | Importe operación | Cantidad | Monto | Importe EUR
            nl amount: Bedrag | Bedrag (EUR) | Transactiebedrag | Bedrag EUR
            it amount: Importo | Importo (EUR) | Importo in euro | Importo operazione
            pl amount: Kwota | Kwota operacji | #Kwota | Kwota transakcji (waluta rachunku) | Kwota w PLN
            pt amount: Valor | Montante | Valor em EUR | Valor (R$) | Importância | Montante( EUR )
            en debit: Debit | Debit Amount | Money Out | Paid out | Paid out (£) | Withdrawals | Withdrawal Amt. | Debit Amount (GBP)
            de debit: Soll | Belastung | Lastschrift | Lastschrift in CHF | Ausgaben | Belastung CHF
            fr debit: Débit | Debit | Débit euros | Débit (€) | Dépenses | Montant débit
            es debit: Cargo | Cargos | Debe | Gastos | Adeudo | Retiros | Débito
            nl debit: Debet | Af | Uitgaven | Afschrijving
            it debit: Dare | Addebiti | Uscite | Addebiti (euro) | Addebito
            pl debit: Obciążenia | Obciążenie | Wydatki | Wypłaty
            pt debit: Débito | Débitos | Débito (R$) | Saídas | Despesas
            en credit: Credit | Credit Amount | Money In | Paid in | Paid in (£) | Deposits | Deposit Amt. | Credit Amount (GBP)
            de credit: Haben | Gutschrift | Gutschrift in CHF | Einnahmen | Gutschrift CHF
            fr credit: Crédit | Credit | Crédit euros | Crédit (€) | Recettes | Montant crédit
            es credit: Abono | Abonos | Haber | Ingresos | Depósitos | Crédito
            nl credit: Credit | Bij | Inkomsten | Bijschrijving
            it credit: Avere | Accrediti | Entrate | Accrediti (euro) | Accredito
            pl credit: Uznania | Uznanie | Wpływy | Wpłaty
            pt credit: Crédito | Créditos | Crédito (R$) | Entradas | Receitas
            en direction: Debit/Credit | Credit Debit Indicator | Dr/Cr | Debit or Credit | CR/DR | Credit/Debit
            de direction: Soll/Haben | S/H | Soll/Haben-Kennzeichen | Soll-/Haben-Kennzeichen | Vorzeichen | Debit/Credit-Kennzeichen
            fr direction: Sens | Débit/Crédit | Sens de l'opération | D/C
            es direction: Debe/Haber | Cargo/Abono | Signo | Abono/Cargo
            nl direction: Af Bij | Af/Bij | Bij/Af | Debet/Credit | Debet Credit
            it direction: Dare/Avere | Segno
            pl direction: Obciążenie/Uznanie | Strona | Strona operacji
            pt direction: Débito/Crédito | D/C | Sinal | Crédito/Débito
            en currency: Currency | Currency Code | Ccy | Account Currency | Transaction Currency
            de currency: Währung | Waehrung | Whg | Kontowährung | Whrg.
            fr currency: Devise | Monnaie | Devise du compte | Devise de l'opération
            es currency: Divisa | Moneda | Divisa cuenta
            nl currency: Munt | Muntsoort | Valuta code | Devies | Munteenheid
            it currency: Divisa | Valuta conto
            pl currency: Waluta | Waluta operacji | Waluta rachunku
            pt currency: Moeda | Divisa | Moeda da conta
            en description: Description | Transaction Description | Details | Narrative | Memo | Particulars | Payment Details | Transaction Details | Narration
            de description: Verwendungszweck | Buchungstext | Text | Buchungs-Info | Beschreibung | Avisierungstext | Vorgang/Verwendungszweck | Mitteilung
            fr description: Libellé | Libelle operation | Libellé simplifié | Détail de l'écriture | Communication | label | Nature de l'opération | Libellés
            es description: Concepto | Descripción | Movimiento | Observaciones | Concepto ampliado | Más datos | Detalle
            nl description: Omschrijving | Mededelingen | Naam / Omschrijving | Omschrijving-1 | Vrije mededeling | Gestructureerde mededeling
            it description: Descrizione | Causale | Descrizione operazione | Descrizione_Completa | Operazione | Dettagli | Descrizione operazioni
            pl description: Tytuł | Opis operacji | Opis transakcji | #Opis operacji | Tytułem | Szczegóły transakcji | Opis | #Tytuł
            pt description: Descrição | Descritivo | Histórico | Descrição do movimento | Lançamento | Detalhes | Movimento
            en counterparty: Counterparty | Counter Party | Payee | Partner Name | Merchant Name | Beneficiary Name | Payer | Name | Payee Name | Other Party
            de counterparty: Auftraggeber/Empfänger | Begünstigter / Auftraggeber | Name Zahlungsbeteiligter | Zahlungsempfänger*in | Partnername | Beguenstigter/Zahlungspflichtiger | Empfänger | Auftraggeber / Begünstigter
            fr counterparty: Nom de la contrepartie | Contrepartie | Bénéficiaire | Tiers | Nom contrepartie | supplierFound | Donneur d'ordre
            es counterparty: Beneficiario | Ordenante | Beneficiario/Ordenante | Contraparte | Comercio | Destinatario
            nl counterparty: Naam tegenpartij | Tegenpartij | Naam | Naam begunstigde | Begunstigde
            it counterparty: Controparte | Ordinante | Beneficiario | Beneficiario/Ordinante | Destinatario | Nome controparte
            pl counterparty: Kontrahent | Nadawca / Odbiorca | Dane kontrahenta | Odbiorca/Zleceniodawca | #Nadawca/Odbiorca | Nazwa odbiorcy | Zleceniodawca
            pt counterparty: Beneficiário | Favorecido | Ordenante | Destinatário | Nome do beneficiário | Contraparte
            en counterparty_account: Counterparty Account | Partner IBAN | Beneficiary Account | Counterparty account number | Payee Account Number | Counterparty IBAN
            de counterparty_account: IBAN Zahlungsbeteiligter | Kontonummer/IBAN | IBAN / Kontonummer | Gegenkonto | Partner IBAN | IBAN des Auftraggebers/Empfängers
            fr counterparty_account: Compte contrepartie | Compte de la contrepartie | Compte bénéficiaire | Compte partie adverse | IBAN bénéficiaire
            es counterparty_account: Cuenta destino | Cuenta beneficiario | Cuenta de destino | IBAN beneficiario | Cuenta contraparte
            nl counterparty_account: Tegenrekening | Tegenrekening IBAN/BBAN | Rekening tegenpartij | IBAN tegenpartij
            it counterparty_account: IBAN controparte | Conto controparte | IBAN beneficiario | IBAN ordinante
            pl counterparty_account: Rachunek kontrahenta | Nr rachunku kontrahenta | Numer rachunku odbiorcy | Rachunek docelowy | Na konto/Z konta
            pt counterparty_account: Conta destino | Conta beneficiário | Conta de destino | IBAN do beneficiário | IBAN destino
            en reference: Reference | Transaction ID | Bank Reference | Payment Reference | Customer Reference | Reference Number | Check or Slip # | Cheque Number
            de reference: Kundenreferenz (End-to-End) | Kundenreferenz | Buchungsreferenz | Referenz | Transaktions-Nr. | Referenznummer | Zahlungsreferenz | Belegnummer
            fr reference: Référence | Numéro de transaction | Numéro de mouvement | Numéro de référence | N° de séquence | Reference | Numéro d'opération
            es reference: Referencia | Número de referencia | Nº operación | Referencia 1 | Número de operación | Nº de documento
            nl reference: Transactiereferentie | Betalingskenmerk | Volgnr | Kenmerk | Transactienummer | Referentie
            it reference: Riferimento | CRO | Numero operazione | TRN | Numero riferimento | Codice riferimento
            pl reference: Numer referencyjny | Nr transakcji | Numer transakcji | Referencje | ID transakcji
            pt reference: Referência | Identificador | Docto. | Número do documento | Número de referência | N.º documento
            en balance: Balance | Running Balance | Account Balance | Balance (GBP) | Running Bal. | Closing Balance | Available balance | Current balance
            de balance: Saldo | Kontostand | Saldo nach Buchung | Saldo in CHF | Saldo (€) | Neuer Saldo
            fr balance: Solde | Solde après opération | accountbalance | Solde (EUR) | Nouveau solde
            es balance: Saldo | Saldo (€) | Disponible | Saldo disponible | Saldo contable
            nl balance: Saldo | Saldo na mutatie | Saldo na trn | Eindsaldo | Saldo na boeking
            it balance: Saldo | Saldo contabile | Saldo disponibile | Saldo finale
            pl balance: Saldo po operacji | Saldo po transakcji | Saldo | #Saldo po operacji | Saldo rachunku
            pt balance: Saldo | Saldo contabilístico | Saldo disponível | Saldo após | Saldo (R$) | Saldos (R$) | Saldo em EUR
            en bank_category: Category | Spending Category | Transaction Category | Category name
            de bank_category: Kategorie | Umsatzkategorie | Hauptkategorie
            fr bank_category: Catégorie | Categorie | category | Sous catégorie | Catégorie opération
            es bank_category: Categoría | Subcategoría
            nl bank_category: Categorie | Rubriek | Categorienaam
            it bank_category: Categoria | Categoria operazione
            pl bank_category: Kategoria | #Kategoria | Kategoria operacji
            pt bank_category: Categoria | Categoria da transação
            en mcc: MCC | Merchant Category Code | MCC Code
            de mcc: MCC | MCC-Code | Branchencode
            fr mcc: MCC | Code MCC
            es mcc: MCC | Código MCC
            nl mcc: MCC | MCC-code
            it mcc: MCC | Codice MCC
            pl mcc: MCC | Kod MCC
            pt mcc: MCC | Código MCC
            en account: Account | Account Number | Account No. | IBAN | Account No | Own account
            de account: Auftragskonto | IBAN Auftragskonto | Konto | Kontonummer | IBAN Auftraggeberkonto | IBAN Kontoinhaber | Eigenes Konto
            fr account: Compte | Numéro de compte | accountNum | N° de compte | N° compte
            es account: Cuenta | Número de cuenta | Nº de cuenta | Nº cuenta
            nl account: Rekening | Rekeningnummer | IBAN/BBAN | Eigen rekening
            it account: Conto | Numero conto | Conto o carta | Conto corrente | N. conto
            pl account: Rachunek | Numer rachunku | Nr rachunku | Konto | Numer rachunku/karty
            pt account: Conta | Número da conta | Número de conta | N.º conta | Conta à ordem
            """;

    private final HeaderWords words = HeaderWords.standard();

    private Role role(String name) {
        return words.meaning(name).map(HeaderWords.Meaning::role).orElse(Role.IGNORE);
    }

    /// @param of a language and a role
    private record Cell(String of, List<String> names) {
        static Cell read(String line) {
            int colon = line.indexOf(": ");
            return new Cell(
                    line.substring(0, colon),
                    Stream.of(line.substring(colon + 2).split("\\|"))
                            .map(String::strip)
                            .toList());
        }

        String role() {
            return of.substring(3);
        }
    }

    private static Stream<Cell> cells() {
        return NAMES.lines().map(Cell::read);
    }

    static Stream<Arguments> table() {
        return cells().map(cell -> argumentSet(cell.of(), cell.role(), cell.names()));
    }

    @ParameterizedTest
    @MethodSource("table")
    void whatABankCallsAColumnIsItsRole(String role, List<String> names) {
        assertThat(names)
                .allSatisfy(name -> assertThat(role(name).word()).as(name).isEqualTo(role));
    }

    @Test
    void everyRoleIsKnownInEightLanguages() {
        Set<String> all = LANGUAGES.stream()
                .flatMap(language -> Stream.of(Role.values())
                        .filter(role -> role != Role.IGNORE)
                        .map(role -> language + " " + role.word()))
                .collect(Collectors.toSet());
        assertThat(cells().map(Cell::of)).containsExactlyInAnyOrderElementsOf(all);
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
        assertThat(HeaderWords.normalized(" #Kwota (PLN)")).isEqualTo("kwota");
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
