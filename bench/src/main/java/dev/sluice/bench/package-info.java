/// Every figure that Sluice publishes, each by one command: `bench/run ROW`. A row starts the server and its
/// rival as processes of their own, takes turns between them, and writes what it has seen into
/// `docs/benchmarks.md`.
///
/// [Bench] lists the rows; each `…Row` tells its own story from top to bottom. Beside them are what they share:
/// processes ([SluiceProcess], [Nginx], [TusNode], [TransferManager], [Postgres], [Sink], [S3Sink], [S3Proxy]),
/// clients that cost little ([HttpConnection], [PacedUploads], [Puts], [Watchers]), and what is made of the figures
/// ([Turns], [Figure], [BenchmarksPage]). The storages that keep nothing ([SinkStorage]) run inside the server, which
/// [BenchServer] starts then.
@NullMarked
package dev.sluice.bench;

import org.jspecify.annotations.NullMarked;
