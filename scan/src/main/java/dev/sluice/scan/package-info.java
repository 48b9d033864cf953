/// Whether a file that claims to be a CSV may be taken in: what clamd says of it, and what its bytes say.
///
/// Start at [Scanning]: it reads the file once by itself ([Examination]) and then has clamd look at it where one is
/// configured ([Clamd]). What comes out is a [Verdict], which says who looked and never claims more.
@NullMarked
package dev.sluice.scan;

import org.jspecify.annotations.NullMarked;
