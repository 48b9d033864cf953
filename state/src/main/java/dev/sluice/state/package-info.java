/// Jobs, batches, events, debts, nodes and histories in SQLite or PostgreSQL: the ports of `core`, filled.
///
/// Start at [State]. The tables are in `schema/state/V1__state.sql`; every statement that touches them stands
/// as SQL in one of the four stores. Events are numbered in [EventGroup], at the end of each transaction.
@NullMarked
package dev.sluice.state;

import org.jspecify.annotations.NullMarked;
