/// Objects in a bucket of Amazon S3 or of a service that speaks its protocol.
///
/// [S3Storage] is the storage; an [S3Upload] sends an object as one conditional put where it fits into one part,
/// else as a multipart upload, some parts at a time. [Bucket] has the calls to the service, each tried again where
/// that may help, and [Faults] says what their failures mean. Amazon's SDK makes and signs the requests and reads
/// the answers; the bytes go over Sluice's own transport ([SdkTransport]), straight from the parts' memory.
@NullMarked
package dev.sluice.s3;

import org.jspecify.annotations.NullMarked;
