/// Databases as the rest of the house sees them: SQLite in a file or PostgreSQL, one SQL for both.
///
/// Start at [Database]: it is opened with [Database#sqlite] or [Database#postgres], brought to a [Schema], read
/// with [Database#read] and written with [Database#write]. All writing goes through one thread ([Writer]),
/// which commits many callers' [Unit]s as one transaction. What was committed survives the death of the process
/// at once, and a power cut after [Database#sync].
@NullMarked
package dev.sluice.db;

import org.jspecify.annotations.NullMarked;
