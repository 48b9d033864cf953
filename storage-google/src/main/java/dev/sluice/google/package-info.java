/// Objects in a bucket of Google Cloud Storage, and files in a folder of Google Drive.
///
/// Both take an upload by a resumable session, and one client of ours speaks it for both, on Sluice's own transport.
/// Google's auth library makes the tokens, over the same transport. An [Account] is who asks; where there are
/// several ([Accounts]) an upload goes with the one that has room for it, and moves to another only while nothing of it
/// is at the provider.
@NullMarked
package dev.sluice.google;

import org.jspecify.annotations.NullMarked;
