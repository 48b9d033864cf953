package dev.sluice.scan;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// Of all that a peer can say, one answer at one time means clean.
class ClamdReplyTest {
    private static final byte[] OK = "stream: OK\0".getBytes(ISO_8859_1);

    @Provide
    Arbitrary<String> answers() {
        Arbitrary<String> words = Arbitraries.of(
                "stream: OK",
                "stream: ",
                "OK",
                " FOUND",
                " ERROR",
                "\0",
                "\n",
                "INSTREAM size limit exceeded.",
                "x",
                "(");
        return Arbitraries.oneOf(
                words.list().ofMaxSize(5).map(list -> String.join("", list)),
                Arbitraries.strings().withCharRange('\0', '\u00ff').ofMaxLength(40));
    }

    @Property
    void nothingButTheOneAnswerWithTheWholeFileMeansClean(@ForAll("answers") String answer, @ForAll boolean whole) {
        byte[] said = answer.getBytes(ISO_8859_1);

        ClamdReply reply = ClamdReply.of(said, whole);

        assertThat(reply instanceof ClamdReply.Ok).isEqualTo(whole && Arrays.equals(said, OK));
    }

    @Property
    void whatIsPassedOnCanBePrintedAndEnds(@ForAll("answers") String answer) {
        assertThat(ClamdReply.printable(answer.repeat(20))).matches("[\\x20-\\x7e…]{0,201}");
    }
}
