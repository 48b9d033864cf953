package dev.sluice.categories;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The short form of `dev/categorization`: it fails where the figures fall under what docs/categorization.md promises.
class EvaluationTest {
    private static final Evaluation PARTED = Evaluation.byBrand();

    @Test
    void brandsThatTheModelHasNotSeenAreRightAsOftenAsTheStudyFound() {
        Scores twelve = PARTED.modelOverTwelve();
        assertThat(twelve.accuracy()).isGreaterThanOrEqualTo(0.578).isGreaterThan(3 * twelve.majority());
        assertThat(PARTED.modelAlone().accuracy()).isGreaterThanOrEqualTo(0.56);
        assertThat(PARTED.modelAlone().macroF1()).isGreaterThanOrEqualTo(0.5);
    }

    @Test
    void whereTheModelIsSureItIsRight() {
        Scores scores = PARTED.modelAlone();
        assertThat(scores.coverage(Categorizer.SURE)).isGreaterThanOrEqualTo(0.30);
        assertThat(scores.rightAt(Categorizer.SURE)).isGreaterThanOrEqualTo(0.94);
    }

    @Test
    void aConfidenceIsNeverMoreThanHowOftenItIsRight() {
        assertThat(PARTED.modelAlone().bins())
                .filteredOn(bin -> bin.count() >= 100)
                .allSatisfy(bin -> assertThat(bin.right()).isGreaterThan(bin.confidence() - 0.05));
    }

    @Test
    void knownMerchantsAreFoundInWhatBanksMakeOfTheirNames() {
        List<Brand> some = PARTED.known().stream().limit(2_000).toList();
        Scores scores = PARTED.decided(some, Evaluation.noisy());
        assertThat(scores.decided()).isGreaterThanOrEqualTo(0.93);
        assertThat(scores.decidedRight()).isGreaterThanOrEqualTo(0.99);
    }

    @Test
    void theChainIsRightWhereItDecidesOnUnknownMerchants() {
        Scores scores = PARTED.decided(PARTED.unknown(), Evaluation.noisy());
        assertThat(scores.decided()).isGreaterThanOrEqualTo(0.25);
        assertThat(scores.decidedRight()).isGreaterThanOrEqualTo(0.91);
    }

    @Test
    void stringsWrittenByHandAreMostlyRight() {
        Categorizer categorizer = Categorizer.load();
        Scores scores = new Scores(Evaluation.handwritten().stream()
                .map(one -> Outcome.of(one.right(), categorizer.decide(one.booking(), Corrections.NONE)))
                .toList());
        assertThat(scores.count()).isGreaterThanOrEqualTo(200);
        assertThat(scores.decided()).isGreaterThanOrEqualTo(0.65);
        assertThat(scores.decidedRight()).isGreaterThanOrEqualTo(0.94);
    }

    @Test
    void afterOneCorrectionTheNextPaymentIsRightAndOthersAreAsTheyWere() {
        Scores scores = PARTED.correctedAtOneBank(Disguise.GERMAN_CARD);
        assertThat(scores.accuracy()).isGreaterThanOrEqualTo(0.99);

        Map<String, Category> corrected = new HashMap<>();
        PARTED.unknown().forEach(brand -> corrected.put(Merchant.key(brand.name()), Evaluation.right(brand)));
        assertThat(PARTED.known().stream().limit(5_000).map(brand -> Evaluation.paid(brand.name())))
                .filteredOn(booking -> !corrected.containsKey(Merchant.key(booking)))
                .allSatisfy(booking -> assertThat(PARTED.categorizer.decide(booking, corrected::get))
                        .isEqualTo(PARTED.categorizer.decide(booking, Corrections.NONE)));
    }
}
