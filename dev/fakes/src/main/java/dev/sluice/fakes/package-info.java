/// Strict servers that speak as Google Cloud Storage and Google Drive do, for tests and for trying by hand
/// (`dev/fake-gcs`, `dev/fake-drive`). Start at [dev.sluice.fakes.FakeGcs] and [dev.sluice.fakes.FakeDrive]:
/// each has accounts, [dev.sluice.fakes.Calls] with everything that it was asked, and
/// [dev.sluice.fakes.Faults] that a test switches on.
///
/// They are stricter than the services where those are lenient, never more lenient: what passes here may still
/// fail there, but what fails here is wrong. A rule names where it is documented; "unverified" marks what was
/// read in no primary source.
@NullMarked
package dev.sluice.fakes;

import org.jspecify.annotations.NullMarked;
