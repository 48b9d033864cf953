/// What goes over the wire, written down: documents, messages, headers and archives of the upload front ends
/// and of the general API. Pure: bytes and job facts in, commands and messages out; no HTTP classes and no I/O.
///
/// Start at [Json], which writes every document and reads every request body through [Fields]. Requests are
/// records with a `parse`, answers are records with an `of`. [JobDocument] is a job as the general API shows
/// it, [FileDocument] the same job as the old upload front end sees it, [JsonFrames] what watchers are told.
/// [OperationRequest] is a file operation as it is asked for, [OperationProgress] how far one is; of a download these
/// are [DownloadCall] and [DownloadStatus]. [ImportTelling] decides what a watcher of imports is told, and when.
/// [ZipLayout] knows every byte of a batch's archive before the first one is read.
@NullMarked
package dev.sluice.wire;

import org.jspecify.annotations.NullMarked;
