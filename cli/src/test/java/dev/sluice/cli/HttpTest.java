package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@NullMarked
@Timeout(30)
class HttpTest {
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @BeforeEach
    void folder() throws IOException {
        // Short: the path of a socket has 108 bytes at the most.
        folder = Files.createTempDirectory("http");
    }

    @AfterEach
    void clear() throws IOException {
        Files.deleteIfExists(folder.resolve("s"));
        Files.delete(folder);
    }

    @Test
    void aServerThatDiesUnderABodySaysWhatHappened() throws IOException {
        var socket = folder.resolve("s");
        try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            try (var exchange = Http.open(new Endpoint.Unix(socket), "PUT", "/", Map.of(), Long.MAX_VALUE)) {
                try (var accepted = listener.accept()) {
                    accepted.read(ByteBuffer.allocate(16));
                }
                var failure = catchThrowableOfType(IOException.class, () -> sendFor(exchange));
                assertThat(failure).hasMessageContaining("the connection ended: ");
                assertThat(failure.getMessage()).doesNotContain("null");
            }
        }
    }

    @Test
    void whoGivesUpSaysWhy() throws IOException {
        var socket = folder.resolve("s");
        try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            try (var exchange = Http.open(new Endpoint.Unix(socket), "PUT", "/", Map.of(), Long.MAX_VALUE)) {
                exchange.giveUp("nothing moved");
                assertThat(catchThrowableOfType(IOException.class, () -> sendFor(exchange)))
                        .hasMessageContaining("nothing moved");
            }
        }
    }

    @Test
    void aCauseWithoutWordsGetsSome() {
        assertThat(Failure.why(new ClosedChannelException())).isEqualTo("the connection was closed");
        assertThat(Failure.why(new IOException("reset"))).isEqualTo("reset");
        assertThat(Failure.why(new IllegalStateException())).isEqualTo("IllegalStateException");
    }

    private static void sendFor(Http exchange) throws IOException {
        var bytes = new byte[64 * 1024];
        while (true) {
            exchange.write(bytes, bytes.length);
        }
    }
}
