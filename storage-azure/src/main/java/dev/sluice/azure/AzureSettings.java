package dev.sluice.azure;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which container, and who asks: by an account's key, or by the token of a shared access signature.
///
/// @param name of the storage, as users call it
/// @param endpoint of the blob service, `http` or `https`, with the account in its path where it is not in the host
/// @param account null where a token speaks for it
/// @param accountKey in Base64; null with a token
/// @param sasToken as the portal shows it, without or with its `?`; null with a key
/// @param prefix before every key; empty, or with a `/` at its end
public record AzureSettings(
        String name,
        String container,
        URI endpoint,
        @Nullable String account,
        @Nullable String accountKey,
        @Nullable String sasToken,
        String prefix) {
    private static final Pattern CONTAINER = Pattern.compile("\\$root|\\$web|(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*");
    private static final Pattern ACCOUNT = Pattern.compile("[a-z0-9]{3,24}");
    static final int LONGEST_KEY = 1024;
    private static final int LONGEST_NAME = 255;

    /// @throws IllegalArgumentException with the name of the setting that is wrong, and why
    public AzureSettings {
        require(
                CONTAINER.matcher(container).matches(),
                "container",
                "\"" + container
                        + "\" is none that there can be: 3 to 63 lower-case letters, digits and single hyphens between them"
                        + " are");
        require(
                endpoint.getRawQuery() == null && endpoint.getRawFragment() == null,
                "endpoint",
                "has something behind a question mark: put a token into sas-token");
        while (prefix.startsWith("/")) {
            prefix = prefix.substring(1);
        }
        if (!prefix.isEmpty() && !prefix.endsWith("/")) {
            prefix = prefix + "/";
        }
        require(
                prefix.length() + LONGEST_NAME <= LONGEST_KEY,
                "prefix",
                "is too long: of the " + LONGEST_KEY + " characters of a blob's name " + LONGEST_NAME
                        + " are for the file's");
        require(!prefix.contains("./"), "prefix", "has a part that ends with a dot: Azure takes no such name");
        if (sasToken != null) {
            sasToken = sasToken.startsWith("?") ? sasToken.substring(1) : sasToken;
            require(accountKey == null, "sas-token", "stands beside account-key: remove one of them");
            requireUsable(sasToken);
        } else {
            require(accountKey != null, "account-key", "is missing: set it, or sas-token");
            require(account != null, "account", "is missing: whose account-key is it?");
            require(isBase64(accountKey), "account-key", "is not Base64: copy it from the account's access keys");
        }
    }

    /// Where Azure has the blobs of an account.
    ///
    /// @throws IllegalArgumentException as the constructor
    public static URI endpointOf(String account) {
        require(
                ACCOUNT.matcher(account).matches(),
                "account",
                "\"" + account + "\" is none that there can be: 3 to 24 lower-case letters and digits are");
        return URI.create("https://" + account + ".blob.core.windows.net");
    }

    private static void require(boolean holds, String setting, String why) {
        if (!holds) {
            throw new IllegalArgumentException(setting + " " + why);
        }
    }

    private static boolean isBase64(@Nullable String key) {
        try {
            return key != null && Base64.getDecoder().decode(key).length > 0;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String decoded(String word) {
        try {
            return URLDecoder.decode(word, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "sas-token has a % without two hexadecimal digits behind it: copy all of it, as sv=…&sig=…", e);
        }
    }

    /// What a token says of itself: until when, and what for. One that names a stored policy says less.
    private static void requireUsable(String token) {
        Map<String, String> words = new HashMap<>();
        for (String word : token.split("&")) {
            int at = word.indexOf('=');
            if (at > 0) {
                words.put(word.substring(0, at), decoded(word.substring(at + 1)));
            }
        }
        require(words.containsKey("sig"), "sas-token", "has no signature: copy all of it, as sv=…&sig=…");
        String ends = words.get("se");
        if (ends != null) {
            require(end(ends).isAfter(Instant.now()), "sas-token", "has expired at " + ends + ": make a new one");
        }
        String rights = words.get("sp");
        if (rights != null) {
            for (String right : new String[] {"r", "w", "d"}) {
                require(
                        rights.contains(right),
                        "sas-token",
                        "lets us do \"" + rights + "\" only: it needs read, write and delete (rwd)");
            }
        }
    }

    private static Instant end(String written) {
        try {
            return written.length() == "2026-01-01".length()
                    ? LocalDate.parse(written).atStartOfDay().toInstant(ZoneOffset.UTC)
                    : OffsetDateTime.parse(written).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("sas-token has no time that can be read: se=" + written, e);
        }
    }

    /// Without secrets.
    @Override
    public String toString() {
        return "container " + container + " at " + endpoint;
    }
}
