/// What holds for the whole house: the promises under crashes, races and faults, and the floors.
@NullMarked
package dev.sluice.house;

import org.jspecify.annotations.NullMarked;
