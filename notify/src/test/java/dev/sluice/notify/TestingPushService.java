package dev.sluice.notify;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// A push service (RFC 8030) with the browsers behind it, as strict as the documents allow: it takes only what is
/// signed with the key that a browser has subscribed with (RFC 8292), for this service and not for too long,
/// encrypted in one record that its browser can read (RFC 8291). What it refuses it remembers. The cryptography is
/// spelled out here once more, and nothing of ours is used.
final class TestingPushService implements AutoCloseable {
    private static final Pattern AUTHORIZATION =
            Pattern.compile("vapid t=([A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+), k=([A-Za-z0-9_-]{87})");
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final TestingReceiver http = new TestingReceiver();
    private final Map<String, Browser> browsers = new ConcurrentHashMap<>();
    private final List<String> refusals = new CopyOnWriteArrayList<>();
    private final Map<String, Integer> instead = new ConcurrentHashMap<>();

    /// One that has subscribed.
    final class Browser {
        private final String path;
        private final String serverKey;
        private final ECKey key;
        private final byte[] auth = new byte[16];
        private final List<String> messages = new CopyOnWriteArrayList<>();
        private final List<String> topics = new CopyOnWriteArrayList<>();

        private Browser(String path, String serverKey) {
            this.path = path;
            this.serverKey = serverKey;
            try {
                key = new ECKeyGenerator(Curve.P_256).generate();
            } catch (JOSEException e) {
                throw new AssertionError(e);
            }
            new SecureRandom().nextBytes(auth);
        }

        private byte[] point() {
            return ByteBuffer.allocate(65)
                    .put((byte) 4)
                    .put(padded(key.getX()))
                    .put(padded(key.getY()))
                    .array();
        }

        Subscription subscription() {
            return new Subscription(http.url(path), BASE64.encodeToString(point()), BASE64.encodeToString(auth));
        }

        List<String> messages() {
            return List.copyOf(messages);
        }

        List<String> topics() {
            return List.copyOf(topics);
        }

        /// Answers so instead of taking anything.
        void answer(int status) {
            instead.put(path, status);
        }
    }

    TestingPushService() throws IOException {
        http.answer(message -> new TestingReceiver.Reply(status(message), Map.of("Location", "/message/1")));
    }

    /// @param serverKey `applicationServerKey`, as the page hands it to the browser
    Browser subscribe(String serverKey) {
        var browser = new Browser("/push/" + browsers.size(), serverKey);
        browsers.put(browser.path, browser);
        return browser;
    }

    List<String> refusals() {
        return List.copyOf(refusals);
    }

    private static byte[] padded(Base64URL number) {
        byte[] bytes = number.decode();
        byte[] all = new byte[32];
        System.arraycopy(bytes, 0, all, 32 - bytes.length, bytes.length);
        return all;
    }

    private int status(TestingReceiver.Got message) {
        Browser browser = browsers.get(message.path());
        Integer other = instead.get(message.path());
        if (browser == null) {
            return 404;
        }
        if (other != null) {
            return other;
        }
        try {
            checkHeaders(message);
            checkWhoSends(message, browser);
            browser.messages.add(decrypted(message.body(), browser));
            browser.topics.add(String.valueOf(message.headers().getFirst("Topic")));
            return 201;
        } catch (AssertionError | GeneralSecurityException | ParseException | JOSEException e) {
            refusals.add(String.valueOf(e));
            return e instanceof AssertionError ? 400 : 403;
        }
    }

    private static void require(boolean good, String what) {
        if (!good) {
            throw new AssertionError(what);
        }
    }

    private static void checkHeaders(TestingReceiver.Got message) {
        require(message.header("TTL").matches("[0-9]{1,10}"), "TTL");
        require(message.header("Content-Encoding").equals("aes128gcm"), "Content-Encoding");
        require(message.header("Urgency").matches("very-low|low|normal|high"), "Urgency");
        String topic = message.headers().getFirst("Topic");
        require(topic == null || topic.matches("[A-Za-z0-9_-]{1,32}"), "Topic " + topic);
        require(message.body().length <= 4096, "a body of " + message.body().length);
    }

    private void checkWhoSends(TestingReceiver.Got message, Browser browser) throws ParseException, JOSEException {
        Matcher words = AUTHORIZATION.matcher(message.header("Authorization"));
        require(words.matches(), "Authorization");
        require(words.group(2).equals(browser.serverKey), "a key that the browser has not subscribed with");
        byte[] point = Base64.getUrlDecoder().decode(words.group(2));
        var key = new ECKey.Builder(
                        Curve.P_256,
                        Base64URL.encode(Arrays.copyOfRange(point, 1, 33)),
                        Base64URL.encode(Arrays.copyOfRange(point, 33, 65)))
                .build();
        SignedJWT token = SignedJWT.parse(words.group(1));
        require(token.getHeader().getAlgorithm().equals(JWSAlgorithm.ES256), "alg");
        require(token.verify(new ECDSAVerifier(key)), "the signature");
        JWTClaimsSet claims = token.getJWTClaimsSet();
        require(claims.getAudience().equals(List.of(http.url(""))), "aud " + claims.getAudience());
        Instant expires = claims.getExpirationTime().toInstant();
        Instant now = Instant.now();
        require(expires.isAfter(now) && expires.isBefore(now.plus(Duration.ofHours(24))), "exp " + expires);
        require(claims.getSubject().matches("mailto:.+@.+|https://.+"), "sub " + claims.getSubject());
    }

    private static String decrypted(byte[] body, Browser browser) throws GeneralSecurityException, JOSEException {
        ByteBuffer in = ByteBuffer.wrap(body);
        byte[] salt = take(in, 16);
        int record = in.getInt();
        byte[] point = take(in, in.get() & 0xff);
        require(point.length == 65 && point[0] == 4, "the sender's key");
        byte[] sealed = take(in, in.remaining());
        require(sealed.length <= record, "more than one record");
        var sender = new ECKey.Builder(
                        Curve.P_256,
                        Base64URL.encode(Arrays.copyOfRange(point, 1, 33)),
                        Base64URL.encode(Arrays.copyOfRange(point, 33, 65)))
                .build();
        var agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(browser.key.toECPrivateKey());
        agreement.doPhase(sender.toECPublicKey(), true);
        byte[] keyInput = hmac(browser.auth, agreement.generateSecret());
        byte[] material = hmac(keyInput, "WebPush: info\0".getBytes(US_ASCII), browser.point(), point, new byte[] {1});
        byte[] pseudo = hmac(salt, material);
        byte[] key = Arrays.copyOf(hmac(pseudo, "Content-Encoding: aes128gcm\0\1".getBytes(US_ASCII)), 16);
        byte[] nonce = Arrays.copyOf(hmac(pseudo, "Content-Encoding: nonce\0\1".getBytes(US_ASCII)), 12);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        byte[] plain = cipher.doFinal(sealed);
        int end = plain.length - 1;
        while (end > 0 && plain[end] == 0) {
            end--;
        }
        require(plain[end] == 2, "the delimiter of the last record");
        return new String(plain, 0, end, UTF_8);
    }

    private static byte[] take(ByteBuffer in, int count) {
        byte[] bytes = new byte[count];
        in.get(bytes);
        return bytes;
    }

    private static byte[] hmac(byte[] key, byte[]... texts) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        for (byte[] text : texts) {
            mac.update(text);
        }
        return mac.doFinal();
    }

    @Override
    public void close() {
        http.close();
    }
}
