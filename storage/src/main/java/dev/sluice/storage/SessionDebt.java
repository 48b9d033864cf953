package dev.sluice.storage;

/// The debt of an unfinished object: a temporary file, a provider's session.
///
/// @param scattered whether its bytes come in any order, so that its length does not tell how many are there
record SessionDebt(String storage, UploadState state, boolean scattered) {
    static final String TYPE = "upload-session";
}
