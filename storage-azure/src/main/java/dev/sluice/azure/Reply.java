package dev.sluice.azure;

import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpMethod;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.util.FluxUtil;
import dev.sluice.cloud.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// An answer as Microsoft's SDK wants to see it.
final class Reply extends HttpResponse {
    private final Answer answer;
    private final HttpHeaders headers;
    private final InputStream body;

    Reply(HttpRequest request, Answer answer) {
        super(request);
        this.answer = answer;
        this.headers = new HttpHeaders().setAll(answer.headers());
        this.body = answer.body();
    }

    @Override
    public int getStatusCode() {
        return answer.status();
    }

    @Override
    @Deprecated
    public @Nullable String getHeaderValue(String name) {
        return headers.getValue(HttpHeaderName.fromString(name));
    }

    @Override
    public HttpHeaders getHeaders() {
        return headers;
    }

    @Override
    public InputStream getBodyAsInputStreamSync() {
        return body;
    }

    @Override
    public Flux<ByteBuffer> getBody() {
        return FluxUtil.toFluxByteBuffer(body);
    }

    @Override
    public Mono<byte[]> getBodyAsByteArray() {
        return Mono.fromCallable(body::readAllBytes);
    }

    @Override
    public Mono<String> getBodyAsString() {
        return getBodyAsString(StandardCharsets.UTF_8);
    }

    @Override
    public Mono<String> getBodyAsString(Charset charset) {
        return getBodyAsByteArray().map(bytes -> new String(bytes, charset));
    }

    /// Keeps the connection where little of the body is left. To a `HEAD` there is none, whatever length is told.
    @Override
    public void close() {
        try (body) {
            if (getRequest().getHttpMethod() == HttpMethod.HEAD) {
                int end = body.read();
                assert end < 0;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
