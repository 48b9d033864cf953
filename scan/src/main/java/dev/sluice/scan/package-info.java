/// Whether a file that claims to be a CSV may be taken in: what clamd says of it, and what its bytes say.
@NullMarked
package dev.sluice.scan;

import org.jspecify.annotations.NullMarked;
