package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.eclipse.jetty.util.Fields;
import org.junit.jupiter.api.Test;

class DownloadLinksTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    private Instant made = Instant.ofEpochSecond(0, 7_000);

    private final DownloadLinks links = new DownloadLinks(
            (context, text) -> "signed-" + text.replace(' ', '-'),
            Duration.ofHours(24),
            null,
            () -> "http://localhost",
            Clock.fixed(NOW, ZoneOffset.UTC),
            id -> Optional.of(made),
            (link, job, created) -> job.value().equals("revoked"));

    private String open(String path, long expires, String signature) {
        var query = new Fields(true);
        query.put("expires", Long.toString(expires));
        query.put("signature", signature);
        return links.open(path, query).job().value();
    }

    @Test
    void aLinkLeadsToItsJobWhateverTheFileIsCalled() {
        long later = NOW.getEpochSecond() + 1;
        assertThat(open("/d/j1/film.mp4", later, "signed-j1-7-" + later)).isEqualTo("j1");
        assertThat(open("/d/j1/else/where", later, "signed-j1-7-" + later)).isEqualTo("j1");
        assertThat(open("/d/j1", later, "signed-j1-7-" + later)).isEqualTo("j1");
    }

    @Test
    void aLinkOfARemovedJobDoesNotLeadToTheNextThatHasItsId() {
        long later = NOW.getEpochSecond() + 1;
        assertThat(open("/d/j1/film.mp4", later, "signed-j1-7-" + later)).isEqualTo("j1");
        made = made.plusMillis(1);
        assertThatThrownBy(() -> open("/d/j1/film.mp4", later, "signed-j1-7-" + later))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.FORBIDDEN));
    }

    @Test
    void anExpiredLinkSaysWhatToDo() {
        long now = NOW.getEpochSecond();
        assertThatThrownBy(() -> open("/d/j1/film.mp4", now, "signed-j1-7-" + now))
                .isInstanceOfSatisfying(ProblemException.class, gone -> {
                    assertThat(gone.code()).isEqualTo(ErrorCode.GONE);
                    assertThat(gone.problem().message())
                            .contains("2026-11-21T12:00:00Z", "/api/v1/download/stream/j1", "download.link-age");
                });
    }

    @Test
    void whatWeHaveNotSignedIsRefusedBeforeItsTimeIsLookedAt() {
        long before = NOW.getEpochSecond() - 10;
        for (String signature : new String[] {"", "signed-j2-7-" + before, "signed-j1-7-" + before + "0"}) {
            assertThatThrownBy(() -> open("/d/j1/film.mp4", before, signature))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.FORBIDDEN));
        }
        assertThatThrownBy(() -> links.open("/d/j1/film.mp4", new Fields(true))).isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> open("/d//film.mp4", before, "signed--7-" + before))
                .isInstanceOf(ProblemException.class);
    }
}
