package dev.sluice.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.BatchId;
import dev.sluice.core.ProblemException;
import dev.sluice.files.HashKind;
import dev.sluice.files.OnCancel;
import dev.sluice.files.Policy;
import dev.sluice.files.Renaming;
import dev.sluice.files.Report;
import dev.sluice.files.Verb;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is asked, told and reported of file operations.
class OperationDocumentsTest {
    private static OperationRequest parse(String json) {
        return OperationRequest.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatIsNotSaidHasItsDefault() {
        OperationRequest copy = parse("{\"operation\":\"copy\",\"sources\":[\"a\"],\"target\":\"b\"}");
        assertThat(copy.policy()).isEqualTo(Policy.FAIL);
        assertThat(copy.verify()).isNull();
        assertThat(copy.power()).isFalse();
        assertThat(copy.onCancel()).isEqualTo(OnCancel.KEEP);
        assertThat(copy.plan()).isFalse();
        assertThat(copy.paths()).containsExactly("a", "b");
        assertThat(parse("{\"operation\":\"move\"}").power()).isTrue();
        assertThat(parse("{\"operation\":\"rename\"}").power()).isTrue();
        assertThat(parse("{\"operation\":\"move\",\"durability\":\"process\"}").power())
                .isFalse();
    }

    @Test
    void everythingThatIsSaidIsInTheSpecification() {
        OperationRequest asked = parse("""
                {"operation":"rename","sources":["a.#.exr"],
                 "rename":{"offset":-3,"padding":5,"case":"lower","separator":"","replace":"x","with":""},
                 "policy":"newer","verify":"sha256","mhl":false,"durability":"power","onCancel":"rollback",
                 "bandwidth":1000,"batch_id":"b.1","plan":true,"base":"/b"}
                """);
        assertThat(asked.batch()).isEqualTo(new BatchId("b.1"));
        assertThat(asked.plan()).isTrue();
        assertThat(asked.base()).isEqualTo("/b");
        var spec = asked.spec("/b", List.of("/r"));
        assertThat(spec.verb()).isEqualTo(Verb.RENAME);
        assertThat(spec.renaming()).isEqualTo(new Renaming(null, -3, 5, Renaming.LetterCase.LOWER, "", "x", ""));
        assertThat(spec.policy()).isEqualTo(Policy.NEWER);
        assertThat(spec.verify()).isEqualTo(HashKind.SHA256);
        assertThat(spec.power()).isTrue();
        assertThat(spec.onCancel()).isEqualTo(OnCancel.ROLLBACK);
        assertThat(spec.bandwidth()).isEqualTo(1000);
        assertThat(spec.within()).containsExactly("/r");
    }

    @Test
    void aManifestNeedsHashes() {
        assertThat(parse("{\"operation\":\"copy\",\"mhl\":true}").verify()).isEqualTo(HashKind.XXH64);
        assertThat(parse("{\"operation\":\"copy\",\"mhl\":true,\"verify\":\"md5\"}")
                        .verify())
                .isEqualTo(HashKind.MD5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"operation\":\"COPY\"}",
                "{\"operation\":\"copy\",\"rename\":{\"padding\":99999999999}}",
                "{\"operation\":\"copy\",\"rename\":\"upper\"}",
                "{\"operation\":\"copy\",\"plan\":1}",
                "{\"operation\":\"copy\",\"durability\":\"\"}",
                "{\"operation\":\"copy\",\"bandwidth\":1.5}",
                "{\"operation\":\"copy\",\"sources\":[\"\"]}"
            })
    void whatIsNoRequestIsRefused(String json) {
        assertThatThrownBy(() -> parse(json)).isInstanceOf(ProblemException.class);
    }

    // ---- The socket

    @Test
    void aPongRepeatsWhatThePingSays() {
        assertThat(pong("{\"type\":\"ping\",\"timestamp\":1732190000123}"))
                .isEqualTo("{\"type\":\"pong\",\"timestamp\":1732190000123}");
        assertThat(pong("{\"type\":\"ping\",\"timestamp\":1.5}")).isEqualTo("{\"type\":\"pong\",\"timestamp\":1.5}");
        assertThat(pong("{\"type\":\"ping\",\"timestamp\":\"a\\\"b\"}"))
                .isEqualTo("{\"type\":\"pong\",\"timestamp\":\"a\\\"b\"}");
        assertThat(pong("{\"type\":\"ping\"}")).isEqualTo("{\"type\":\"pong\",\"timestamp\":7}");
        assertThat(pong("{\"type\":\"ping\",\"timestamp\":{}}")).isEqualTo("{\"type\":\"pong\",\"timestamp\":7}");
    }

    private static String pong(String ping) {
        return ((OperationMessage.Ping) OperationMessage.parse(ping, 7)).answer();
    }

    // ---- Reports

    @Test
    void aReportAsCsvKeepsPathsAndDisarmsMessages() {
        var report = new Report(
                "copy",
                "failed",
                Map.of("failed", 1L, "copied", 1L),
                5,
                1.0,
                List.of(),
                List.of(
                        new Report.Line("/a/=1,\"x\"", "/b/-2\n", "copied", 5L, 1L, 5000L, "xxh64:00", null, null),
                        new Report.Line(
                                "/a/c", "/b/c", "failed", null, null, null, null, "conflict", "=cmd() is no name")));
        assertThat(ReportCsv.text(report))
                .isEqualTo("source,target,state,bytes,millis,rate,hash,code,error\r\n"
                        + "\"/a/=1,\"\"x\"\"\",\"/b/-2\n\",\"copied\",5,1,5000,\"xxh64:00\",,\r\n"
                        + "\"/a/c\",\"/b/c\",\"failed\",,,,,\"conflict\",\"'=cmd() is no name\"\r\n");
    }
}
