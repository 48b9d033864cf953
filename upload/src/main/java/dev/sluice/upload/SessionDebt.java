package dev.sluice.upload;

import dev.sluice.storage.UploadState;

/// The debt of an unfinished object: a temporary file, a provider's session.
record SessionDebt(String storage, UploadState state) {
    static final String TYPE = "upload-session";
}
