/// Objects in a container of Azure Blob storage, as block blobs.
///
/// [AzureStorage] is the storage; an [AzureUpload] sends an object as one conditional put where it fits into one
/// part, else as blocks, some at a time, that one conditional call makes a blob of. [Container] has the calls to the
/// service, each tried again where that may help, and [Faults] says what their failures mean.
///
/// Microsoft's SDK signs the requests and reads the documents. Its clients are not used: below their surface they are
/// reactive, hop between threads and turn every body into a stream of their own. The calls go through its
/// `HttpPipeline` instead, on the caller's thread, and the bytes over Sluice's own transport ([SdkTransport]),
/// straight from the parts' memory.
@NullMarked
package dev.sluice.azure;

import org.jspecify.annotations.NullMarked;
