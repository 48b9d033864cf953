/// What the tests of several modules share: real servers, and a clock that stands still.
@NullMarked
package dev.sluice.testing;

import org.jspecify.annotations.NullMarked;
