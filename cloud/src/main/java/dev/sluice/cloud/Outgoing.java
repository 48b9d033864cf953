package dev.sluice.cloud;

import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/// A request that is to go out, word by word as it is here: nothing is added but `Content-Length`,
/// to a `PUT`, a `POST` and where one stands among the headers.
///
/// @param lane whose connections it takes: requests of one lane never wait for those of another
/// @param body what is sent, from position to limit of each buffer; the buffers are not touched any more once
///     the [Answer] is closed or the call has thrown
public record Outgoing(String lane, String method, URI uri, Map<String, List<String>> headers, List<ByteBuffer> body) {
    /// The length of the body.
    public long length() {
        return body.stream().mapToLong(ByteBuffer::remaining).sum();
    }
}
