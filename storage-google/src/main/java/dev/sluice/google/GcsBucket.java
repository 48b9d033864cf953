package dev.sluice.google;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.cloud.Answer;
import dev.sluice.core.StopToken;
import dev.sluice.google.Faults.Failed;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectSpec;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A bucket of Google Cloud Storage, by its JSON API. A name has one object; its generation tells that from any
/// other that ever had the name.
final class GcsBucket implements Place {
    static final String ID = "sluice-upload";
    private static final String FIELDS = "name,size,generation,crc32c,metadata";
    /// 'Quotas & limits': 5 TiB.
    private static final long LARGEST = 5L << 40;

    private final GcsSettings settings;
    private final Calls calls;

    GcsBucket(GcsSettings settings, Calls calls) {
        this.settings = settings;
        this.calls = calls;
    }

    @Override
    public String kind() {
        return "gcs";
    }

    @Override
    public Calls calls() {
        return calls;
    }

    @Override
    public long largest() {
        return LARGEST;
    }

    @Override
    public Digest digest(@Nullable String state) {
        return new Crc32c(state);
    }

    private URI uri(String before, String rest) {
        return URI.create(
                settings.endpoint() + before + "/storage/v1/b/" + Calls.encoded(settings.bucket()) + "/o" + rest);
    }

    private URI object(String name, String query) {
        return uri("", "/" + Calls.encoded(settings.prefix() + name) + "?" + query);
    }

    @Override
    public @Nullable String reserve(Account by, StopToken stop) {
        return null;
    }

    @Override
    public URI begin(Account by, Start start, StopToken stop) {
        ObjectNode metadata = JsonNodeFactory.instance.objectNode().put("contentType", start.contentType());
        metadata.putObject("metadata").put(ID, start.upload());
        URI uri = uri(
                "/upload",
                "?uploadType=resumable&name=" + Calls.encoded(settings.prefix() + start.name())
                        + (start.free() ? "&ifGenerationMatch=0" : "") + "&fields=" + FIELDS);
        return begin(calls, by, "POST", uri, metadata, start, stop);
    }

    /// The request that makes a session, for both services.
    static URI begin(
            Calls calls, Account by, String method, URI uri, ObjectNode metadata, Start start, StopToken stop) {
        var headers = new LinkedHashMap<String, String>();
        headers.put("Content-Type", "application/json; charset=UTF-8");
        headers.put("X-Upload-Content-Type", start.contentType());
        if (start.size() != ObjectSpec.UNKNOWN) {
            headers.put("X-Upload-Content-Length", Long.toString(start.size()));
        }
        byte[] body = metadata.toString().getBytes(StandardCharsets.UTF_8);
        return calls.again(stop, () -> {
            stop.check();
            var request = new Calls.Request(method, uri, headers, List.of(ByteBuffer.wrap(body)));
            Reply reply = calls.once(request, by, new StopToken());
            return reply.header("Location")
                    .map(uri::resolve)
                    .orElseThrow(() -> new Failed(
                            new Faults.Fault(502, "", "a session was begun without an address", null, null), null));
        });
    }

    @Override
    public Optional<Standing> named(Account by, String name, String upload, StopToken stop) {
        return look(by, name, stop);
    }

    private Optional<Standing> look(Account by, String name, StopToken stop) {
        return known(() -> standing(calls.json(Calls.Request.get(object(name, "fields=" + FIELDS)), by, stop)));
    }

    private interface Asked<T> {
        T ask();
    }

    /// A bucket that is not there is no object that is not there.
    private static <T> Optional<T> known(Asked<T> asked) {
        try {
            return Optional.of(asked.ask());
        } catch (Failed e) {
            if (isAbsent(e)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static boolean isAbsent(Failed e) {
        return e.fault().status() == 404 && !e.fault().said().contains("bucket does not exist");
    }

    @Override
    public Optional<Standing> made(Account by, String upload, @Nullable String file, String name, StopToken stop) {
        return look(by, name, stop).filter(there -> upload.equals(there.upload()));
    }

    @Override
    public Standing standing(JsonNode resource) {
        return new Standing(
                resource.path("name").asText().substring(settings.prefix().length()),
                resource.path("generation").asText(),
                resource.path("size").asLong(-1),
                resource.path("crc32c").asText(null),
                resource.path("metadata").path(ID).asText(null));
    }

    @Override
    public ObjectRef ref(Account by, Standing there) {
        return new ObjectRef(there.name(), there.size(), there.id());
    }

    @Override
    public boolean fits(ObjectRef ref, Standing there) {
        return ref.stamp() == null || ref.stamp().equals(there.id());
    }

    @Override
    public boolean renames() {
        return false;
    }

    @Override
    public Standing settle(Account by, Standing made, String name, boolean alone, StopToken stop) {
        return made;
    }

    @Override
    public void delete(Account by, Standing object, StopToken stop) {
        URI uri = object(object.name(), "generation=" + object.id());
        var unused = known(() -> calls.reply(new Calls.Request("DELETE", uri, Map.of(), List.of()), by, stop));
    }

    @Override
    public Account owner(Accounts accounts, ObjectRef ref, StopToken stop) {
        return accounts.any(stop);
    }

    @Override
    public Optional<Standing> at(Accounts accounts, ObjectRef ref, StopToken stop) {
        return look(owner(accounts, ref, stop), ref.key(), stop);
    }

    @Override
    public Answer open(Account by, Standing object, ByteRange range, StopToken stop) {
        var request = new Calls.Request(
                "GET",
                object(object.name(), "alt=media&generation=" + object.id()),
                Map.of("Range", "bytes=" + range.first() + "-" + (range.end() - 1)),
                List.of());
        return calls.again(stop, () -> calls.open(request, by, stop));
    }
}
