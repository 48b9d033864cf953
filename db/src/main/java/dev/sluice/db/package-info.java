/// TODO
@NullMarked
package dev.sluice.db;

import org.jspecify.annotations.NullMarked;
