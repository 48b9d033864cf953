package dev.sluice.app;

import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where a service is reached, as somebody has written it into the settings.
final class WrittenUrl {
    private static final int LAST_PORT = 65_535;

    private WrittenUrl() {}

    /// @param key of the setting, for messages
    /// @return null where nothing is written
    /// @throws ConfigurationException where it is no such address
    static @Nullable URI of(String key, Optional<String> written) {
        if (written.isEmpty()) {
            return null;
        }
        URI url;
        try {
            url = URI.create(written.get());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(wrong(key, written.get()), e);
        }
        if (url.getRawQuery() != null || url.getRawFragment() != null) {
            throw new ConfigurationException(
                    key + " has something behind a question mark or a number sign: leave that out");
        }
        boolean known = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
        if (!known || url.getHost() == null || url.getUserInfo() != null || url.getPort() > LAST_PORT) {
            throw new ConfigurationException(wrong(key, written.get()));
        }
        return url;
    }

    /// What may be a password, or a signature, is not told.
    private static String wrong(String key, String written) {
        String plain = written.replaceFirst("(?<=://).*@", "***@").replaceFirst("[?#].*", "?***");
        return key + " is \"" + plain + "\"; write it as https://HOST or https://HOST:PORT";
    }
}
