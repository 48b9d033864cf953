package dev.sluice.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdsTest {
    private static final Instant NOW = Instant.parse("2026-11-01T10:00:00.123Z");
    private final Ids ids = new Ids(Clock.fixed(NOW, ZoneOffset.UTC));

    @Test
    void anIdentityIsAUuidOfVersionSevenWithItsMillisecond() {
        for (int i = 0; i < 100; i++) {
            UUID id = UUID.fromString(ids.job().value());
            assertThat(id.version()).isEqualTo(7);
            assertThat(id.variant()).isEqualTo(2);
            assertThat(id.getMostSignificantBits() >>> 16).isEqualTo(NOW.toEpochMilli());
        }
    }

    @Test
    void identitiesOfLaterMillisecondsSortBehind() {
        var later = new Ids(Clock.fixed(NOW.plusMillis(1), ZoneOffset.UTC));
        assertThat(ids.batch().value()).isLessThan(later.batch().value());
    }

    @Test
    void ofOneMillisecondTheLaterOneSortsBehind() {
        assertThat(IntStream.range(0, 1_000).mapToObj(i -> ids.job().value()).toList())
                .isSorted();
    }

    @Test
    void noTwoAreTheSame() {
        var all = new HashSet<String>();
        IntStream.range(0, 10_000).forEach(i -> all.add(ids.debt().value()));
        IntStream.range(0, 10_000).forEach(i -> all.add(ids.secret()));
        assertThat(all).hasSize(20_000);
    }

    @Test
    void aSecretHasOneHundredTwentyEightBits() {
        assertThat(ids.secret()).matches("[0-9a-f]{32}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "...", ".a", "A-z_0.9", "0123456789012345678901234567890123456789012345678901234567890123"})
    void aClientMayBringAPlainWord(String word) {
        assertThat(Ids.isIdentifier(word)).isTrue();
        assertThat(new JobId(word).value()).isEqualTo(word);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a b",
                "a/b",
                "ä",
                "a\n",
                ".",
                "..",
                "%2e",
                "01234567890123456789012345678901234567890123456789012345678901234"
            })
    void otherWordsAreNoIdentity(String word) {
        assertThat(Ids.isIdentifier(word)).isFalse();
        assertThatThrownBy(() -> new JobId(word)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BatchId(word)).isInstanceOf(IllegalArgumentException.class);
    }
}
