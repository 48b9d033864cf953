package dev.sluice.cloud;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.secrets.Vault;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
class KeptTailsTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private KeptTails tails() {
        return KeptTails.in(folder, Vault.in(folder.resolve("key")));
    }

    private static ByteBuffer words(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static String read(KeptTails tails, String upload, long begin) {
        var all = new ByteArrayOutputStream();
        tails.replay(upload, begin, piece -> {
            byte[] bytes = new byte[piece.remaining()];
            piece.get(bytes);
            all.writeBytes(bytes);
        });
        return all.toString(UTF_8);
    }

    private Path file() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".tail"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void aTailGrowsAndIsFoundAgainByTheNextProcess() {
        KeptTails tails = tails();
        tails.add("u", 100, 100, List.of(words("one "), words("two ")));
        tails.add("u", 100, 108, List.of(words("three")));
        assertThat(read(tails(), "u", 100)).isEqualTo("one two three");
        assertThat(read(tails, "u", 0)).isEmpty();
        assertThat(read(tails, "other", 100)).isEmpty();
        tails.forget("u", 100);
        assertThat(read(tails, "u", 100)).isEqualTo("one two three");
        tails.forget("u");
        assertThat(read(tails, "u", 100)).isEmpty();
    }

    @Test
    void nothingOfItCanBeReadInTheFolder() throws Exception {
        tails().add("u", 0, 0, List.of(words("a secret of somebody")));
        assertThat(new String(Files.readAllBytes(file()), UTF_8)).doesNotContain("secret");
        assertThat(Files.getPosixFilePermissions(folder.resolve("key"))).hasSize(2);
    }

    @Test
    void aRecordThatACrashCutShortIsPassedOverAndTheTailGoesOnBeforeIt() throws Exception {
        KeptTails tails = tails();
        tails.add("u", 0, 0, List.of(words("whole ")));
        long whole = Files.size(file());
        tails.add("u", 0, 6, List.of(words("cut short")));
        try (var channel = java.nio.channels.FileChannel.open(file(), StandardOpenOption.WRITE)) {
            channel.truncate(whole + 20);
        }
        assertThat(read(tails, "u", 0)).isEqualTo("whole ");
        tails.add("u", 0, 6, List.of(words("again")));
        assertThat(read(tails, "u", 0)).isEqualTo("whole again");
    }

    @Test
    void whatWasChangedIsNotTakenForTheTail() throws Exception {
        KeptTails tails = tails();
        tails.add("u", 0, 0, List.of(words("whole")));
        byte[] bytes = Files.readAllBytes(file());
        bytes[bytes.length - 1] ^= 1;
        Files.write(file(), bytes);
        assertThat(read(tails, "u", 0)).isEmpty();
    }
}
