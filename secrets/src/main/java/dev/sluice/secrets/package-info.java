/// What must not lie about in the clear, and what only this server can have said.
///
/// [Vault] has the one key of a server. It seals what is kept (words of providers, tokens, tails, keys of
/// webhooks) and signs what comes back from outside. Where the key lies and who may ask for it, `app` decides.
@NullMarked
package dev.sluice.secrets;

import org.jspecify.annotations.NullMarked;
