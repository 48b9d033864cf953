package dev.sluice.csv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.StopToken;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class Utf8Test {
    private static String decoded(byte[] bytes, int room) throws Exception {
        Path file = Files.createTempFile("utf8", ".txt");
        try {
            Files.write(file, bytes);
            var text = new StringBuilder();
            try (var reader =
                    new DecodedFile(file, 0, StandardCharsets.UTF_8, false, false, new StopToken(), read -> {})) {
                var buffer = new char[room];
                int read = reader.read(buffer, 0, room);
                while (read >= 0) {
                    text.append(buffer, 0, read);
                    read = reader.read(buffer, 0, room);
                }
            }
            return text.toString();
        } finally {
            Files.delete(file);
        }
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of("a", "plain text of some length ", "ü", "€", "\ud83d\ude00", "\u00a0", "\uffff", "\n")
                .list()
                .ofMaxSize(40)
                .map(parts -> String.join("", parts));
    }

    @Property(tries = 500)
    void everyTextIsDecodedAsTheJdkDoes(@ForAll("texts") String text) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertThat(decoded(bytes, 8192)).isEqualTo(text);
        assertThat(decoded(bytes, 7)).isEqualTo(text);
    }

    @Property(tries = 500)
    void brokenBytesBecomeTheReplacementAsTheJdkDoes(@ForAll byte[] bytes) throws Exception {
        assertThat(decoded(bytes, 64)).isEqualTo(new String(bytes, StandardCharsets.UTF_8));
    }
}
