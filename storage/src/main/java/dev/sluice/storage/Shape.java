package dev.sluice.storage;

/// What a storage is like.
///
/// @param kind `local`, `s3`, `gcs`, `gdrive`, `azure`
/// @param remote whether its calls wait for a network; otherwise they work on a disk
/// @param scatters whether bytes may come in any order
/// @param readsBack whether [ObjectUpload#written] gives back what was written
/// @param revertible whether an upload that was committed is as before once its object is taken back: where it is
///     not, who goes on with it goes on from the object
/// @param survivesPowerCut whether a commit returns only once the object would survive a power cut
public record Shape(
        String kind,
        boolean remote,
        boolean scatters,
        boolean readsBack,
        boolean revertible,
        boolean survivesPowerCut) {}
