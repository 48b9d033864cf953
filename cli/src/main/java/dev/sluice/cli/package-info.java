/// The `sluice` command: [Main] names the commands, each is a class of its own. Those that talk to a running server
/// find it by [Server] and speak HTTP through [Http]; `upload` sends each file with a [Transfer]. `copy`, `move`,
/// `rename` and `undo` are each an [OperationRun], done by the [Holder] of the data folder: another process, or
/// this one. The shell launcher answers `cancel`, `jobs`, `status`, `pause`, `resume` and `retry` itself where it
/// can; the classes here do the same where it cannot.
@NullMarked
package dev.sluice.cli;

import org.jspecify.annotations.NullMarked;
