/// CSV files as they come: what encoding, separators, header, dates and numbers one has is found by reading all of it
/// once, and then it is read.
@NullMarked
package dev.sluice.csv;

import org.jspecify.annotations.NullMarked;
