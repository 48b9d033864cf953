package dev.sluice.app;

import dev.sluice.cloud.Supplies;
import dev.sluice.google.GoogleAccount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// A file with the key of one of Google's service accounts.
final class KeyFile {
    private KeyFile() {}

    /// @param key of the storage's settings, with a dot at its end
    /// @param name of the storage
    static GoogleAccount account(String key, Path file, String scope, Supplies supplies, String name) {
        byte[] json;
        try {
            json = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new ConfigurationException(key + "credentials: there is no file " + file, e);
        } catch (IOException e) {
            throw new ConfigurationException(key + "credentials: " + file + " cannot be read (" + e + ")", e);
        }
        try {
            return GoogleAccount.ofKey(json, scope, supplies, name);
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigurationException(
                    key + "credentials: " + file + " is no key file that Google's console gives", e);
        }
    }
}
