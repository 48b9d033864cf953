package dev.sluice.categories;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CategorizerTest {
    private static final Categorizer CATEGORIZER = Categorizer.load();

    @Test
    void aCorrectionWinsOverEverything() {
        Corrections corrections = Map.of("NETFLIX", Category.BILLS)::get;
        Booking booking = new Booking("NETFLIX.COM MONTHLY FEE", "Netflix", -999, "EUR", "Entertainment", "5411", "us");
        Decision decision = CATEGORIZER.decide(booking, corrections);
        assertThat(decision.category()).isEqualTo(Category.BILLS);
        assertThat(decision.source()).isEqualTo(Source.USER);
        assertThat(decision.confidence()).isEqualTo(1);
        assertThat(decision.merchant()).isEqualTo("NETFLIX");
    }

    @Test
    void aCorrectionHoldsForTheNextTransactionOfThatMerchantAndForNoOther() {
        Corrections corrections = Map.of("GASTHAUS HIRSCH", Category.SERVICES)::get;
        assertThat(CATEGORIZER
                        .decide(paid("GASTHAUS HIRSCH 8812//PASSAU/DE 2026-04-02"), corrections)
                        .source())
                .isEqualTo(Source.USER);
        assertThat(CATEGORIZER
                        .decide(paid("GASTHAUS LAMM 8812//PASSAU/DE"), corrections)
                        .source())
                .isNotEqualTo(Source.USER);
    }

    @Test
    void wordsOfTheMovementComeBeforeTheBanksCategory() {
        Decision decision = decide(bank("KONTOFUEHRUNG 03/2026", -500, "Shopping groceries", null));
        assertThat(decision.category()).isEqualTo(Category.FEES);
        assertThat(decision.source()).isEqualTo(Source.RULE);
    }

    @Test
    void theBanksCategoryComesBeforeTheCodeAndBeforeTheBrand() {
        Decision decision = decide(bank("REWE 4412", -500, "Essen & Trinken", "5411"));
        assertThat(decision.category()).isEqualTo(Category.EATING_OUT);
        assertThat(decision.source()).isEqualTo(Source.BANK);
    }

    @Test
    void aCategoryThatSaysNothingLeavesTheDecisionToTheCodeAndAfterItToTheBrand() {
        assertThat(decide(bank("REWE 4412", -500, "Sonstiges", "5812")).category())
                .isEqualTo(Category.EATING_OUT);
        Decision decision = decide(bank("REWE 4412", -500, "Sonstiges", "9700"));
        assertThat(decision.category()).isEqualTo(Category.GROCERIES);
        assertThat(decision.source()).isEqualTo(Source.BRAND);
    }

    @ParameterizedTest
    @CsvSource({"5411,GROCERIES", "3001,TRAVEL", "742,HEALTH", "0742,HEALTH", "' 5812 ',EATING_OUT", "9311,SERVICES"})
    void aMerchantCategoryCodeDecides(String code, Category category) {
        Decision decision = decide(bank("QXZV", -500, null, code));
        assertThat(decision.category()).isEqualTo(category);
        assertThat(decision.source()).isEqualTo(Source.BANK);
    }

    @ParameterizedTest
    @CsvSource({"abcd", "''", "99999", "-1", "0001"})
    void aCodeThatIsNoneSaysNothing(String code) {
        assertThat(decide(bank("QXZV", -500, null, code)).source()).isNotEqualTo(Source.BANK);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            LOHN/GEHALT 03/2026         |  1 | INCOME
            DEUTSCHE RENTENVERSICHERUNG |  1 | INCOME
            INTEREST                    |  1 | INTEREST
            INTEREST                    | -1 | FEES
            ATM WITHDRAWAL 0021         | -1 | BANKING
            Miete April                 | -1 | BILLS
            UMBUCHUNG TAGESGELD         | -1 | TRANSFER
            UMBUCHUNG TAGESGELD         |  1 | TRANSFER
            ACME RENT A CAR             | -1 | TRAVEL
            ERSTATTUNG ACME             |  1 | REFUND
            REWE 4412                   |  1 | REFUND
            """)
    void theDirectionDecidesWhatAWordMeans(String text, long amount, Category category) {
        Decision decision = decide(bank(text, amount, null, null));
        assertThat(decision.category()).isEqualTo(category);
        assertThat(decision.source()).isEqualTo(Source.RULE);
    }

    @Test
    void moneyFromSomebodyUnknownIsLeftToTheOwner() {
        Decision decision = decide(bank("QXZV GMBH", 100_000, null, null));
        assertThat(decision.category()).isEqualTo(Category.UNCATEGORIZED);
        assertThat(decision.suggestions())
                .extracting(Suggestion::category)
                .containsExactly(Category.INCOME, Category.TRANSFER, Category.REFUND);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            KARTENZAHLUNG LIDL DIENSTLEISTUNG 3421 KOELN | GROCERIES
            STARBUCKS STORE 08823 SEATTLE WA             | EATING_OUT
            BURGERKING 331 ROMA                          | EATING_OUT
            CB MONOPRIX 1203                              | GROCERIES
            HORNBACH BAUMARKT AG FIL. 331                | HOME
            """)
    void aKnownBrandDecides(String text, Category category) {
        Decision decision = decide(paid(text));
        assertThat(decision.category()).isEqualTo(category);
        assertThat(decision.source()).isEqualTo(Source.BRAND);
    }

    @ParameterizedTest
    @CsvSource({"HIRSCH APOTHEKE,HEALTH", "RISTORANTE PIZZERIA DA GIGI,EATING_OUT"})
    void aMerchantThatNobodyKnowsIsLeftToTheModel(String text, Category category) {
        Decision decision = decide(paid(text));
        assertThat(decision.category()).isEqualTo(category);
        assertThat(decision.source()).isIn(Source.MODEL, Source.BRAND);
    }

    @Test
    void whoIsNotSureSaysSoAndSuggestsThree() {
        Decision decision = decide(paid("QUVONDA"));
        assertThat(decision.category()).isEqualTo(Category.UNCATEGORIZED);
        assertThat(decision.source()).isEqualTo(Source.NONE);
        assertThat(decision.confidence()).isLessThan(Categorizer.SURE);
        assertThat(decision.suggestions())
                .hasSize(3)
                .isSortedAccordingTo(
                        Comparator.comparingDouble(Suggestion::confidence).reversed());
    }

    @Test
    void aBrandOfSeveralKindsIsAsSureAsItsLargestShare() {
        Brand both = new Brand(
                "Quvonda",
                List.of("Quvonda"),
                List.of(
                        new Brand.Sense(Category.GROCERIES, 1, Set.of("de")),
                        new Brand.Sense(Category.TRANSPORT, 1, Set.of("fr"))),
                true);
        Categorizer categorizer = Evaluation.categorizer(new Brands(List.of(both)), Model.load());
        Decision nowhere =
                categorizer.decide(new Booking("QUVONDA", null, -1, "EUR", null, null, null), Corrections.NONE);
        assertThat(nowhere.category()).isEqualTo(Category.UNCATEGORIZED);
        assertThat(nowhere.suggestions())
                .extracting(Suggestion::category)
                .contains(Category.GROCERIES, Category.TRANSPORT);
        Decision there =
                categorizer.decide(new Booking("QUVONDA", null, -1, "EUR", null, null, "FR"), Corrections.NONE);
        assertThat(there.category()).isEqualTo(Category.TRANSPORT);
        assertThat(there.source()).isEqualTo(Source.BRAND);
    }

    @Test
    void everyCategoryHasAWordThatStays() {
        assertThat(Arrays.stream(Category.values()).map(Category::word))
                .containsExactly(
                        "groceries",
                        "eating_out",
                        "transport",
                        "travel",
                        "clothing",
                        "home",
                        "electronics",
                        "health",
                        "personal_care",
                        "leisure",
                        "shopping",
                        "bills",
                        "services",
                        "banking",
                        "fees",
                        "income",
                        "refund",
                        "interest",
                        "transfer",
                        "uncategorized");
        for (Category category : Category.values()) {
            assertThat(Category.of(category.word())).isEqualTo(category);
        }
        assertThat(Category.of("GROCERIES")).isNull();
    }

    @Test
    void manyThreadsDecideAsOneDoes() {
        List<Booking> bookings = Evaluation.handwritten().stream()
                .map(Evaluation.Written::booking)
                .toList();
        List<Decision> alone = bookings.stream().map(CategorizerTest::decide).toList();
        assertThat(IntStream.range(0, 8)
                        .parallel()
                        .mapToObj(thread ->
                                bookings.stream().map(CategorizerTest::decide).toList()))
                .allMatch(alone::equals);
    }

    @Property
    void anyTextGetsADecisionThatHoldsTogether(@ForAll String text, @ForAll long amount, @ForAll boolean upper) {
        String description = upper ? text.toUpperCase(Locale.ROOT) : text;
        Decision decision = decide(bank(description, amount, description, null));
        assertThat(decision.confidence()).isBetween(0.0, 1.0);
        assertThat(decision.suggestions()).hasSizeLessThanOrEqualTo(3);
        assertThat(decision.category() == Category.UNCATEGORIZED).isEqualTo(decision.source() == Source.NONE);
        assertThat(decision.modelVersion()).matches("c1-[0-9a-f]{8}");
    }

    private static Decision decide(Booking booking) {
        return CATEGORIZER.decide(booking, Corrections.NONE);
    }

    private static Booking paid(String text) {
        return bank(text, -1_000, null, null);
    }

    private static Booking bank(String text, long amount, @Nullable String category, @Nullable String code) {
        return new Booking(text, null, amount, "EUR", category, code, null);
    }
}
