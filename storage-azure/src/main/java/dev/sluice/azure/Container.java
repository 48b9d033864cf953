package dev.sluice.azure;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.azure.core.credential.AzureSasCredential;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpMethod;
import com.azure.core.http.HttpPipeline;
import com.azure.core.http.HttpPipelineBuilder;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.http.policy.AddDatePolicy;
import com.azure.core.http.policy.AzureSasCredentialPolicy;
import com.azure.core.http.policy.HttpPipelinePolicy;
import com.azure.core.util.Context;
import com.azure.storage.blob.models.Block;
import com.azure.storage.blob.models.BlockList;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.azure.storage.common.policy.StorageSharedKeyCredentialPolicy;
import com.azure.xml.XmlReader;
import dev.sluice.cloud.BackOff;
import dev.sluice.cloud.Made;
import dev.sluice.cloud.StoredObject;
import dev.sluice.cloud.Transport;
import dev.sluice.cloud.Tries;
import dev.sluice.cloud.Unreadable;
import dev.sluice.core.StopToken;
import dev.sluice.storage.ByteRange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;

/// The calls to one container. Each blocks, is cut off by its stop token and, where nothing is in doubt, tried again
/// after a wait. Safe for use by many threads.
///
/// Bodies go with their MD5, which the service compares: it takes a CRC-64 as well, in less time, but Azurite and
/// others that speak its protocol do not.
///
/// All throw [dev.sluice.core.ProblemException] `upstream_…` once trying is over, and [dev.sluice.core.Stopped].
final class Container {
    private static final String VERSION = "2021-12-02";
    private static final HttpHeaderName MS_VERSION = HttpHeaderName.fromString("x-ms-version");
    private static final HttpHeaderName BLOB_TYPE = HttpHeaderName.fromString("x-ms-blob-type");
    private static final HttpHeaderName BLOB_CONTENT_TYPE = HttpHeaderName.fromString("x-ms-blob-content-type");
    /// Whose object it is.
    private static final HttpHeaderName UPLOAD = HttpHeaderName.fromString("x-ms-meta-sluice_upload");
    /// Which upload's blocks an empty blob has come to drive out.
    private static final HttpHeaderName DISCARDS = HttpHeaderName.fromString("x-ms-meta-sluice_discards");

    private final Faults faults;
    private final Tries<Faults.Fault> tries;
    private final HttpPipeline pipeline;
    private final String base;

    /// What stands under a key.
    ///
    /// @param stamp its ETag
    /// @param upload whose object it is, where one of Sluice's uploads made it
    /// @param discards whose blocks it drives out, where it is no object
    /// @param md5 of all its bytes, in Base64, where the service has been told one
    record Standing(
            String key,
            long size,
            String stamp,
            @Nullable String upload,
            @Nullable String discards,
            @Nullable String md5)
            implements StoredObject {}

    /// A block that the service has.
    record Stored(String id, long size) {}

    Container(AzureSettings settings, Transport transport, BackOff backOff, Clock clock) {
        this.faults = new Faults(settings, clock);
        this.tries = new Tries<>(backOff, faults);
        this.pipeline = new HttpPipelineBuilder()
                .httpClient(new SdkTransport(transport, settings.name()))
                .policies(new AddDatePolicy(), credential(settings))
                .build();
        String endpoint = settings.endpoint().toString();
        this.base = (endpoint.endsWith("/") ? endpoint : endpoint + "/") + settings.container() + "/";
    }

    private static HttpPipelinePolicy credential(AzureSettings settings) {
        String token = settings.sasToken();
        if (token != null) {
            boolean secure = "https".equals(settings.endpoint().getScheme());
            return new AzureSasCredentialPolicy(new AzureSasCredential(token), secure);
        }
        return new StorageSharedKeyCredentialPolicy(new StorageSharedKeyCredential(
                String.valueOf(settings.account()), String.valueOf(settings.accountKey())));
    }

    // ------------------------------------------------------------ what is there

    Optional<Standing> look(String key, StopToken stop) {
        return tries.again("look for " + key, stop, () -> {
            try (HttpResponse answer = sent(request(HttpMethod.HEAD, key, ""), stop)) {
                HttpHeaders head = answer.getHeaders();
                return Optional.of(new Standing(
                        key,
                        Long.parseLong(head.getValue(HttpHeaderName.CONTENT_LENGTH)),
                        head.getValue(HttpHeaderName.ETAG),
                        head.getValue(UPLOAD),
                        head.getValue(DISCARDS),
                        head.getValue(HttpHeaderName.CONTENT_MD5)));
            } catch (Faults.Refused e) {
                return absent(e);
            }
        });
    }

    /// The blocks under a key that no commit has taken in, in no order; nothing where there is no blob either.
    Optional<List<Stored>> uncommitted(String key, StopToken stop) {
        return blocks(key, "uncommitted", BlockList::getUncommittedBlocks, stop);
    }

    /// The blocks that a blob is made of, in order; nothing where there is none.
    Optional<List<Stored>> committed(String key, StopToken stop) {
        return blocks(key, "committed", BlockList::getCommittedBlocks, stop);
    }

    private Optional<List<Stored>> blocks(
            String key, String which, Function<BlockList, @Nullable List<Block>> chosen, StopToken stop) {
        String query = "?comp=blocklist&blocklisttype=" + which;
        return tries.again("list the blocks of " + key, stop, () -> {
            try (HttpResponse answer = sent(request(HttpMethod.GET, key, query), stop);
                    XmlReader xml = XmlReader.fromStream(answer.getBodyAsInputStreamSync())) {
                List<Block> blocks = chosen.apply(BlockList.fromXml(xml));
                return Optional.of(blocks == null ? List.of() : stored(blocks));
            } catch (XMLStreamException e) {
                throw new UncheckedIOException(new IOException("a list of blocks breaks off or is none", e));
            } catch (Faults.Refused e) {
                // A blob of another type: it is none of ours and has no blocks.
                return e.fault().is("InvalidBlobType") ? Optional.of(List.of()) : absent(e);
            }
        });
    }

    private static List<Stored> stored(List<Block> blocks) {
        return blocks.stream()
                .map(block -> new Stored(block.getName(), block.getSizeLong()))
                .toList();
    }

    private static <T> Optional<T> absent(Faults.Refused e) {
        if (e.fault().absent()) {
            return Optional.empty();
        }
        throw e;
    }

    // ------------------------------------------------------------ making objects

    /// One try to put an object.
    Made put(
            String key,
            String upload,
            String contentType,
            List<ByteBuffer> body,
            String md5,
            boolean free,
            StopToken stop) {
        HttpRequest put = request(HttpMethod.PUT, key, "")
                .setHeader(BLOB_TYPE, "BlockBlob")
                .setHeader(HttpHeaderName.CONTENT_MD5, md5);
        return once("store " + key, object(put, upload, contentType, free), body, stop);
    }

    /// One try to make an object of its blocks.
    Made commit(String key, String upload, String contentType, List<String> blocks, boolean free, StopToken stop) {
        List<ByteBuffer> list = list(blocks);
        HttpRequest put =
                request(HttpMethod.PUT, key, "?comp=blocklist").setHeader(HttpHeaderName.CONTENT_MD5, md5(list));
        return once("complete " + key, object(put, upload, contentType, free), list, stop);
    }

    private static HttpRequest object(HttpRequest put, String upload, String contentType, boolean free) {
        put.setHeader(BLOB_CONTENT_TYPE, contentType).setHeader(UPLOAD, upload);
        return free ? put.setHeader(HttpHeaderName.IF_NONE_MATCH, "*") : put;
    }

    private static List<ByteBuffer> list(List<String> blocks) {
        var xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>");
        blocks.forEach(id -> xml.append("<Uncommitted>").append(id).append("</Uncommitted>"));
        return List.of(UTF_8.encode(xml.append("</BlockList>").toString()));
    }

    private Made once(String doing, HttpRequest put, List<ByteBuffer> body, StopToken stop) {
        return tries.once(
                doing,
                stop,
                Faults.Fault::unmet,
                fault -> fault.passing() || fault.is("InvalidBlockList"),
                () -> sent(put, body, stop).close());
    }

    /// Stores a block.
    void block(String key, String id, List<ByteBuffer> body, StopToken stop) {
        String query = "?comp=block&blockid=" + URLEncoder.encode(id, UTF_8);
        String md5 = md5(body);
        tries.again("send a block of " + key, stop, () -> {
            sent(request(HttpMethod.PUT, key, query).setHeader(HttpHeaderName.CONTENT_MD5, md5), body, stop)
                    .close();
            return true;
        });
    }

    // ------------------------------------------------------------ taking away

    /// Puts an empty blob under a free key, which drives out all blocks that lie there.
    ///
    /// @return whether the key was free, or this has been done before
    boolean driveOut(String key, String upload, StopToken stop) {
        List<ByteBuffer> none = list(List.of());
        return tries.again("discard the blocks of " + key, stop, () -> {
            HttpRequest put = request(HttpMethod.PUT, key, "?comp=blocklist")
                    .setHeader(HttpHeaderName.CONTENT_MD5, md5(none))
                    .setHeader(HttpHeaderName.IF_NONE_MATCH, "*")
                    .setHeader(DISCARDS, upload);
            try (HttpResponse done = sent(put, none, stop)) {
                return done.getStatusCode() > 0;
            } catch (Faults.Refused e) {
                return met(e);
            }
        });
    }

    /// Deletes this very object; one that is not there does no harm, and another one stays.
    ///
    /// @return whether it is gone: false where something else stands there, or it has been written to
    boolean delete(Standing object, StopToken stop) {
        return tries.again("delete " + object.key(), stop, () -> {
            HttpRequest delete =
                    request(HttpMethod.DELETE, object.key(), "").setHeader(HttpHeaderName.IF_MATCH, object.stamp());
            try (HttpResponse done = sent(delete, stop)) {
                return done.getStatusCode() > 0;
            } catch (Faults.Refused e) {
                return e.fault().absent() || met(e);
            }
        });
    }

    private static boolean met(Faults.Refused e) {
        if (e.fault().unmet()) {
            return false;
        }
        throw e;
    }

    // ------------------------------------------------------------ reading

    /// Opens a run of an object's bytes.
    ///
    /// @param tag that it must have, or null
    HttpResponse read(String key, @Nullable String tag, ByteRange range, StopToken stop) {
        return tries.again("read " + key, stop, () -> {
            HttpRequest get = request(HttpMethod.GET, key, "")
                    .setHeader(HttpHeaderName.RANGE, "bytes=" + range.first() + "-" + (range.end() - 1));
            if (tag != null) {
                get.setHeader(HttpHeaderName.IF_MATCH, tag);
            }
            try {
                return sent(get, stop);
            } catch (Faults.Refused e) {
                throw switch (e.fault().status()) {
                    case 412 ->
                        e.fault().lease()
                                ? e
                                : look(key, stop).isPresent() ? Unreadable.changed(key) : Unreadable.notFound(key);
                    case 416 -> Unreadable.beyond(key, range);
                    case 404 -> e.fault().noContainer() ? e : Unreadable.notFound(key);
                    default -> e;
                };
            }
        });
    }

    // ------------------------------------------------------------ one call

    private HttpRequest request(HttpMethod method, String key, String query) {
        return new HttpRequest(method, base + encoded(key) + query).setHeader(MS_VERSION, VERSION);
    }

    private static String encoded(String key) {
        return Stream.of(key.split("/", -1))
                .map(part -> URLEncoder.encode(part, UTF_8).replace("+", "%20").replace("*", "%2A"))
                .collect(Collectors.joining("/"));
    }

    private HttpResponse sent(HttpRequest request, StopToken stop) {
        return sent(request, List.of(), stop);
    }

    private HttpResponse sent(HttpRequest request, List<ByteBuffer> body, StopToken stop) {
        stop.check();
        long length = body.stream().mapToLong(ByteBuffer::remaining).sum();
        // What is signed must be what is sent: nothing may be filled in on the way.
        request.setHeader(HttpHeaderName.CONTENT_LENGTH, Long.toString(length));
        if (length > 0) {
            request.setHeader(HttpHeaderName.CONTENT_TYPE, "application/octet-stream");
        }
        HttpResponse answer = ScopedValue.where(SdkTransport.CALL, new SdkTransport.Call(stop, body))
                .call(() -> pipeline.sendSync(request, Context.NONE));
        if (answer.getStatusCode() >= 300) {
            throw faults.refused(answer);
        }
        return answer;
    }

    /// As headers carry it, in Base64.
    static String md5(List<ByteBuffer> body) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            body.forEach(bytes -> digest.update(bytes.duplicate()));
            return Base64.getEncoder().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }
}
