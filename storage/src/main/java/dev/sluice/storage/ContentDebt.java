package dev.sluice.storage;

/// The debt of a stored file whose job was removed together with it.
record ContentDebt(String storage, ObjectRef ref) {
    static final String TYPE = "upload-content";
}
