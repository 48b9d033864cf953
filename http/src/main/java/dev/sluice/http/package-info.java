/// HTTP to servers of others, for whoever has to know each byte that he sends.
///
/// [PlainClient] starts Jetty's client without all that it would do by itself. How long it waits, whom it may connect
/// to and how it is cut off is the matter of who opens it: see `cloud` and `notify`.
@NullMarked
package dev.sluice.http;

import org.jspecify.annotations.NullMarked;
