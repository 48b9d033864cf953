package dev.sluice.fakes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A file or folder of Drive. Guarded by the lock of [DriveFiles].
final class DriveFile {
    static final String FOLDER = "application/vnd.google-apps.folder";

    /// What may be asked for (reference of the resource `File`); most of it this fake does not have.
    static final Set<String> FIELDS = Set.of(("kind id name mimeType description starred trashed explicitlyTrashed"
                    + " trashingUser trashedTime parents properties appProperties spaces version webContentLink"
                    + " webViewLink iconLink hasThumbnail thumbnailLink thumbnailVersion viewedByMe viewedByMeTime"
                    + " createdTime modifiedTime modifiedByMeTime modifiedByMe sharedWithMeTime sharingUser owners"
                    + " driveId lastModifyingUser shared ownedByMe capabilities permissions permissionIds"
                    + " originalFilename fullFileExtension fileExtension md5Checksum sha1Checksum sha256Checksum size"
                    + " quotaBytesUsed headRevisionId contentHints imageMediaMetadata videoMediaMetadata"
                    + " isAppAuthorized writersCanShare copyRequiresWriterPermission folderColorRgb"
                    + " hasAugmentedPermissions linkShareMetadata resourceKey shortcutDetails contentRestrictions"
                    + " labelInfo inheritedPermissionsDisabled downloadRestrictions")
            .split(" "));

    private final String id;
    private final @Nullable Account owner;
    private final @Nullable String driveId;
    private final ObjectNode resource;
    private @Nullable Content content;

    /// @param resource name, mimeType, parents and what else the client gave; becomes the file's own
    /// @param owner null in a shared drive
    DriveFile(String id, @Nullable Account owner, @Nullable String driveId, ObjectNode resource, Instant now) {
        this.id = id;
        this.owner = owner;
        this.driveId = driveId;
        this.resource = resource;
        String time = now.truncatedTo(ChronoUnit.MILLIS).toString();
        resource.put("kind", "drive#file").put("id", id);
        for (String when : new String[] {"createdTime", "modifiedTime"}) {
            if (!resource.has(when)) {
                resource.put(when, time);
            }
        }
        resource.put("trashed", false);
        if (driveId != null) {
            resource.put("driveId", driveId);
        }
        if (owner != null) {
            resource.putArray("owners").addObject().put("kind", "drive#user").put("emailAddress", owner.email());
            resource.put("ownedByMe", true);
        }
    }

    String id() {
        return id;
    }

    @Nullable
    Account owner() {
        return owner;
    }

    @Nullable
    String driveId() {
        return driveId;
    }

    String name() {
        return resource.path("name").asText();
    }

    String mimeType() {
        return resource.path("mimeType").asText();
    }

    boolean isFolder() {
        return mimeType().equals(FOLDER);
    }

    boolean trashed() {
        return resource.path("trashed").asBoolean();
    }

    /// Empty for a root.
    String parent() {
        return resource.path("parents").path(0).asText();
    }

    ObjectNode resource() {
        return resource;
    }

    @Nullable
    Content content() {
        return content;
    }

    /// @return the content that it had
    @Nullable
    Content replace(Content by) {
        Content before = content;
        content = by;
        resource.put("size", String.valueOf(by.size()));
        String md5 = by.md5Hex();
        if (md5 != null) {
            resource.put("md5Checksum", md5);
        }
        return before;
    }
}
