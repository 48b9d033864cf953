package dev.sluice.azure;

import com.azure.core.http.HttpClient;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.util.Context;
import dev.sluice.cloud.Outgoing;
import dev.sluice.cloud.Transport;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Mono;

/// Microsoft's SDK on Sluice's transport. What the SDK does not know of a call, its stop token and its bytes, is bound
/// to the calling thread by [#CALL].
final class SdkTransport implements HttpClient {
    static final ScopedValue<Call> CALL = ScopedValue.newInstance();

    private final Transport transport;
    private final String lane;

    /// @param body the bytes to send
    record Call(StopToken stop, List<ByteBuffer> body) {}

    SdkTransport(Transport transport, String lane) {
        this.transport = transport;
        this.lane = lane;
    }

    @Override
    public HttpResponse sendSync(HttpRequest request, Context context) {
        Call call = CALL.get();
        var outgoing = new Outgoing(
                lane,
                request.getHttpMethod().toString(),
                URI.create(request.getUrl().toString()),
                headers(request.getHeaders()),
                call.body());
        try {
            return new Reply(request, transport.send(outgoing, call.stop()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, List<String>> headers(HttpHeaders headers) {
        var words = new LinkedHashMap<String, List<String>>();
        headers.forEach(header -> words.put(header.getName(), header.getValuesList()));
        return words;
    }

    @Override
    public Mono<HttpResponse> send(HttpRequest request) {
        return Mono.fromCallable(() -> sendSync(request, Context.NONE));
    }
}
