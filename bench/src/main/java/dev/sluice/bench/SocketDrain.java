package dev.sluice.bench;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/// A connection to a [SinkProcess]: the job's id, then its bytes. A stop resets it, which drops what the kernel
/// still holds: so the design has it for every provider.
final class SocketDrain implements Drain {
    private final SocketChannel channel;
    private final StopToken stop;
    private final StopToken.Registration registration;

    SocketDrain(SocketAddress sink, String id, StopToken stop) {
        this.stop = stop;
        try {
            channel = SocketChannel.open(sink);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            throw failed("the sink at " + sink + " cannot be reached", e);
        }
        registration = stop.onStop(why -> close());
        take(ByteBuffer.wrap(id.substring(0, SinkProcess.ID_LENGTH).getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    public void take(ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            stop.check();
            throw failed("the sink takes no more bytes", e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw failed("the connection to the sink cannot be closed", e);
        }
    }

    @Override
    public void end() {
        try (registration) {
            channel.setOption(StandardSocketOptions.SO_LINGER, -1);
        } catch (IOException e) {
            throw failed("the connection to the sink cannot be ended", e);
        }
    }

    private static ProblemException failed(String what, IOException cause) {
        return new ProblemException(new Problem(ErrorCode.UPSTREAM_UNAVAILABLE, what), cause);
    }
}
