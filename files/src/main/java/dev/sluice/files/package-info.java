/// File operations: copies, moves and renames on disks, made for frame sequences.
///
/// [Operations] makes the jobs. One is first planned (`Planner`): its sources are expanded to the files that there are,
/// each with its target, and every conflict is found before anything is touched. Then it is done step by step, and what
/// is about to change a disk is written into its `Journal` before: after a crash the next start goes on from there.
@NullMarked
package dev.sluice.files;

import org.jspecify.annotations.NullMarked;
