/// Where bytes come to rest: the port that every storage fills, and the local disk.
///
/// [Storage] begins, resumes and reads; [ObjectUpload] takes one object's bytes in order and makes it visible
/// as a whole or not at all. [LocalStorage] keeps objects as plain files under their names in one folder. Every
/// storage passes the same contract suite.
@NullMarked
package dev.sluice.storage;

import org.jspecify.annotations.NullMarked;
