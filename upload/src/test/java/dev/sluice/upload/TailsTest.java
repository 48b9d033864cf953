package dev.sluice.upload;

import static dev.sluice.upload.TestingNode.bytes;
import static dev.sluice.upload.TestingNode.refuses;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Chunks that are not verified yet.
class TailsTest {
    @TempDir
    Path parent;

    private Tails tails(long most) {
        return Tails.in(parent.resolve("tails"), most);
    }

    private static byte[] replayed(Tail tail) {
        var all = new ByteArrayOutputStream();
        tail.replay(piece -> {
            byte[] copy = new byte[piece.remaining()];
            piece.get(copy);
            all.writeBytes(copy);
        });
        return all.toByteArray();
    }

    @Test
    void givesBackWhatItTookInAnyPieces() {
        byte[] content = bytes(1_000_003);
        try (Tail tail = tails(1 << 20).begin()) {
            int at = 0;
            for (int size = 1; at < content.length; size = size * 3 + 1) {
                int end = Math.min(content.length, at + size);
                ByteBuffer piece = ByteBuffer.wrap(content, at, end - at);
                tail.write(piece);
                assertThat(piece.hasRemaining()).isFalse();
                at = end;
            }
            assertThat(tail.size()).isEqualTo(content.length);
            assertThat(replayed(tail)).isEqualTo(content);
        }
    }

    @Test
    void hasNoNameWhileItIsThere() throws IOException {
        try (Tail tail = tails(1000).begin()) {
            tail.write(ByteBuffer.wrap(bytes(10)));
            try (Stream<Path> files = Files.list(parent.resolve("tails"))) {
                assertThat(files).isEmpty();
            }
        }
    }

    @Test
    void theFolderIsItsOwnersAndSweptAtTheStart() throws IOException {
        tails(10);
        Path folder = parent.resolve("tails");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        Files.write(folder.resolve("tail-left-by-a-crash"), bytes(10));
        tails(10);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void allTogetherHaveOneBound() {
        Tails tails = tails(100);
        try (Tail first = tails.begin();
                Tail second = tails.begin()) {
            first.write(ByteBuffer.wrap(bytes(60)));
            refuses(ErrorCode.OUT_OF_SLOTS, () -> second.write(ByteBuffer.wrap(bytes(41))));
            second.write(ByteBuffer.wrap(bytes(40)));
            assertThat(tails.held()).isEqualTo(100);
            assertThat(replayed(second)).isEqualTo(bytes(40));
        }
        assertThat(tails.held()).isZero();
        refuses(ErrorCode.TOO_LARGE, () -> tails.requireFitting(101));
        tails.requireFitting(100);
        tails.requireFitting(-1);
    }
}
