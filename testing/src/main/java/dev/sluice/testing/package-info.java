/// Real parts for the tests of every module: servers that they share.
@NullMarked
package dev.sluice.testing;

import org.jspecify.annotations.NullMarked;
