/// TODO
@NullMarked
package dev.sluice.wire;

import org.jspecify.annotations.NullMarked;
