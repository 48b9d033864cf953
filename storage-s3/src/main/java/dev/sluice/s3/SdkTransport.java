package dev.sluice.s3;

import dev.sluice.cloud.Answer;
import dev.sluice.cloud.Outgoing;
import dev.sluice.cloud.Transport;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.http.SdkHttpRequest;

/// Amazon's SDK on Sluice's transport. What the SDK does not know of a call, its stop token and its bytes, is bound
/// to the calling thread by [#CALL].
final class SdkTransport implements SdkHttpClient {
    static final ScopedValue<Call> CALL = ScopedValue.newInstance();

    private final Transport transport;
    private final String lane;
    private final boolean plain;

    /// @param body the bytes to send; null where the SDK makes them
    record Call(StopToken stop, @Nullable List<ByteBuffer> body) {}

    /// @param plain whether to speak HTTP without TLS although the SDK has been told `https`: over what it knows
    ///     to be `http` it reads and signs every body first
    SdkTransport(Transport transport, String lane, boolean plain) {
        this.transport = transport;
        this.lane = lane;
        this.plain = plain;
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest asked) {
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                return exchange(asked);
            }

            @Override
            public void abort() {
                // The stop token does it.
            }
        };
    }

    private HttpExecuteResponse exchange(HttpExecuteRequest asked) throws IOException {
        Call call = CALL.isBound() ? CALL.get() : new Call(new StopToken(), null);
        SdkHttpRequest request = asked.httpRequest();
        var outgoing = new Outgoing(
                lane,
                request.method().name(),
                uri(request),
                request.headers(),
                call.body() != null ? call.body() : small(asked));
        Answer answer = transport.send(outgoing, call.stop());
        var head = SdkHttpFullResponse.builder()
                .statusCode(answer.status())
                .statusText(answer.reason())
                .headers(answer.headers())
                .build();
        return HttpExecuteResponse.builder()
                .response(head)
                .responseBody(AbortableInputStream.create(answer.body(), answer::close))
                .build();
    }

    private URI uri(SdkHttpRequest request) {
        URI uri = request.getUri();
        return plain ? URI.create("http" + uri.toString().substring("https".length())) : uri;
    }

    /// What the SDK itself writes: some XML at the most.
    private static List<ByteBuffer> small(HttpExecuteRequest asked) throws IOException {
        var made = asked.contentStreamProvider();
        if (made.isEmpty()) {
            return List.of();
        }
        try (InputStream bytes = made.get().newStream()) {
            return List.of(ByteBuffer.wrap(bytes.readAllBytes()));
        }
    }

    @Override
    public String clientName() {
        return "Sluice";
    }

    /// The transport is its owner's to close.
    @Override
    public void close() {}
}
