/// Imports: a CSV file in, rows in a database out.
@NullMarked
package dev.sluice.imports;

import org.jspecify.annotations.NullMarked;
