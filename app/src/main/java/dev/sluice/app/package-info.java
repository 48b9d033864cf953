/// The wired engine without any HTTP: configuration, the data folder, and [Sluice], which puts the parts
/// together in one visible place. The server and the command line's own in-process engine both stand on it.
@NullMarked
package dev.sluice.app;

import org.jspecify.annotations.NullMarked;
