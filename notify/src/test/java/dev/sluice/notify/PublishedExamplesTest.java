package dev.sluice.notify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ProblemException;
import java.security.KeyPair;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What the documents print that others have agreed on.
class PublishedExamplesTest {
    private static final String RECEIVER =
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

    private static byte[] bytes(String base64url) {
        return Base64.getUrlDecoder().decode(base64url);
    }

    /// RFC 8291 §5.
    @Test
    void theMessageOfRfc8291IsTheSameByteForByte() {
        var own = new KeyPair(
                P256.point(bytes(
                        "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8")),
                P256.secret(bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")));
        byte[] sealed = PushEncryption.encrypt(
                "When I grow up, I want to be a watermelon".getBytes(UTF_8),
                new Subscription("https://push.example.net/push/x", RECEIVER, "BTBZMqHH6r4Tts7J_aSIgg"),
                own,
                bytes("DGv6ra1nlYgDCS1FRnbzlw"));
        assertThat(Base64.getUrlEncoder().withoutPadding().encodeToString(sealed))
                .isEqualTo("DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
                        + "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
                        + "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN");
    }

    @Test
    void theSignatureOfStandardWebhooksIsTheSame() {
        Map<String, String> headers = HookSignature.headers(
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                Instant.ofEpochSecond(1_614_265_330),
                "{\"test\": 2432232314}");
        assertThat(headers)
                .isEqualTo(Map.of(
                        "webhook-id",
                        "msg_p5jXN8AQM9LWM0D4loKWxJek",
                        "webhook-timestamp",
                        "1614265330",
                        "webhook-signature",
                        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    @Test
    void aPointBesideTheCurveIsNoKey() {
        byte[] beside = bytes(RECEIVER);
        beside[64] ^= 1;
        byte[] compressed = bytes(RECEIVER);
        compressed[0] = 2;
        for (byte[] wrong : new byte[][] {beside, compressed, new byte[65], new byte[0]}) {
            String word = Base64.getUrlEncoder().withoutPadding().encodeToString(wrong);
            assertThatThrownBy(() -> new Subscription("https://push.example.net/x", word, "BTBZMqHH6r4Tts7J_aSIgg"))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("p256dh");
        }
        assertThatThrownBy(() -> new Subscription("https://push.example.net/x", RECEIVER, "BTBZ"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("auth");
    }

    @Test
    void theLongestMessageFitsIntoWhatPushServicesTake() {
        var to = new Subscription("https://push.example.net/x", RECEIVER, "BTBZMqHH6r4Tts7J_aSIgg");
        assertThat(PushEncryption.encrypt(new byte[PushEncryption.MOST], to)).hasSize(4096);
        assertThatThrownBy(() -> PushEncryption.encrypt(new byte[PushEncryption.MOST + 1], to))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
