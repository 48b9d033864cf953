package dev.sluice.fakes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/// Google Drive v3 (https://developers.google.com/workspace/drive/api/reference/rest/v3): files and folders of
/// several accounts and in shared drives, by resumable, multipart and media uploads; reads with ranges,
/// deletes, lists, ids that are made first, `about`. No revisions, no permissions, no documents, no changes.
///
/// What a file must not be, and what it gets, is the guide 'Resolve errors'; texts that are not there are
/// unverified.
public final class FakeDrive extends FakeGoogle {
    private static final List<String> API = List.of("drive", "v3");
    private static final String DEFAULT_FIELDS = "kind,id,name,mimeType";
    private static final String DEFAULT_LIST =
            "kind,incompleteSearch,nextPageToken,files(kind,id,name,mimeType,driveId)";
    /// "Maximum file size: 5,120 GB" (reference of `files.create`).
    private static final long MOST_BYTES = 5_120L << 30;
    /// What no client may set.
    private static final Set<String> COMPUTED =
            Set.of("kind", "id", "size", "md5Checksum", "driveId", "owners", "ownedByMe", "parents", "trashed");

    private final DriveFiles files;

    private FakeDrive(FakeOptions options) {
        super(options, 404);
        files = new DriveFiles(options);
    }

    public static FakeDrive start() {
        return start(FakeOptions.plain());
    }

    public static FakeDrive start(FakeOptions options) {
        var fake = new FakeDrive(options);
        fake.listen();
        return fake;
    }

    /// Makes a shared drive.
    ///
    /// @return its id, which is that of its root folder
    public String sharedDrive(String name, Account... members) {
        return files.sharedDrive(name, members);
    }

    /// Makes a folder.
    ///
    /// @param parent an id, or `root`
    /// @return its id
    public String folder(Account by, String parent, String name) {
        DriveFile folder = newFile(DriveFiles.newId(), DriveFiles.folder(name), by, files.find(parent, by, true));
        files.put(folder);
        return folder.id();
    }

    @Override
    public List<Stored> stored() {
        return files.all().stream()
                .flatMap(file ->
                        Stream.ofNullable(file.content()).map(content -> new Stored(file.id(), file.name(), content)))
                .toList();
    }

    // ---------------------------------------------------------------- routes

    @Override
    Step step(Exchange exchange) {
        List<String> below = below(exchange);
        boolean upload = exchange.segments().getFirst().equals("upload");
        if (below.size() < 3 || !below.subList(0, 2).equals(API)) {
            return Step.OTHER;
        }
        boolean one = below.size() == 4;
        String route = exchange.method() + " " + below.get(2) + (one ? "/ID" : "");
        if (upload) {
            boolean session = exchange.param("upload_id") != null;
            boolean start = route.equals("POST files") || route.equals("PATCH files/ID");
            boolean goesOn = route.startsWith("PUT files") || route.startsWith("DELETE files");
            return session ? (goesOn ? Sessions.step(exchange) : Step.OTHER) : start ? startStep(exchange) : Step.OTHER;
        }
        if (below.size() > 4) {
            return Step.OTHER;
        }
        return switch (route) {
            case "GET about" -> Step.ABOUT;
            case "GET files", "GET drives" -> Step.LIST;
            case "GET files/ID" ->
                below.get(3).equals("generateIds")
                        ? Step.IDS
                        : "media".equals(exchange.param("alt")) ? Step.MEDIA : Step.METADATA;
            case "GET drives/ID" -> Step.METADATA;
            case "POST files", "PATCH files/ID" -> Step.CHANGE;
            case "DELETE files/ID" -> Step.DELETE;
            default -> Step.OTHER;
        };
    }

    /// The path below `upload`, or below `download`, by which Google's client reads.
    private static List<String> below(Exchange exchange) {
        List<String> path = exchange.segments();
        return path.getFirst().equals(API.getFirst()) ? path : path.subList(1, path.size());
    }

    private static Step startStep(Exchange exchange) {
        return "resumable".equals(exchange.param("uploadType")) ? Step.START : Step.WHOLE;
    }

    @Override
    void serve(Exchange exchange, Step step) throws IOException {
        List<String> below = below(exchange);
        String id = below.size() > 3 ? below.get(3) : null;
        boolean drives = below.get(2).equals("drives");
        switch (step) {
            case START -> start(exchange, id);
            case CHUNK, LAST_CHUNK, QUERY, CANCEL -> sessions.serve(exchange);
            case WHOLE -> whole(exchange, id);
            case METADATA -> metadata(exchange, String.valueOf(id), drives);
            case MEDIA -> media(exchange, find(exchange, String.valueOf(id)));
            case LIST -> list(exchange, drives);
            case DELETE -> delete(exchange, String.valueOf(id));
            case CHANGE -> change(exchange, id);
            case ABOUT -> about(exchange);
            case IDS -> ids(exchange);
            case ANY, TOKEN, CONSENT, OTHER -> throw Refusal.notFound("Not Found");
        }
    }

    private DriveFile find(Exchange exchange, String id) {
        return files.find(id, exchange.account(), exchange.flag("supportsAllDrives"));
    }

    // ---------------------------------------------------------------- uploads

    private void start(Exchange exchange, @Nullable String id) throws IOException {
        exchange.requireLength();
        Upload upload = upload(exchange, id, exchange.jsonBody(), exchange.requestHeader("X-Upload-Content-Type"));
        long total = FakeGcs.announced(exchange);
        upload.requireRoom(Math.max(0, total));
        sessions.start(
                exchange,
                new UploadSession(
                        upload.metadata.path("name").asText(),
                        upload,
                        exchange.account(),
                        newContent(),
                        options.kept(),
                        total,
                        options.clock().instant()));
    }

    private void whole(Exchange exchange, @Nullable String id) throws IOException {
        exchange.requireLength();
        Content content = newContent();
        try {
            Upload upload;
            if ("multipart".equals(exchange.param("uploadType"))) {
                Multipart multipart = Multipart.read(exchange);
                upload = upload(exchange, id, multipart.metadata(), multipart.type());
                content.append(multipart.bytes());
            } else if ("media".equals(exchange.param("uploadType"))) {
                ObjectNode none = JsonNodeFactory.instance.objectNode();
                upload = upload(exchange, id, none, exchange.requestHeader(HttpHeader.CONTENT_TYPE));
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

    /// @param id of the file whose content is replaced, null where there is none yet
    private Upload upload(Exchange exchange, @Nullable String id, ObjectNode metadata, @Nullable String type) {
        if (!metadata.has("mimeType")) {
            metadata.put("mimeType", type == null ? "application/octet-stream" : type);
        }
        Account by = exchange.account();
        DriveFile existing = id == null ? null : find(exchange, id);
        DriveFile folder = existing == null ? parent(exchange, metadata) : existing;
        String newId = existing == null ? newId(metadata, by) : existing.id();
        return new Upload(newId, existing, folder, metadata, metadata.has("id"), by, exchange.param("fields"));
    }

    private String newId(ObjectNode metadata, Account by) {
        String wanted = metadata.path("id").asText("");
        if (wanted.isEmpty()) {
            return DriveFiles.newId();
        }
        files.requireUsable(wanted, by);
        return wanted;
    }

    private DriveFile parent(Exchange exchange, ObjectNode metadata) {
        JsonNode parents = metadata.path("parents");
        if (parents.size() > 1) {
            throw Refusal.invalid("A file cannot have multiple parents.").at("parents");
        }
        DriveFile parent =
                find(exchange, parents.isEmpty() ? "root" : parents.get(0).asText());
        if (!parent.isFolder()) {
            throw new Refusal(403, "parentNotAFolder", "The specified parent is not a folder.").at("parents");
        }
        return parent;
    }

    private DriveFile newFile(String id, ObjectNode metadata, Account by, DriveFile parent) {
        ObjectNode resource = metadata.deepCopy().remove(COMPUTED);
        if (!resource.has("name")) {
            resource.put("name", "Untitled");
        }
        resource.putArray("parents").add(parent.id());
        String driveId = parent.driveId();
        return new DriveFile(
                id,
                driveId == null ? by : null,
                driveId,
                resource,
                options.clock().instant());
    }

    private final class Upload implements UploadSession.Target {
        private final String id;
        private final @Nullable DriveFile existing;
        private final DriveFile folder;
        private final ObjectNode metadata;
        private final boolean idGiven;
        private final Account by;
        private final @Nullable String fields;

        Upload(
                String id,
                @Nullable DriveFile existing,
                DriveFile folder,
                ObjectNode metadata,
                boolean idGiven,
                Account by,
                @Nullable String fields) {
            this.id = id;
            this.existing = existing;
            this.folder = folder;
            this.metadata = metadata;
            this.idGiven = idGiven;
            this.by = by;
            this.fields = fields;
        }

        /// In a shared drive nobody's storage is used, but what is sent a day counts.
        void requireRoom(long bytes) {
            if (bytes > MOST_BYTES) {
                throw new Refusal(413, "uploadTooLarge", "The file exceeds the maximum size of 5,120 GB");
            }
            var now = options.clock().instant();
            if (folder.driveId() == null) {
                by.requireRoom(bytes, now);
            } else {
                by.requireDaily(bytes, now);
            }
        }

        @Override
        public ObjectNode complete(Content content, Exchange exchange) {
            return files.locked(() -> {
                requireRoom(content.size());
                if (existing == null && idGiven) {
                    files.requireUsable(id, by);
                }
                DriveFile file = existing == null ? newFile(id, metadata, by, folder) : changed(existing, metadata);
                Content before = file.replace(content);
                if (before != null) {
                    before.delete();
                }
                if (file.owner() != null) {
                    file.owner().stored(content.size() - (before == null ? 0 : before.size()));
                }
                by.sent(content.size());
                files.put(file);
                return (ObjectNode) selected(fields, file);
            });
        }
    }

    private DriveFile changed(DriveFile file, ObjectNode metadata) {
        JsonNode trashed = metadata.path("trashed");
        file.resource().setAll(metadata.deepCopy().remove(COMPUTED));
        if (trashed.isBoolean()) {
            file.resource().put("trashed", trashed.asBoolean());
        }
        file.resource()
                .put(
                        "modifiedTime",
                        options.clock().instant().truncatedTo(ChronoUnit.MILLIS).toString());
        return file;
    }

    // ---------------------------------------------------------------- everything else

    private static JsonNode selected(@Nullable String fields, DriveFile file) {
        return FieldMask.applyKnown(fields == null ? DEFAULT_FIELDS : fields, file.resource(), DriveFile.FIELDS);
    }

    private void metadata(Exchange exchange, String id, boolean drive) throws IOException {
        exchange.json(
                200,
                drive
                        ? FieldMask.apply(exchange.param("fields"), files.drive(id, exchange.account()))
                        : selected(exchange.param("fields"), find(exchange, id)));
    }

    private void media(Exchange exchange, DriveFile file) throws IOException {
        Content content = file.content();
        if (content == null) {
            throw new Refusal(
                            403,
                            "fileNotDownloadable",
                            "Only files with binary content can be downloaded. Use Export with Docs Editors files.")
                    .at("alt");
        }
        ByteRange.send(exchange, file.mimeType(), content);
    }

    private void list(Exchange exchange, boolean drives) throws IOException {
        if (drives) {
            ObjectNode page = JsonNodeFactory.instance.objectNode().put("kind", "drive#driveList");
            page.putArray("drives").addAll(files.drives(exchange.account()));
            exchange.json(200, FieldMask.apply(exchange.param("fields"), page));
            return;
        }
        boolean allDrives = exchange.flag("includeItemsFromAllDrives");
        if (allDrives && !exchange.flag("supportsAllDrives")) {
            throw Refusal.invalid("includeItemsFromAllDrives needs supportsAllDrives")
                    .at("includeItemsFromAllDrives");
        }
        String driveId = exchange.param("driveId");
        if (driveId != null && (!"drive".equals(exchange.param("corpora")) || !allDrives)) {
            throw Refusal.invalid("driveId needs corpora=drive, includeItemsFromAllDrives and supportsAllDrives")
                    .at("driveId");
        }
        if (driveId != null) {
            files.drive(driveId, exchange.account());
        }
        String query = exchange.param("q");
        Predicate<DriveFile> wanted =
                query == null ? file -> true : DriveQuery.parse(query, files.root(exchange.account()));
        int size = number(exchange, "pageSize", 100, 1000);
        int from = number(exchange, "pageToken", 0, Integer.MAX_VALUE);
        List<DriveFile> found = files.list(exchange.account(), wanted, allDrives, driveId);
        ObjectNode page = JsonNodeFactory.instance.objectNode().put("kind", "drive#fileList");
        page.put("incompleteSearch", false);
        ArrayNode list = page.putArray("files");
        found.stream().skip(from).limit(size).forEach(file -> list.add(file.resource()));
        if (found.size() > from + size) {
            page.put("nextPageToken", String.valueOf(from + size));
        }
        String fields = exchange.param("fields");
        exchange.json(
                200, FieldMask.applyKnown(fields == null ? DEFAULT_LIST : fields, page, "files", DriveFile.FIELDS));
    }

    private void delete(Exchange exchange, String id) throws IOException {
        DriveFile file = find(exchange, id);
        if (file.parent().isEmpty()) {
            throw new Refusal(403, "insufficientFilePermissions", "A root folder cannot be deleted.");
        }
        files.delete(file);
        exchange.empty(204);
    }

    private void change(Exchange exchange, @Nullable String id) throws IOException {
        exchange.requireLength();
        ObjectNode metadata = exchange.jsonBody();
        if (id != null) {
            DriveFile file = find(exchange, id);
            String into = exchange.param("addParents");
            DriveFile parent = into == null ? null : find(exchange, into);
            JsonNode answer = files.locked(() -> {
                DriveFile after = changed(file, metadata);
                if (parent != null) {
                    after.resource().putArray("parents").add(parent.id());
                }
                return selected(exchange.param("fields"), after);
            });
            exchange.json(200, answer);
            return;
        }
        if (!metadata.has("mimeType")) {
            metadata.put("mimeType", "application/octet-stream");
        }
        Account by = exchange.account();
        DriveFile file = newFile(newId(metadata, by), metadata, by, parent(exchange, metadata));
        if (!file.isFolder()) {
            // A file without content has no bytes.
            file.replace(newContent());
        }
        files.put(file);
        exchange.json(200, selected(exchange.param("fields"), file));
    }

    /// "The `fields` parameter is required for this method" (reference of `about.get`).
    private void about(Exchange exchange) throws IOException {
        String fields = exchange.param("fields");
        if (fields == null) {
            throw new Refusal(400, "required", "The 'fields' parameter is required for this method.").at("fields");
        }
        Account account = exchange.account();
        ObjectNode about = JsonNodeFactory.instance.objectNode().put("kind", "drive#about");
        about.putObject("user")
                .put("kind", "drive#user")
                .put("displayName", account.email())
                .put("emailAddress", account.email())
                .put("me", true);
        about.putObject("storageQuota")
                .put("limit", String.valueOf(account.limit()))
                .put("usage", String.valueOf(account.used()))
                .put("usageInDrive", String.valueOf(account.used()))
                .put("usageInDriveTrash", "0");
        about.put("maxUploadSize", String.valueOf(MOST_BYTES));
        exchange.json(200, FieldMask.apply(fields, about));
    }

    private void ids(Exchange exchange) throws IOException {
        int count = number(exchange, "count", 10, 1000);
        ObjectNode answer = JsonNodeFactory.instance
                .objectNode()
                .put("kind", "drive#generatedIds")
                .put("space", "drive");
        files.generate(exchange.account(), count).forEach(answer.putArray("ids")::add);
        exchange.json(200, FieldMask.apply(exchange.param("fields"), answer));
    }

    private static int number(Exchange exchange, String parameter, int otherwise, int most) {
        String value = exchange.param(parameter);
        if (value == null) {
            return otherwise;
        }
        if (!value.matches("\\d{1,9}") || Integer.parseInt(value) > most) {
            throw Refusal.invalid("Invalid value '" + value + "'").at(parameter);
        }
        return Integer.parseInt(value);
    }
}
