package dev.sluice.app;

import dev.sluice.cloud.Transport;
import dev.sluice.core.StopToken;
import dev.sluice.google.Consent;
import dev.sluice.google.OAuthClient;
import java.net.URI;
import java.time.Duration;

/// Asks a user in a browser for leave to use their account as one of a storage's.
public final class AccountConsent implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private final String storage;
    private final Consent consent;
    private final Transport transport = Transport.open(CONNECT, SILENCE);

    private AccountConsent(String storage, Consent consent) {
        this.storage = storage;
        this.consent = consent;
    }

    /// @param name of the storage
    /// @param redirect where the browser brings the answer
    /// @throws ConfigurationException where that storage takes no accounts of users
    public static AccountConsent of(String name, Settings settings, URI redirect) {
        return new AccountConsent(name, new Consent(client(name, settings), redirect));
    }

    private static OAuthClient client(String name, Settings settings) {
        Settings.StorageSettings storage = OneStorage.settings(name, settings);
        if (!storage.kind().equals("gdrive")) {
            throw new ConfigurationException("storage \"" + name + "\" is of kind " + storage.kind()
                    + ": only those of kind gdrive take accounts of users");
        }
        OAuthClient client = new ConfiguredDrive(name, storage).client();
        if (client == null) {
            throw new ConfigurationException(
                    "storages." + name + ".client-id and client-secret are missing: make a client"
                            + " of the type \"Desktop app\" in Google's console, and set them as it shows them");
        }
        return client;
    }

    /// The page to open.
    public URI page() {
        return consent.page();
    }

    /// Whether an answer with that `state` is one to this question.
    public boolean isAnswer(String state) {
        return consent.isAnswer(state);
    }

    /// What the storage is to be given, a secret.
    ///
    /// @param code that the browser has brought
    /// @throws dev.sluice.core.ProblemException `upstream_…` where the provider gives nothing for it
    public String grant(String code, StopToken stop) {
        return consent.token(code, transport, storage, stop);
    }

    @Override
    public void close() {
        transport.close();
    }
}
