package dev.sluice.s3;

import dev.sluice.cloud.BackOff;
import dev.sluice.cloud.Made;
import dev.sluice.cloud.StoredObject;
import dev.sluice.cloud.Transport;
import dev.sluice.cloud.Tries;
import dev.sluice.cloud.Unreadable;
import dev.sluice.core.StopToken;
import dev.sluice.storage.ByteRange;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.ChecksumType;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.ListPartsResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// The calls to one bucket. Each blocks, is cut off by its stop token and, where nothing is in doubt, tried again
/// after a wait. Safe for use by many threads.
///
/// All throw [dev.sluice.core.ProblemException] `upstream_…` once trying is over, and [dev.sluice.core.Stopped].
final class Bucket implements AutoCloseable {
    static final String ID = "sluice-upload";

    private final S3Settings settings;
    private final Faults faults;
    private final Tries<Faults.Fault> tries;
    private final S3Client client;

    /// What stands under a key.
    ///
    /// @param upload whose object it is, where one of Sluice's uploads made it
    /// @param crc32 of all its bytes, where the service knows it
    record Standing(
            String key,
            long size,
            String tag,
            @Nullable String version,
            @Nullable String upload,
            @Nullable Long crc32) implements StoredObject {
        @Override
        public String stamp() {
            return version == null ? tag : tag + " " + version;
        }
    }

    /// A part that the service has.
    record Stored(
            int number, long size, String tag, @Nullable Long crc32) {}

    Bucket(S3Settings settings, Transport transport, BackOff backOff) {
        this.settings = settings;
        this.faults = new Faults(settings);
        this.tries = new Tries<>(backOff, faults);
        URI endpoint = settings.endpoint();
        boolean plain = endpoint != null && "http".equals(endpoint.getScheme());
        var builder = S3Client.builder()
                .httpClient(new SdkTransport(transport, settings.name(), plain))
                .region(Region.of(settings.region()))
                .credentialsProvider(credentials(settings))
                .forcePathStyle(settings.pathStyle())
                .overrideConfiguration(all -> all.retryStrategy(once -> once.maxAttempts(1)))
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
        if (endpoint != null) {
            builder.endpointOverride(plain ? secured(endpoint) : endpoint);
        }
        this.client = builder.build();
    }

    private static AwsCredentialsProvider credentials(S3Settings settings) {
        String access = settings.accessKey();
        String secret = settings.secretKey();
        return access == null || secret == null
                ? ofEnvironment()
                : StaticCredentialsProvider.create(AwsBasicCredentials.create(access, secret));
    }

    private static AwsCredentialsProvider ofEnvironment() {
        AwsCredentialsProvider all = DefaultCredentialsProvider.builder().build();
        var given = new AtomicBoolean();
        return () -> {
            try {
                AwsCredentials known = all.resolveCredentials();
                given.set(true);
                return known;
            } catch (SdkClientException e) {
                // Where there were some before, they are away for a moment only.
                throw given.get() ? e : new Faults.NoCredentials(e);
            }
        };
    }

    /// The same place as `https`, for the SDK: see [SdkTransport].
    private static URI secured(URI plain) {
        int port = plain.getPort() < 0 ? 80 : plain.getPort();
        return URI.create("https://" + plain.getHost() + ":" + port + plain.getRawPath());
    }

    Optional<Standing> look(String key, StopToken stop) {
        return again("look for " + key, stop, () -> found(key));
    }

    private Optional<Standing> found(String key) {
        try {
            HeadObjectResponse head = client.headObject(
                    ask -> ask.bucket(settings.bucket()).key(key).checksumMode(ChecksumMode.ENABLED));
            boolean whole = head.checksumType() == ChecksumType.FULL_OBJECT
                    || (head.checksumCRC32() != null && !multipart(head));
            return Optional.of(new Standing(
                    key,
                    head.contentLength(),
                    head.eTag(),
                    head.versionId() == null || head.versionId().equals("null") ? null : head.versionId(),
                    head.metadata().get(ID),
                    whole ? crc32(head.checksumCRC32()) : null));
        } catch (RuntimeException e) {
            Faults.Fault fault = faults.of(e);
            if (fault.status() == 404 && !fault.is("NoSuchBucket")) {
                return Optional.empty();
            }
            if (fault.status() == 400 || fault.status() == 403) {
                askForWords(key);
            }
            throw e;
        }
    }

    /// An answer to a HEAD has no body, and so a refusal no words: a GET is refused with some.
    private void askForWords(String key) {
        client.getObject(ask -> ask.bucket(settings.bucket()).key(key).range("bytes=0-0"))
                .abort();
    }

    private static boolean multipart(HeadObjectResponse head) {
        return head.eTag().contains("-");
    }

    /// One try to put an object.
    Made put(
            String key,
            String upload,
            String contentType,
            List<ByteBuffer> body,
            long crc32,
            boolean free,
            StopToken stop) {
        return once(
                "store " + key,
                body,
                stop,
                () -> client.putObject(
                        put -> put.bucket(settings.bucket())
                                .key(key)
                                .contentType(contentType)
                                .contentLength(length(body))
                                .metadata(Map.of(ID, upload))
                                .checksumCRC32(written(crc32))
                                .ifNoneMatch(free ? "*" : null),
                        RequestBody.empty()));
    }

    /// One try to make an object of its parts.
    Made complete(String key, String uploadId, List<CompletedPart> parts, long crc32, boolean free, StopToken stop) {
        return once(
                "complete " + key,
                null,
                stop,
                () -> client.completeMultipartUpload(complete -> complete.bucket(settings.bucket())
                        .key(key)
                        .uploadId(uploadId)
                        .checksumType(ChecksumType.FULL_OBJECT)
                        .checksumCRC32(written(crc32))
                        .ifNoneMatch(free ? "*" : null)
                        .multipartUpload(all -> all.parts(parts))));
    }

    private Made once(String doing, @Nullable List<ByteBuffer> body, StopToken stop, Supplier<?> call) {
        return tries.once(
                doing,
                stop,
                fault -> fault.status() == 412 || fault.is("PreconditionFailed"),
                // What has landed does not get better by being put together again.
                fault -> fault.is("NoSuchUpload") || (fault.passing() && (body != null || !fault.damaged())),
                () -> bound(stop, body, call::get));
    }

    /// A multipart upload that was begun.
    ///
    /// @param alone false where it took more than one try, each of which may have begun one
    record Begun(String uploadId, boolean alone) {}

    /// Begins a multipart upload.
    Begun begin(String key, String upload, String contentType, StopToken stop) {
        var asked = new AtomicInteger();
        String id = again("begin " + key, stop, () -> {
            asked.incrementAndGet();
            return client.createMultipartUpload(create -> create.bucket(settings.bucket())
                            .key(key)
                            .contentType(contentType)
                            .metadata(Map.of(ID, upload))
                            .checksumAlgorithm(ChecksumAlgorithm.CRC32)
                            .checksumType(ChecksumType.FULL_OBJECT))
                    .uploadId();
        });
        return new Begun(id, asked.get() == 1);
    }

    /// Stores a part.
    ///
    /// @return the service's tag for it
    String part(String key, String uploadId, int number, List<ByteBuffer> body, long crc32, StopToken stop) {
        return again(
                "send part " + number + " of " + key,
                stop,
                body,
                () -> client.uploadPart(
                                part -> part.bucket(settings.bucket())
                                        .key(key)
                                        .uploadId(uploadId)
                                        .partNumber(number)
                                        .contentLength(length(body))
                                        .checksumCRC32(written(crc32)),
                                RequestBody.empty())
                        .eTag());
    }

    /// The parts that the service has, in order; nothing where it does not know the upload.
    Optional<List<Stored>> parts(String key, String uploadId, StopToken stop) {
        var stored = new ArrayList<Stored>();
        var marker = new AtomicReference<@Nullable Integer>();
        while (true) {
            Optional<ListPartsResponse> page = again(
                    "list the parts of " + key,
                    stop,
                    () -> known(() -> client.listParts(list -> list.bucket(settings.bucket())
                            .key(key)
                            .uploadId(uploadId)
                            .partNumberMarker(marker.get()))));
            if (page.isEmpty()) {
                return Optional.empty();
            }
            for (Part part : page.get().parts()) {
                stored.add(new Stored(part.partNumber(), part.size(), part.eTag(), crc32(part.checksumCRC32())));
            }
            Integer next = page.get().nextPartNumberMarker();
            if (!Boolean.TRUE.equals(page.get().isTruncated()) || next == null || next.equals(marker.get())) {
                return Optional.of(stored);
            }
            marker.set(next);
        }
    }

    /// The multipart uploads of exactly this key that were begun within that time.
    List<String> uploads(String key, Instant from, Instant to, StopToken stop) {
        var ids = new ArrayList<String>();
        var keyMarker = new AtomicReference<@Nullable String>();
        var idMarker = new AtomicReference<@Nullable String>();
        while (true) {
            ListMultipartUploadsResponse page = again(
                    "list the uploads of " + key,
                    stop,
                    () -> client.listMultipartUploads(list -> list.bucket(settings.bucket())
                            .prefix(key)
                            .keyMarker(keyMarker.get())
                            .uploadIdMarker(idMarker.get())));
            for (MultipartUpload upload : page.uploads()) {
                Instant begun = upload.initiated();
                if (upload.key().equals(key) && (begun == null || (!begun.isBefore(from) && !begun.isAfter(to)))) {
                    ids.add(upload.uploadId());
                }
            }
            String next = page.nextKeyMarker();
            if (!Boolean.TRUE.equals(page.isTruncated()) || next == null || next.compareTo(key) > 0) {
                return ids;
            }
            keyMarker.set(next);
            idMarker.set(page.nextUploadIdMarker());
        }
    }

    /// Takes a multipart upload away; one that is not there does no harm.
    void abort(String key, String uploadId, StopToken stop) {
        again(
                "abort the upload of " + key,
                stop,
                () -> known(() -> client.abortMultipartUpload(
                        abort -> abort.bucket(settings.bucket()).key(key).uploadId(uploadId))));
    }

    /// Deletes an object, or where it has versions this very one; one that is not there does no harm.
    void delete(Standing object, StopToken stop) {
        again(
                "delete " + object.key(),
                stop,
                () -> known(() -> client.deleteObject(delete ->
                        delete.bucket(settings.bucket()).key(object.key()).versionId(object.version()))));
    }

    /// Opens a run of an object's bytes.
    ///
    /// @param tag that it must have, or null
    ResponseInputStream<GetObjectResponse> read(
            String key, @Nullable String tag, @Nullable String version, ByteRange range, StopToken stop) {
        return again("read " + key, stop, () -> {
            try {
                return client.getObject(get -> get.bucket(settings.bucket())
                        .key(key)
                        .versionId(version)
                        .ifMatch(tag)
                        .range("bytes=" + range.first() + "-" + (range.end() - 1)));
            } catch (S3Exception e) {
                throw switch (e.statusCode()) {
                    case 412 -> Unreadable.changed(key);
                    case 416 -> Unreadable.beyond(key, range);
                    case 404 -> faults.of(e).is("NoSuchBucket") ? e : Unreadable.notFound(key);
                    default -> e;
                };
            }
        });
    }

    private <T> Optional<T> known(Supplier<T> call) {
        try {
            return Optional.of(call.get());
        } catch (RuntimeException e) {
            Faults.Fault fault = faults.of(e);
            if (fault.is("NoSuchUpload", "NoSuchKey") || (fault.status() == 404 && !fault.is("NoSuchBucket"))) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private <T> T again(String doing, StopToken stop, Supplier<T> call) {
        return again(doing, stop, null, call);
    }

    private <T> T again(String doing, StopToken stop, @Nullable List<ByteBuffer> body, Supplier<T> call) {
        return tries.again(doing, stop, () -> bound(stop, body, call));
    }

    private static <T> T bound(StopToken stop, @Nullable List<ByteBuffer> body, Supplier<T> call) {
        stop.check();
        return ScopedValue.where(SdkTransport.CALL, new SdkTransport.Call(stop, body))
                .call(call::get);
    }

    private static long length(List<ByteBuffer> body) {
        return body.stream().mapToLong(ByteBuffer::remaining).sum();
    }

    /// As headers carry it: four bytes, the highest first, in Base64.
    private static String written(long crc32) {
        return Base64.getEncoder()
                .encodeToString(ByteBuffer.allocate(4).putInt((int) crc32).array());
    }

    private static @Nullable Long crc32(@Nullable String written) {
        if (written == null || written.contains("-")) {
            return null;
        }
        byte[] bytes = Base64.getDecoder().decode(written);
        return bytes.length == 4 ? ByteBuffer.wrap(bytes).getInt() & 0xffff_ffffL : null;
    }

    @Override
    public void close() {
        client.close();
    }
}
