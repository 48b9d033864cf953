package dev.sluice.fakes;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// All files of all accounts and shared drives, and who sees which. Names need not differ: ids do.
final class DriveFiles {
    private final FakeOptions options;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, DriveFile> files = new LinkedHashMap<>();
    private final Map<String, String> roots = new LinkedHashMap<>();
    private final Map<String, SharedDrive> drives = new LinkedHashMap<>();
    private final Map<String, String> generated = new LinkedHashMap<>();

    private record SharedDrive(String id, String name, Set<String> members) {
        private ObjectNode resource() {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("kind", "drive#drive")
                    .put("id", id)
                    .put("name", name);
        }
    }

    DriveFiles(FakeOptions options) {
        this.options = options;
    }

    <T> T locked(Supplier<T> what) {
        lock.lock();
        try {
            return what.get();
        } finally {
            lock.unlock();
        }
    }

    List<DriveFile> all() {
        return locked(() -> List.copyOf(files.values()));
    }

    // ---------------------------------------------------------------- drives and roots

    /// The id of the account's My Drive, which is a folder.
    String root(Account account) {
        return locked(() -> roots.computeIfAbsent(account.email(), email -> {
            String id = newId();
            put(new DriveFile(
                    id, account, null, folder("My Drive"), options.clock().instant()));
            return id;
        }));
    }

    String sharedDrive(String name, Account... members) {
        return locked(() -> {
            String id = newId();
            var emails = new HashSet<String>();
            for (Account member : members) {
                emails.add(member.email());
            }
            drives.put(id, new SharedDrive(id, name, emails));
            put(new DriveFile(id, null, id, folder(name), options.clock().instant()));
            return id;
        });
    }

    ObjectNode drive(String id, Account by) {
        return locked(() -> {
            SharedDrive drive = drives.get(id);
            if (drive == null || !drive.members().contains(by.email())) {
                throw Refusal.notFound("Shared drive not found: " + id).at("driveId");
            }
            return drive.resource();
        });
    }

    List<ObjectNode> drives(Account by) {
        return locked(() -> drives.values().stream()
                .filter(drive -> drive.members().contains(by.email()))
                .map(SharedDrive::resource)
                .toList());
    }

    static ObjectNode folder(String name) {
        return JsonNodeFactory.instance.objectNode().put("name", name).put("mimeType", DriveFile.FOLDER);
    }

    // ---------------------------------------------------------------- files

    /// The file, where this account sees it: its own, or one in a shared drive of its, which it must say it can
    /// handle ("supportsAllDrives", guide 'Implement shared drive support').
    ///
    /// @throws Refusal 404, as for one that is not there
    DriveFile find(String id, Account by, boolean allDrives) {
        return locked(() -> {
            DriveFile file = files.get(id.equals("root") ? root(by) : id);
            if (file == null || !sees(by, file) || (file.driveId() != null && !allDrives)) {
                throw Refusal.notFound("File not found: " + id + ".").at("fileId");
            }
            return file;
        });
    }

    private boolean sees(Account by, DriveFile file) {
        SharedDrive drive = file.driveId() == null ? null : drives.get(file.driveId());
        return drive == null ? by.equals(file.owner()) : drive.members().contains(by.email());
    }

    /// @param driveId only what is in there, where not null
    List<DriveFile> list(Account by, Predicate<DriveFile> wanted, boolean allDrives, @Nullable String driveId) {
        return locked(() -> files.values().stream()
                .filter(file -> !file.parent().isEmpty() && sees(by, file))
                .filter(file -> file.driveId() == null ? driveId == null : allDrives)
                .filter(file -> driveId == null || driveId.equals(file.driveId()))
                .filter(wanted)
                .toList());
    }

    void put(DriveFile file) {
        locked(() -> files.put(file.id(), file));
    }

    /// Deletes a file, or a folder with all that is in it.
    void delete(DriveFile file) {
        locked(() -> {
            for (DriveFile child : new ArrayList<>(files.values())) {
                if (child.parent().equals(file.id())) {
                    delete(child);
                }
            }
            Content content = file.content();
            if (files.remove(file.id()) != null && content != null) {
                if (file.owner() != null) {
                    file.owner().stored(-content.size());
                }
                content.delete();
            }
            return file;
        });
    }

    // ---------------------------------------------------------------- ids

    static String newId() {
        return Secrets.word("1", 24);
    }

    /// Ids that this account may give to files ("files.generateIds").
    List<String> generate(Account by, int count) {
        return locked(() -> {
            var ids = new ArrayList<String>();
            for (int index = 0; index < count; index++) {
                String id = newId();
                generated.put(id, by.email());
                ids.add(id);
            }
            return ids;
        });
    }

    /// That a client may give this id to a new file. Statuses, reasons and texts are unverified.
    void requireUsable(String id, Account by) {
        lock.lock();
        try {
            if (files.containsKey(id)) {
                throw new Refusal(409, "fileIdInUse", "A file already exists with the provided ID.").at("file.id");
            }
            if (!by.email().equals(generated.get(id))) {
                throw Refusal.invalid("The provided file ID is not usable.").at("file.id");
            }
        } finally {
            lock.unlock();
        }
    }
}
