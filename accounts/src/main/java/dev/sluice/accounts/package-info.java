/// Who asks, and what they may: users and their passwords, sessions, API keys, tickets for sockets, links to files, and
/// a log of what was done.
@NullMarked
package dev.sluice.accounts;

import org.jspecify.annotations.NullMarked;
