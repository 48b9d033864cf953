/// TODO
@NullMarked
package dev.sluice.realtime;

import org.jspecify.annotations.NullMarked;
