package dev.sluice.google;

import com.google.auth.oauth2.UserCredentials;
import dev.sluice.cloud.Transport;
import java.net.URI;

/// Sluice as a user's Google account knows it: a client of the type "Desktop app", which whoever runs a server makes
/// in Google's console. Its secret is none that protects anything (RFC 8252 §8.5), and is treated as one all the same.
///
/// @param scope what it asks for, as [GoogleAccount#DRIVE]
/// @param consent the page where a user consents
/// @param tokens where tokens are asked for
public record OAuthClient(String id, String secret, String scope, URI consent, URI tokens) {
    private static final URI GOOGLE_CONSENT = URI.create("https://accounts.google.com/o/oauth2/v2/auth");
    private static final URI GOOGLE_TOKENS = URI.create("https://oauth2.googleapis.com/token");

    /// @param endpoint of the service: Google's own, or one that does all that Google's several hosts do
    public static OAuthClient at(URI endpoint, String id, String secret, String scope) {
        return endpoint.equals(DriveSettings.GOOGLE)
                ? new OAuthClient(id, secret, scope, GOOGLE_CONSENT, GOOGLE_TOKENS)
                : new OAuthClient(
                        id, secret, scope, URI.create(endpoint + "/o/oauth2/v2/auth"), URI.create(endpoint + "/token"));
    }

    /// @param lane of the storage
    UserCredentials user(String refreshToken, Transport transport, String lane) {
        var http = new AuthTransport(transport, lane);
        return UserCredentials.newBuilder()
                .setClientId(id)
                .setClientSecret(secret)
                .setRefreshToken(refreshToken)
                .setTokenServerUri(tokens)
                .setHttpTransportFactory(() -> http)
                .build();
    }

    @Override
    public String toString() {
        return "client " + id;
    }
}
