package dev.sluice.upload;

import dev.sluice.storage.ObjectRef;

/// The debt of a stored file whose job was removed together with it.
record ContentDebt(String storage, ObjectRef ref) {
    static final String TYPE = "upload-content";
}
