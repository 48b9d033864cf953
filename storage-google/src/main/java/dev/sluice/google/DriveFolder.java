package dev.sluice.google;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.cloud.Answer;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.google.Faults.Failed;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.ObjectRef;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A folder of Google Drive. Names are for people: any number of files may have the same one. A file is known by its
/// id, which is asked for before it is made, so that a call whose answer was lost makes no twin.
final class DriveFolder implements Place {
    private static final String FIELDS = "id,name,size,md5Checksum,appProperties,trashed";
    private static final String ALL_DRIVES = "supportsAllDrives=true";
    /// Reference of `files.create`: "Maximum file size: 5,120 GB".
    private static final long LARGEST = 5_120L << 30;

    private final Calls calls;
    private final URI endpoint;
    private final FolderPath path;

    DriveFolder(DriveSettings settings, Calls calls, Clock clock) {
        this.calls = calls;
        this.endpoint = settings.endpoint();
        this.path = new FolderPath(settings, calls, clock);
    }

    @Override
    public String kind() {
        return "gdrive";
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
        return new Md5(state);
    }

    private URI file(String id, String query) {
        return URI.create(endpoint + "/drive/v3/files/" + Calls.encoded(id) + "?" + ALL_DRIVES + query);
    }

    @Override
    public String reserve(Account by, StopToken stop) {
        return newId(calls, endpoint, by, stop);
    }

    static String newId(Calls calls, URI endpoint, Account by, StopToken stop) {
        URI uri = URI.create(endpoint + "/drive/v3/files/generateIds?count=1&space=drive&fields=ids");
        return calls.json(Calls.Request.get(uri), by, stop).path("ids").path(0).asText();
    }

    @Override
    public URI begin(Account by, Start start, StopToken stop) {
        return path.in(by, folder -> begin(by, start, folder, stop), stop);
    }

    private URI begin(Account by, Start start, FolderPath.Folder folder, StopToken stop) {
        ObjectNode metadata = JsonNodeFactory.instance
                .objectNode()
                .put("id", start.file())
                .put("name", start.name())
                .put("mimeType", start.contentType());
        metadata.putArray("parents").add(folder.id());
        metadata.putObject("appProperties").put(GcsBucket.ID, start.upload());
        URI uri = URI.create(
                endpoint + "/upload/drive/v3/files?uploadType=resumable&" + ALL_DRIVES + "&fields=" + FIELDS);
        return GcsBucket.begin(calls, by, "POST", uri, metadata, start, stop);
    }

    @Override
    public Optional<Standing> named(Account by, String name, String upload, StopToken stop) {
        List<Standing> all = all(by, name, stop);
        return all.stream()
                .filter(there -> !upload.equals(there.upload()))
                .findFirst()
                .or(() -> all.stream().findFirst());
    }

    /// Every file of that name.
    private List<Standing> all(Account by, String name, StopToken stop) {
        String wanted = "name = " + FolderPath.quoted(name);
        return path.in(by, folder -> path.list(by, folder, wanted, FIELDS, stop), stop).stream()
                .map(this::standing)
                .toList();
    }

    @Override
    public Optional<Standing> made(Account by, String upload, @Nullable String file, String name, StopToken stop) {
        return file == null
                ? Optional.empty()
                : look(by, file, stop)
                        .map(this::standing)
                        .filter(there -> there.upload() == null || upload.equals(there.upload()));
    }

    /// Also where it lies in the trash.
    private Optional<JsonNode> look(Account by, String id, StopToken stop) {
        return known(() -> calls.json(Calls.Request.get(file(id, "&fields=" + FIELDS)), by, stop));
    }

    private interface Asked<T> {
        T ask();
    }

    private static <T> Optional<T> known(Asked<T> asked) {
        try {
            return Optional.of(asked.ask());
        } catch (Failed e) {
            if (e.fault().status() == 404) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public Standing standing(JsonNode resource) {
        return new Standing(
                resource.path("name").asText(),
                resource.path("id").asText(),
                resource.path("size").asLong(-1),
                resource.path("md5Checksum").asText(null),
                resource.path("appProperties").path(GcsBucket.ID).asText(null));
    }

    /// The file's id, what tells its content from another one (`version` counts every change, of the name too), and
    /// who can see it.
    @Override
    public ObjectRef ref(Account by, Standing there) {
        return new ObjectRef(there.name(), there.size(), word(there) + " " + by.id());
    }

    private static String word(Standing there) {
        return there.id() + " " + (there.checksum() == null ? "-" : there.checksum());
    }

    @Override
    public boolean fits(ObjectRef ref, Standing there) {
        return ref.stamp() == null || ref.stamp().startsWith(word(there) + " ");
    }

    @Override
    public boolean renames() {
        return true;
    }

    @Override
    public Standing settle(Account by, Standing made, String name, boolean alone, StopToken stop) {
        Standing settled = made;
        if (!made.name().equals(name)) {
            ObjectNode change = JsonNodeFactory.instance.objectNode().put("name", name);
            settled = standing(
                    calls.json(Calls.Request.json("PATCH", file(made.id(), "&fields=" + FIELDS), change), by, stop));
        }
        if (alone) {
            for (Standing other : all(by, name, stop)) {
                if (!other.id().equals(made.id())) {
                    delete(by, other, stop);
                }
            }
        }
        return settled;
    }

    /// Who may not delete, as most members of a shared drive, may still put it into the trash.
    @Override
    public void delete(Account by, Standing object, StopToken stop) {
        try {
            var unused = known(() ->
                    calls.reply(new Calls.Request("DELETE", file(object.id(), ""), Map.of(), List.of()), by, stop));
        } catch (Failed e) {
            if (e.fault().status() != 403) {
                throw e;
            }
            ObjectNode change = JsonNodeFactory.instance.objectNode().put("trashed", true);
            calls.reply(Calls.Request.json("PATCH", file(object.id(), ""), change), by, stop);
        }
    }

    @Override
    public Account owner(Accounts accounts, ObjectRef ref, StopToken stop) {
        String[] words = stamp(ref);
        if (words.length > 2) {
            try {
                return accounts.named(words[2]);
            } catch (ProblemException e) {
                // It is not configured any more: another one may see the file as well.
                return accounts.any(stop);
            }
        }
        return accounts.any(stop);
    }

    private static String[] stamp(ObjectRef ref) {
        return ref.stamp() == null ? new String[0] : ref.stamp().split(" ", 3);
    }

    @Override
    public Optional<Standing> at(Accounts accounts, ObjectRef ref, StopToken stop) {
        Account by = owner(accounts, ref, stop);
        String[] words = stamp(ref);
        if (words.length > 0) {
            Optional<Standing> there = look(by, words[0], stop)
                    .filter(file -> !file.path("trashed").asBoolean())
                    .map(this::standing);
            if (there.isPresent()) {
                return there;
            }
        }
        List<Standing> all = all(by, ref.key(), stop);
        return all.stream()
                .filter(there -> there.size() == ref.size())
                .findFirst()
                .or(() -> all.stream().findFirst());
    }

    @Override
    public Answer open(Account by, Standing object, ByteRange range, StopToken stop) {
        var request = new Calls.Request(
                "GET",
                file(object.id(), "&alt=media"),
                Map.of("Range", "bytes=" + range.first() + "-" + (range.end() - 1)),
                List.of());
        return calls.again(stop, () -> calls.open(request, by, stop));
    }

    static ProblemException missing(String what, String where) {
        return new ProblemException(
                ErrorCode.UPSTREAM_NOT_FOUND,
                what + " is not there, " + where + ": make it, correct its name, or let this account see it");
    }
}
