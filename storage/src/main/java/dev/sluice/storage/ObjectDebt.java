package dev.sluice.storage;

/// The debt of an object that is visible before its job is completed.
record ObjectDebt(String storage, UploadState state, ObjectRef ref) {
    static final String TYPE = "upload-object";
}
