package dev.sluice.fakes;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/// Google Cloud Storage's JSON API (https://cloud.google.com/storage/docs/json_api): buckets, and in them
/// objects by resumable, multipart and media uploads, reads with ranges, deletes, lists. No versions, no ACLs,
/// no XML API.
///
/// Texts of errors are unverified, their statuses and reasons are those of 'HTTP status and error codes for
/// JSON'.
public final class FakeGcs extends FakeGoogle {
    private static final String ROOT = "storage";
    /// 5 TiB ('Quotas & limits').
    private static final long MOST_BYTES = 5L << 40;
    private static final int MOST_NAME = 1024;

    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private long generation;

    private record Bucket(String name, TreeMap<String, StoredObject> objects, Set<String> locked) {}

    private record StoredObject(ObjectNode resource, long generation, Content content) {}

    private FakeGcs(FakeOptions options) {
        super(options, 410);
        generation = options.clock().millis() * 1000;
    }

    public static FakeGcs start() {
        return start(FakeOptions.plain());
    }

    public static FakeGcs start(FakeOptions options) {
        var fake = new FakeGcs(options);
        fake.listen();
        return fake;
    }

    /// Makes a bucket.
    public void bucket(String name) {
        buckets.putIfAbsent(name, new Bucket(name, new TreeMap<>(), new HashSet<>()));
    }

    /// Takes an account's permissions on a bucket: 403 from now on.
    public void lockOut(String bucket, Account account) {
        locked(() -> bucket(bucket, null).locked().add(account.email()));
    }

    @Override
    public List<Stored> stored() {
        return locked(() -> buckets.values().stream()
                .flatMap(bucket -> bucket.objects().entrySet().stream()
                        .map(entry -> new Stored(
                                bucket.name() + "#" + entry.getValue().generation(),
                                entry.getKey(),
                                entry.getValue().content())))
                .toList());
    }

    // ---------------------------------------------------------------- routes

    @Override
    Step step(Exchange exchange) {
        List<String> path = exchange.segments();
        boolean upload = path.getFirst().equals("upload");
        List<String> below = upload || path.getFirst().equals("download") ? path.subList(1, path.size()) : path;
        if (below.size() < 4 || !below.subList(0, 3).equals(List.of(ROOT, "v1", "b"))) {
            return Step.OTHER;
        }
        boolean objects = below.size() >= 5 && below.get(4).equals("o");
        if (upload) {
            return objects && below.size() == 5 ? uploadStep(exchange) : Step.OTHER;
        }
        return switch (exchange.method() + " " + (objects ? below.size() : -below.size())) {
            case "GET -4" -> Step.METADATA;
            case "GET 5" -> Step.LIST;
            case "GET 6" -> "media".equals(exchange.param("alt")) ? Step.MEDIA : Step.METADATA;
            case "DELETE 6" -> Step.DELETE;
            default -> Step.OTHER;
        };
    }

    static Step uploadStep(Exchange exchange) {
        if (exchange.param("upload_id") != null) {
            return Sessions.step(exchange);
        }
        return "resumable".equals(exchange.param("uploadType")) ? Step.START : Step.WHOLE;
    }

    @Override
    void serve(Exchange exchange, Step step) throws IOException {
        List<String> path = exchange.segments();
        List<String> below = path.getFirst().equals(ROOT) ? path : path.subList(1, path.size());
        String bucket = below.get(3);
        switch (step) {
            case START -> start(exchange, bucket);
            case CHUNK, LAST_CHUNK, QUERY, CANCEL -> sessions.serve(exchange);
            case WHOLE -> whole(exchange, bucket);
            case LIST -> list(exchange, bucket);
            case MEDIA -> media(exchange, object(exchange, bucket, below.get(5)));
            case DELETE -> delete(exchange, bucket, below.get(5));
            case METADATA -> metadata(exchange, bucket, below.size() > 5 ? below.get(5) : null);
            case ANY, TOKEN, CONSENT, CHANGE, ABOUT, IDS, OTHER -> throw Refusal.notFound("Not Found");
        }
    }

    // ---------------------------------------------------------------- uploads

    private void start(Exchange exchange, String bucket) throws IOException {
        exchange.requireLength();
        ObjectNode metadata = exchange.jsonBody();
        Upload upload = upload(exchange, bucket, metadata, exchange.requestHeader("X-Upload-Content-Type"));
        long total = announced(exchange);
        requireSize(total);
        sessions.start(
                exchange,
                new UploadSession(
                        upload.name(),
                        upload,
                        exchange.account(),
                        newContent(),
                        options.kept(),
                        total,
                        options.clock().instant()));
    }

    private void whole(Exchange exchange, String bucket) throws IOException {
        exchange.requireLength();
        Content content = newContent();
        try {
            Upload upload;
            if ("multipart".equals(exchange.param("uploadType"))) {
                Multipart multipart = Multipart.read(exchange);
                upload = upload(exchange, bucket, multipart.metadata(), multipart.type());
                content.append(multipart.bytes());
            } else if ("media".equals(exchange.param("uploadType"))) {
                upload = upload(
                        exchange,
                        bucket,
                        JsonNodeFactory.instance.objectNode(),
                        exchange.requestHeader(HttpHeader.CONTENT_TYPE));
                exchange.read(content::append);
            } else {
                throw Refusal.invalid("uploadType must be resumable, multipart or media")
                        .at("uploadType");
            }
            content.mark();
            exchange.json(200, upload.complete(content, exchange));
        } catch (Refusal refusal) {
            content.delete();
            throw refusal;
        }
    }

    /// -1 where the client does not announce a size.
    static long announced(Exchange exchange) {
        String header = exchange.requestHeader("X-Upload-Content-Length");
        if (header == null) {
            return -1;
        }
        if (!header.matches("\\d{1,18}")) {
            throw Refusal.invalid("Invalid X-Upload-Content-Length: " + header);
        }
        return Long.parseLong(header);
    }

    private Upload upload(Exchange exchange, String bucket, ObjectNode metadata, @Nullable String type) {
        String name = exchange.param("name") == null ? metadata.path("name").asText() : exchange.param("name");
        String valid = requireName(String.valueOf(name));
        if (!metadata.has("contentType")) {
            metadata.put("contentType", type == null ? "application/octet-stream" : type);
        }
        var upload = new Upload(
                bucket,
                valid,
                metadata,
                number(exchange, "ifGenerationMatch"),
                exchange.account(),
                exchange.param("fields"));
        locked(() -> upload.require(bucket(bucket, exchange.account())));
        return upload;
    }

    /// 'About Cloud Storage objects': 1 to 1024 bytes of UTF-8, no carriage return or line feed, neither `.`
    /// nor `..`, nothing in `.well-known/acme-challenge/`.
    private static String requireName(String name) {
        if (name.isEmpty()) {
            throw new Refusal(400, "required", "Required").at("name");
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > MOST_NAME
                || name.contains("\n")
                || name.contains("\r")
                || name.equals(".")
                || name.equals("..")
                || name.startsWith(".well-known/acme-challenge/")) {
            throw Refusal.invalid("Invalid object name: '" + name + "'");
        }
        return name;
    }

    private static void requireSize(long bytes) {
        if (bytes > MOST_BYTES) {
            throw new Refusal(413, "uploadTooLarge", "The object exceeds the maximum size of 5 TiB");
        }
    }

    private final class Upload implements UploadSession.Target {
        private final String bucket;
        private final String name;
        private final ObjectNode metadata;
        private final @Nullable Long generationMatch;
        private final Account account;
        private final @Nullable String fields;

        Upload(
                String bucket,
                String name,
                ObjectNode metadata,
                @Nullable Long generationMatch,
                Account account,
                @Nullable String fields) {
            this.bucket = bucket;
            this.name = name;
            this.metadata = metadata;
            this.generationMatch = generationMatch;
            this.account = account;
            this.fields = fields;
        }

        String name() {
            return name;
        }

        /// The precondition holds when the session begins, and when it is completed.
        boolean require(Bucket in) {
            StoredObject there = in.objects().get(name);
            if (generationMatch != null && generationMatch != (there == null ? 0 : there.generation())) {
                throw conditionNotMet();
            }
            return true;
        }

        @Override
        public ObjectNode complete(Content content, Exchange exchange) {
            requireSize(content.size());
            requireChecksum("md5Hash", metadata.path("md5Hash").asText(null), content.md5Base64());
            requireChecksum("crc32c", metadata.path("crc32c").asText(null), content.crc32cBase64());
            String hashes = exchange.requestHeader("x-goog-hash");
            for (String hash : hashes == null ? new String[0] : hashes.split("\\s*,\\s*")) {
                boolean md5 = hash.startsWith("md5=");
                requireChecksum(
                        hash,
                        hash.substring(hash.indexOf('=') + 1),
                        md5 ? content.md5Base64() : content.crc32cBase64());
            }
            return locked(() -> {
                Bucket in = bucket(bucket, account);
                require(in);
                long number = ++generation;
                ObjectNode resource = resource(in.name(), number, content);
                StoredObject before = in.objects().put(name, new StoredObject(resource, number, content));
                if (before != null) {
                    before.content().delete();
                }
                return (ObjectNode) FieldMask.apply(fields, resource);
            });
        }

        private ObjectNode resource(String in, long number, Content content) {
            ObjectNode resource = metadata.deepCopy();
            Instant now = options.clock().instant();
            resource.put("kind", "storage#object")
                    .put("id", in + "/" + name + "/" + number)
                    .put("name", name)
                    .put("bucket", in)
                    .put("generation", String.valueOf(number))
                    .put("metageneration", "1")
                    .put("storageClass", "STANDARD")
                    .put("size", String.valueOf(content.size()))
                    .put("etag", "fake" + number)
                    .put("timeCreated", now.toString())
                    .put("updated", now.toString())
                    .put("selfLink", url() + "/storage/v1/b/" + in + "/o/" + Exchange.encoded(name))
                    .put(
                            "mediaLink",
                            url() + "/download/storage/v1/b/" + in + "/o/" + Exchange.encoded(name) + "?alt=media");
            put(resource, "md5Hash", content.md5Base64());
            put(resource, "crc32c", content.crc32cBase64());
            return resource;
        }
    }

    private static void put(ObjectNode resource, String name, @Nullable String value) {
        if (value != null) {
            resource.put(name, value);
        }
    }

    private static void requireChecksum(String what, @Nullable String given, @Nullable String found) {
        if (given != null && found != null && !given.equals(found)) {
            throw Refusal.invalid(
                    "Provided " + what + " \"" + given + "\" doesn't match calculated \"" + found + "\".");
        }
    }

    // ---------------------------------------------------------------- reads

    private void metadata(Exchange exchange, String bucket, @Nullable String object) throws IOException {
        if (object != null) {
            exchange.json(
                    200,
                    FieldMask.apply(
                            exchange.param("fields"),
                            object(exchange, bucket, object).resource()));
            return;
        }
        Bucket found = locked(() -> bucket(bucket, exchange.account()));
        ObjectNode resource = JsonNodeFactory.instance
                .objectNode()
                .put("kind", "storage#bucket")
                .put("id", found.name())
                .put("name", found.name())
                .put("location", "EU")
                .put("storageClass", "STANDARD");
        exchange.json(200, FieldMask.apply(exchange.param("fields"), resource));
    }

    private void media(Exchange exchange, StoredObject object) throws IOException {
        ObjectNode resource = object.resource();
        exchange.header("x-goog-generation", String.valueOf(object.generation()));
        exchange.header("x-goog-metageneration", "1");
        exchange.header("x-goog-stored-content-encoding", "identity");
        exchange.header(
                "x-goog-stored-content-length", String.valueOf(object.content().size()));
        exchange.header("x-goog-storage-class", "STANDARD");
        if (resource.has("md5Hash")) {
            exchange.header(
                    "x-goog-hash",
                    "crc32c=" + resource.get("crc32c").asText() + ",md5="
                            + resource.get("md5Hash").asText());
        }
        exchange.header(HttpHeader.ETAG, resource.get("etag").asText());
        ByteRange.send(exchange, resource.get("contentType").asText(), object.content());
    }

    private void list(Exchange exchange, String bucket) throws IOException {
        String prefix = exchange.param("prefix") == null ? "" : String.valueOf(exchange.param("prefix"));
        String after = exchange.param("pageToken") == null ? "" : String.valueOf(exchange.param("pageToken"));
        if (exchange.param("delimiter") != null) {
            throw Refusal.invalid("this fake lists without delimiter only").at("delimiter");
        }
        Long most = number(exchange, "maxResults");
        long limit = most == null ? 1000 : Math.clamp(most, 1, 1000);
        ArrayNode items = JsonNodeFactory.instance.arrayNode();
        String next = locked(() -> {
            var names = new ArrayList<String>();
            for (var entry : bucket(bucket, exchange.account())
                    .objects()
                    .tailMap(after, false)
                    .entrySet()) {
                if (!entry.getKey().startsWith(prefix)) {
                    continue;
                }
                if (names.size() == limit) {
                    return names.getLast();
                }
                names.add(entry.getKey());
                items.add(entry.getValue().resource());
            }
            return "";
        });
        ObjectNode page = JsonNodeFactory.instance.objectNode().put("kind", "storage#objects");
        if (!next.isEmpty()) {
            page.put("nextPageToken", next);
        }
        if (!items.isEmpty()) {
            page.set("items", items);
        }
        exchange.json(200, FieldMask.apply(exchange.param("fields"), page));
    }

    private void delete(Exchange exchange, String bucket, String name) throws IOException {
        locked(() -> {
            StoredObject there = object(exchange, bucket, name);
            bucket(bucket, exchange.account()).objects().remove(name);
            there.content().delete();
            return there;
        });
        exchange.empty(204);
    }

    /// The object, with the preconditions of the call.
    private StoredObject object(Exchange exchange, String bucket, String name) {
        return locked(() -> {
            StoredObject there = bucket(bucket, exchange.account()).objects().get(name);
            Long asked = number(exchange, "generation");
            if (there == null || (asked != null && asked != there.generation())) {
                throw Refusal.notFound("No such object: " + bucket + "/" + name);
            }
            Long match = number(exchange, "ifGenerationMatch");
            if (match != null && match != there.generation()) {
                throw conditionNotMet();
            }
            return there;
        });
    }

    private static Refusal conditionNotMet() {
        return new Refusal(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.");
    }

    private Bucket bucket(String name, @Nullable Account by) {
        Bucket bucket = buckets.get(name);
        if (bucket == null) {
            throw Refusal.notFound("The specified bucket does not exist.");
        }
        if (by != null && bucket.locked().contains(by.email())) {
            throw new Refusal(
                    403,
                    "forbidden",
                    by.email() + " does not have storage.objects access to the Google Cloud Storage bucket. Permission"
                            + " denied on resource (or it may not exist).");
        }
        return bucket;
    }

    private static @Nullable Long number(Exchange exchange, String parameter) {
        String value = exchange.param(parameter);
        if (value == null) {
            return null;
        }
        try {
            return Long.valueOf(value);
        } catch (NumberFormatException e) {
            throw Refusal.invalid("Invalid value for " + parameter + ": " + value)
                    .at(parameter);
        }
    }

    private interface Locked<T> {
        T act();
    }

    private <T> T locked(Locked<T> what) {
        lock.lock();
        try {
            return what.act();
        } finally {
            lock.unlock();
        }
    }
}
