/// Uploads: a client brings a file's bytes, in order, in one go or in several.
///
/// [Uploads] makes the jobs and opens them; an [UploadSession] takes the bytes of one, whatever door they come
/// through, and commits. What the sender is told is what the storage has kept.
@NullMarked
package dev.sluice.upload;

import org.jspecify.annotations.NullMarked;
