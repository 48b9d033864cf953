package dev.sluice.google;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.google.Faults.Failed;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Finds a storage's folder for each account, and makes it where that is wanted. It is looked for again from time to
/// time, and where it turns out to be gone: people move folders about. Safe for use by many threads.
final class FolderPath {
    private static final String FOLDER = "application/vnd.google-apps.folder";
    private static final Duration TRUSTED = Duration.ofMinutes(1);

    private final DriveSettings settings;
    private final Calls calls;
    private final Clock clock;
    private final Map<String, Found> found = new ConcurrentHashMap<>();
    private final Map<String, SharedCall<Folder>> finding = new ConcurrentHashMap<>();

    /// @param drive the shared drive that it is in, or null
    record Folder(String id, @Nullable String drive) {}

    private record Found(Folder folder, Instant since) {}

    FolderPath(DriveSettings settings, Calls calls, Clock clock) {
        this.settings = settings;
        this.calls = calls;
        this.clock = clock;
    }

    private Folder of(Account by, StopToken stop) {
        Folder known = known(by);
        return known != null
                ? known
                : finding.computeIfAbsent(by.id(), id -> new SharedCall<>()).join(() -> find(by, stop), stop);
    }

    /// Works in the folder; once more where it was not found in the one that was known.
    ///
    /// @throws ProblemException `upstream_not_found` where it is not there, `upstream_refused` where it cannot be
    ///     used
    <T> T in(Account by, Function<Folder, T> work, StopToken stop) {
        Folder known = known(by);
        if (known != null) {
            try {
                return work.apply(known);
            } catch (Failed e) {
                if (e.fault().status() != 404) {
                    throw e;
                }
                found.computeIfPresent(by.id(), (id, then) -> then.folder().equals(known) ? null : then);
            }
        }
        return work.apply(of(by, stop));
    }

    private @Nullable Folder known(Account by) {
        Found known = found.get(by.id());
        return known != null && clock.instant().isBefore(known.since().plus(TRUSTED)) ? known.folder() : null;
    }

    private Folder find(Account by, StopToken stop) {
        Folder known = known(by);
        if (known != null) {
            return known;
        }
        String id = settings.folder();
        Folder folder = id == null ? walk(by, stop) : open(by, id, stop);
        found.put(by.id(), new Found(folder, clock.instant()));
        return folder;
    }

    private Folder open(Account by, String id, StopToken stop) {
        URI uri = URI.create(settings.endpoint() + "/drive/v3/files/" + Calls.encoded(id)
                + "?supportsAllDrives=true&fields=id,mimeType,driveId,trashed,capabilities(canAddChildren)");
        JsonNode there;
        try {
            there = calls.json(Calls.Request.get(uri), by, stop);
        } catch (Failed e) {
            if (e.fault().status() == 404) {
                throw DriveFolder.missing("folder " + id, calls.where() + ", account " + by.id());
            }
            throw e;
        }
        if (!there.path("mimeType").asText().equals(FOLDER)
                || there.path("trashed").asBoolean()) {
            throw new ProblemException(
                    ErrorCode.UPSTREAM_REFUSED,
                    calls.where() + ": " + id + " is no folder, or lies in the trash: name another one");
        }
        if (!there.path("capabilities").path("canAddChildren").asBoolean(true)) {
            throw new ProblemException(
                    ErrorCode.UPSTREAM_REFUSED,
                    calls.where() + ": account " + by.id() + " may not add files: share the folder with it, as editor");
        }
        return new Folder(there.path("id").asText(), there.path("driveId").asText(null));
    }

    private Folder walk(Account by, StopToken stop) {
        String root = settings.drive() == null ? "root" : settings.drive();
        Folder at = open(by, root, stop);
        for (String name : settings.path().split("/")) {
            if (!name.isBlank()) {
                at = step(by, at, name.strip(), stop);
            }
        }
        return at;
    }

    private Folder step(Account by, Folder parent, String name, StopToken stop) {
        String wanted = "name = " + quoted(name) + " and mimeType = '" + FOLDER + "'";
        List<JsonNode> there = list(by, parent, wanted, "id", stop);
        if (!there.isEmpty()) {
            return new Folder(there.getFirst().path("id").asText(), parent.drive());
        }
        if (!settings.making()) {
            throw DriveFolder.missing("folder " + name, calls.where() + ", account " + by.id());
        }
        return make(by, parent, name, stop);
    }

    private Folder make(Account by, Folder parent, String name, StopToken stop) {
        String id = DriveFolder.newId(calls, settings.endpoint(), by, stop);
        ObjectNode folder = JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("name", name)
                .put("mimeType", FOLDER);
        folder.putArray("parents").add(parent.id());
        URI uri = URI.create(settings.endpoint() + "/drive/v3/files?supportsAllDrives=true&fields=id");
        try {
            calls.reply(Calls.Request.json("POST", uri, folder), by, stop);
        } catch (Failed e) {
            // An earlier try has made it, and its answer was lost.
            if (e.fault().status() != 409) {
                throw e;
            }
        }
        return new Folder(id, parent.drive());
    }

    /// What is in a folder and fits, but for the trash.
    List<JsonNode> list(Account by, Folder folder, String wanted, String fields, StopToken stop) {
        String query = wanted + " and " + quoted(folder.id()) + " in parents and trashed = false";
        String uri = settings.endpoint() + "/drive/v3/files?pageSize=1000&supportsAllDrives=true"
                + "&includeItemsFromAllDrives=true"
                + (folder.drive() == null ? "" : "&corpora=drive&driveId=" + Calls.encoded(folder.drive()))
                + "&fields=" + Calls.encoded("nextPageToken,files(" + fields + ")") + "&q=" + Calls.encoded(query);
        var files = new ArrayList<JsonNode>();
        String next = "";
        do {
            URI page = URI.create(uri + (next.isEmpty() ? "" : "&pageToken=" + Calls.encoded(next)));
            JsonNode listed = calls.json(Calls.Request.get(page), by, stop);
            listed.path("files").forEach(files::add);
            next = listed.path("nextPageToken").asText("");
        } while (!next.isEmpty());
        return files;
    }

    /// As it stands in a query.
    static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
