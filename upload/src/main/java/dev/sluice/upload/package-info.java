/// TODO
@NullMarked
package dev.sluice.upload;

import org.jspecify.annotations.NullMarked;
