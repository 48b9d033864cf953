/// HTTP and WebSockets: routes, sockets, pages, on Jetty.
///
/// [SluiceServer] assembles it: [Guard] in front of all, then the sockets, then the routes that move bytes (all
/// of them Jetty core handlers), then the JSON routes (Javalin). Nothing here decides about a job; it asks the
/// floors below.
@NullMarked
package dev.sluice.server;

import org.jspecify.annotations.NullMarked;
