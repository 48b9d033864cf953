package dev.sluice.google;

import com.google.api.client.http.HttpTransport;
import com.google.api.client.http.LowLevelHttpRequest;
import com.google.api.client.http.LowLevelHttpResponse;
import dev.sluice.cloud.Answer;
import dev.sluice.cloud.Outgoing;
import dev.sluice.cloud.Transport;
import dev.sluice.core.StopToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Google's auth library on Sluice's transport. The stop token, of which the library does not know, is bound to the
/// calling thread by [#STOP].
final class AuthTransport extends HttpTransport {
    static final ScopedValue<StopToken> STOP = ScopedValue.newInstance();

    private final Transport transport;
    private final String lane;

    AuthTransport(Transport transport, String lane) {
        this.transport = transport;
        this.lane = lane;
    }

    @Override
    protected LowLevelHttpRequest buildRequest(String method, String url) {
        return new Request(method, URI.create(url));
    }

    private final class Request extends LowLevelHttpRequest {
        private final String method;
        private final URI uri;
        private final Map<String, List<String>> headers = new LinkedHashMap<>();

        Request(String method, URI uri) {
            this.method = method;
            this.uri = uri;
        }

        @Override
        public void addHeader(String name, String value) {
            headers.computeIfAbsent(name, first -> new ArrayList<>()).add(value);
        }

        @Override
        public LowLevelHttpResponse execute() throws IOException {
            var body = new ByteArrayOutputStream();
            if (getStreamingContent() != null) {
                getStreamingContent().writeTo(body);
                if (getContentType() != null) {
                    addHeader("Content-Type", getContentType());
                }
                if (getContentEncoding() != null) {
                    addHeader("Content-Encoding", getContentEncoding());
                }
            }
            // Nothing is unpacked on the way back.
            headers.keySet().removeIf(name -> name.equalsIgnoreCase("Accept-Encoding"));
            List<ByteBuffer> bytes = body.size() == 0 ? List.of() : List.of(ByteBuffer.wrap(body.toByteArray()));
            StopToken stop = STOP.isBound() ? STOP.get() : new StopToken();
            return new Response(transport.send(new Outgoing(lane, method, uri, headers, bytes), stop));
        }
    }

    private static final class Response extends LowLevelHttpResponse {
        private final Answer answer;
        private final List<Map.Entry<String, String>> headers = new ArrayList<>();

        Response(Answer answer) {
            this.answer = answer;
            answer.headers().forEach((name, values) -> values.forEach(value -> headers.add(Map.entry(name, value))));
        }

        @Override
        public InputStream getContent() {
            return answer.body();
        }

        private @Nullable String header(String name) {
            return headers.stream()
                    .filter(header -> header.getKey().equalsIgnoreCase(name))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public @Nullable String getContentEncoding() {
            return header("Content-Encoding");
        }

        @Override
        public long getContentLength() {
            String length = header("Content-Length");
            return length == null ? -1 : Long.parseLong(length);
        }

        @Override
        public @Nullable String getContentType() {
            return header("Content-Type");
        }

        @Override
        public String getStatusLine() {
            return "HTTP/1.1 " + answer.status() + " " + answer.reason();
        }

        @Override
        public int getStatusCode() {
            return answer.status();
        }

        @Override
        public String getReasonPhrase() {
            return answer.reason();
        }

        @Override
        public int getHeaderCount() {
            return headers.size();
        }

        @Override
        public String getHeaderName(int index) {
            return headers.get(index).getKey();
        }

        @Override
        public String getHeaderValue(int index) {
            return headers.get(index).getValue();
        }

        @Override
        public void disconnect() {
            answer.close();
        }
    }
}
