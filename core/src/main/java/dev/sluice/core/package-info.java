/// The engine: what a job is, how its state changes, how it is watched, stopped, resumed and cleaned up after.
///
/// Start at [Engine]: it changes states through the ports [JobStore], [DebtStore] and [NodeStore], which the
/// floor above fills, and hands a [Session] to whoever moves a job's bytes. A session is stopped through its
/// [StopToken]. What must not stay behind is a [Debt]. This module knows the JDK, JSpecify and slf4j.
@NullMarked
package dev.sluice.core;

import org.jspecify.annotations.NullMarked;
