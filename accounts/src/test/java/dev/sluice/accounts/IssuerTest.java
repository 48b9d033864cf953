package dev.sluice.accounts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.PlainHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.ProblemException;
import dev.sluice.db.Database;
import dev.sluice.testing.SettableClock;
import dev.sluice.testing.TestingIssuer;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is believed of an issuer's tokens, and of whom they are.
@Timeout(60)
class IssuerTest {
    private static final byte[] KEY = "0123456789abcdef0123456789abcdef".getBytes(UTF_8);
    private static final String REDIRECT = "https://files.example.com/api/v1/auth/oidc/callback";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-01T10:00:00Z"));

    @SuppressWarnings("NullAway.Init")
    private TestingIssuer theirs;

    @SuppressWarnings("NullAway.Init")
    private Database database;

    @SuppressWarnings("NullAway.Init")
    private Accounts accounts;

    @SuppressWarnings("NullAway.Init")
    private Issuer issuer;

    @BeforeEach
    void open() {
        theirs = new TestingIssuer(clock);
        theirs.person(Map.of("sub", "248289761001", "preferred_username", "Jane.Doe"));
        database = Database.sqlite(folder.resolve("state.db"));
        accounts = Accounts.open(database, clock, new Ids(clock), AccountSettings.DEFAULT, KEY, "node");
        issuer = accounts.issuer(settings(null, Map.of(), Role.USER));
    }

    @AfterEach
    void close() {
        issuer.close();
        accounts.close();
        database.close();
        theirs.close();
    }

    private IssuerSettings settings(@Nullable String claim, Map<String, Role> roles, @Nullable Role role) {
        return new IssuerSettings(
                theirs.uri(),
                TestingIssuer.CLIENT,
                TestingIssuer.SECRET,
                TestingIssuer.CLIENT,
                List.of("openid", "profile"),
                claim,
                roles,
                role);
    }

    private void with(IssuerSettings settings) {
        issuer.close();
        issuer = accounts.issuer(settings);
    }

    private void believed(String token) {
        assertThat(issuer.caller(token)).isPresent();
    }

    private void refused(String token) {
        assertThat(issuer.caller(token)).as(token).isEmpty();
    }

    private Date from(long seconds) {
        return Date.from(clock.instant().plusSeconds(seconds));
    }

    // ---- Tokens

    @Test
    void whoBringsAGoodTokenIsAUserFromThenOn() {
        Caller caller = issuer.caller(theirs.token(UnaryOperator.identity())).orElseThrow();
        assertThat(caller.owner().name()).isEqualTo("jane.doe");
        assertThat(caller.rights()).containsExactlyInAnyOrder(Right.READ, Right.WRITE);
        assertThat(caller.via()).isEqualTo(Caller.Via.TOKEN);
        assertThat(accounts.users().existing("jane.doe").issuer())
                .isEqualTo(theirs.uri().toString());
        believed(theirs.token(set -> set.claim("preferred_username", "another")));
        assertThat(accounts.users().list()).hasSize(1);
        assertThat(theirs.keyFetches()).isEqualTo(1);
    }

    @Test
    void accessTokensOfAnyUsualKeyAreBelieved() {
        believed(TestingIssuer.signed(theirs.key(), theirs.claims().build(), new JOSEObjectType("at+jwt")));
        believed(TestingIssuer.signed(theirs.key(), theirs.claims().build(), null));
        theirs.rotate();
        clock.pass(Fetched.APART);
        believed(theirs.token(UnaryOperator.identity()));
    }

    @Test
    void algNoneIsRefused() {
        refused(new PlainJWT(new PlainHeader(), theirs.claims().build()).serialize());
        String good = theirs.token(UnaryOperator.identity());
        String none = Base64.getUrlEncoder().withoutPadding().encodeToString("{\"alg\":\"none\"}".getBytes(UTF_8));
        refused(none + good.substring(good.indexOf('.'), good.lastIndexOf('.') + 1));
        refused(none + good.substring(good.indexOf('.')));
    }

    @Test
    void aTokenThatIsSignedWithThePublicKeyAsASecretIsRefused() throws JOSEException {
        theirs.rotate();
        byte[] known = theirs.key().toRSAKey().toPublicKey().getEncoded();
        String pem = "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(known) + "\n-----END PUBLIC KEY-----\n";
        for (byte[] secret : List.of(
                known,
                pem.getBytes(UTF_8),
                theirs.key().toPublicJWK().toJSONString().getBytes(UTF_8))) {
            for (JWSAlgorithm algorithm : List.of(JWSAlgorithm.HS256, JWSAlgorithm.HS384, JWSAlgorithm.HS512)) {
                var jwt = new JWSObject(
                        new JWSHeader.Builder(algorithm)
                                .type(JOSEObjectType.JWT)
                                .keyID(theirs.key().getKeyID())
                                .build(),
                        new Payload(theirs.claims().build().toJSONObject()));
                jwt.sign(new MACSigner(secret));
                refused(jwt.serialize());
            }
        }
    }

    @Test
    void aForgedTokenIsRefused() {
        believed(theirs.token(UnaryOperator.identity()));
        JWK foreign = TestingIssuer.ellipticKey(theirs.key().getKeyID());
        refused(TestingIssuer.signed(foreign, theirs.claims().build()));
        String good = theirs.token(UnaryOperator.identity());
        String[] parts = good.split("\\.");
        String other = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(
                        theirs.claims().subject("admin").build().toString().getBytes(UTF_8));
        refused(parts[0] + "." + other + "." + parts[2]);
        refused(parts[0] + "." + parts[1] + ".");
        refused(parts[0] + "." + parts[1]);
        refused(parts[0] + "." + parts[1] + "." + "A".repeat(86));
        for (String nothing : List.of("", ".", "..", "a.b.c", "x".repeat(100_000))) {
            refused(nothing);
        }
    }

    @Test
    void aKeyThatATokenBringsItselfIsNotLookedAt() throws JOSEException {
        var foreign = TestingIssuer.ellipticKey("theirs");
        var jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256)
                        .jwk(foreign.toPublicJWK())
                        .jwkURL(URI.create("http://127.0.0.1:1/keys"))
                        .build(),
                theirs.claims().build());
        jwt.sign(new ECDSASigner(foreign));
        refused(jwt.serialize());
    }

    @Test
    void aKeyThatIsTooShortIsNotBelieved() {
        var weak = TestingIssuer.rsaKey("weak", 1024);
        theirs.publish(weak);
        refused(TestingIssuer.signed(weak, theirs.claims().build()));
    }

    @Test
    void anotherIssuersTokenIsRefused() {
        refused(theirs.token(set -> set.issuer("https://accounts.example.com")));
        refused(theirs.token(set -> set.issuer(theirs.uri() + "/")));
        refused(theirs.token(set -> set.issuer(null)));
    }

    @Test
    void aTokenForSomebodyElseIsRefused() {
        refused(theirs.token(set -> set.audience("another client")));
        refused(theirs.token(set -> set.audience((String) null)));
        refused(theirs.token(set -> set.audience(List.of())));
        believed(theirs.token(set -> set.audience(List.of("another client", TestingIssuer.CLIENT))));
    }

    @Test
    void anExpiredTokenIsRefused() {
        String token = theirs.token(set -> set.expirationTime(from(10)));
        clock.pass(Duration.ofSeconds(10 + 59));
        believed(token);
        clock.pass(Duration.ofSeconds(2));
        refused(token);
        refused(theirs.token(set -> set.expirationTime(null)));
    }

    @Test
    void aTokenThatIsNotYetValidIsRefused() {
        believed(theirs.token(set -> set.notBeforeTime(from(58))));
        refused(theirs.token(set -> set.notBeforeTime(from(62))));
        believed(theirs.token(set -> set.issueTime(from(58))));
        refused(theirs.token(set -> set.issueTime(from(62))));
        refused(theirs.token(set -> set.issueTime(null)));
    }

    @Test
    void aTokenOfNobodyIsRefused() {
        refused(theirs.token(set -> set.subject(null)));
        refused(theirs.token(set -> set.subject("")));
        refused(theirs.token(set -> set.subject("x".repeat(300))));
        refused(TestingIssuer.signed(theirs.key(), theirs.claims().build(), new JOSEObjectType("logout+jwt")));
    }

    @Test
    void aConnectionStandsOnATokenUntilItExpiresOrTheUserIsDisabled() {
        Caller caller = issuer.caller(theirs.token(UnaryOperator.identity())).orElseThrow();
        Caller.Credential credential = Objects.requireNonNull(caller.credential());
        assertThat(accounts.credentials().caller(credential)).contains(caller);
        assertThat(accounts.tickets().open(accounts.tickets().make(caller), "/ws/jobs"))
                .isInstanceOfSatisfying(
                        Tickets.Opening.Opened.class,
                        opened -> assertThat(opened.caller()).isEqualTo(caller));
        accounts.users().change("jane.doe", null, true);
        assertThat(accounts.credentials().caller(credential)).isEmpty();
        refused(theirs.token(UnaryOperator.identity()));
        accounts.users().change("jane.doe", null, false);
        assertThat(accounts.credentials().caller(credential)).isPresent();
        clock.set(Objects.requireNonNull(caller.expires()));
        assertThat(accounts.credentials().caller(credential)).isEmpty();
    }

    // ---- Keys that change

    @Test
    void aNewKeyIsFetchedOnceItIsMetAndNotAtEveryToken() {
        believed(theirs.token(UnaryOperator.identity()));
        String old = theirs.token(UnaryOperator.identity());
        theirs.rotate();
        refused(theirs.token(UnaryOperator.identity()));
        assertThat(theirs.keyFetches()).as("fetched just now").isEqualTo(1);
        clock.pass(Fetched.APART);
        believed(theirs.token(UnaryOperator.identity()));
        refused(old);
        assertThat(theirs.keyFetches()).isEqualTo(2);
        JWK unknown = TestingIssuer.ellipticKey("made up");
        for (int i = 0; i < 100; i++) {
            clock.pass(Duration.ofMillis(99));
            refused(TestingIssuer.signed(unknown, theirs.claims().build()));
        }
        assertThat(theirs.keyFetches()).isLessThanOrEqualTo(3);
    }

    @Test
    void aKeyThatIsShownNoMoreIsForgottenWithinAnHour() {
        String old = theirs.token(set -> set.expirationTime(from(7200)));
        believed(old);
        theirs.rotate();
        clock.pass(Fetched.FRESH.plusSeconds(1));
        refused(old);
    }

    @Test
    void whileTheIssuerIsAwayItsOldKeysServeForADay() {
        String token = theirs.token(set -> set.expirationTime(from(200_000)));
        believed(token);
        theirs.away(true);
        clock.pass(Duration.ofHours(23));
        believed(token);
        clock.pass(Duration.ofHours(2));
        assertThatThrownBy(() -> issuer.caller(token))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UPSTREAM_UNAVAILABLE));
        theirs.away(false);
        clock.pass(Fetched.APART);
        believed(token);
    }

    // ---- Roles

    @Test
    void rolesComeFromAClaimWhereTheSettingsSaySo() {
        with(settings("realm_access.roles", Map.of("it", Role.ADMIN, "staff", Role.USER), null));
        refused(theirs.token(UnaryOperator.identity()));
        refused(theirs.token(set -> set.claim("realm_access", Map.of("roles", List.of("guests")))));
        assertThat(accounts.users().list()).isEmpty();
        assertThat(rights("staff", "guests")).containsExactlyInAnyOrder(Right.READ, Right.WRITE);
        assertThat(rights("staff", "it")).contains(Right.ADMIN);
        assertThat(rights("staff")).doesNotContain(Right.ADMIN);
        assertThat(accounts.users().existing("jane.doe").role()).isEqualTo(Role.USER);
    }

    private Set<Right> rights(String... roles) {
        return issuer.caller(theirs.token(set -> set.claim("realm_access", Map.of("roles", List.of(roles)))))
                .orElseThrow()
                .rights();
    }

    @Test
    void aNameThatIsSomebodyElsesGetsANumber() {
        accounts.users().addFirst("jane.doe", AccountsContract.GOOD);
        assertThat(issuer.caller(theirs.token(UnaryOperator.identity()))
                        .orElseThrow()
                        .owner()
                        .name())
                .isEqualTo("jane.doe-2");
        assertThat(issuer.caller(theirs.token(set -> set.subject("2").claim("preferred_username", "Local")))
                        .orElseThrow()
                        .owner()
                        .name())
                .isEqualTo("user");
    }

    // ---- Logins

    private record Sent(String seed, Map<String, String> query) {}

    private Sent begin() {
        theirs.redirect(REDIRECT);
        Issuer.Begun begun = issuer.begin(REDIRECT, "/uploads?a=1");
        return new Sent(begun.seed(), query(begun.to()));
    }

    private static Map<String, String> query(URI uri) {
        var query = new HashMap<String, String>();
        for (String field : uri.getRawQuery().split("&", -1)) {
            int equals = field.indexOf('=');
            query.put(field.substring(0, equals), URLDecoder.decode(field.substring(equals + 1), UTF_8));
        }
        return query;
    }

    private void fails(ErrorCode code, @Nullable String seed, @Nullable String state, @Nullable String issuedBy) {
        assertThatThrownBy(() ->
                        issuer.finish(new Issuer.Return(seed, state, "code", issuedBy, null), REDIRECT, "192.0.2.1"))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void aLoginEndsWhereItBeganAndInTime() {
        Sent one = begin();
        Sent other = begin();
        String state = one.query().get("state");
        assertThat(state).isNotEqualTo(other.query().get("state"));
        assertThat(one.query().values()).doesNotContain(one.seed());
        fails(ErrorCode.UNAUTHORIZED, null, state, null);
        fails(ErrorCode.UNAUTHORIZED, one.seed(), null, null);
        fails(ErrorCode.UNAUTHORIZED, other.seed(), state, null);
        fails(ErrorCode.UNAUTHORIZED, one.seed() + "A", state, null);
        fails(ErrorCode.UNAUTHORIZED, one.seed(), state, "https://accounts.example.com");
        assertThat(theirs.refusals())
                .as("nothing of this is asked of the issuer")
                .isEmpty();
        fails(ErrorCode.UNAUTHORIZED, one.seed(), state, theirs.uri().toString());
        assertThat(theirs.refusals()).containsExactly("invalid_grant");
        clock.pass(Handshake.AGE.plusSeconds(1));
        fails(ErrorCode.UNAUTHORIZED, one.seed(), state, null);
        assertThat(theirs.refusals()).hasSize(1);
    }

    @Test
    void anIssuerWhoseDocumentIsAnothersIsNotAsked() {
        with(new IssuerSettings(
                URI.create(theirs.uri() + "/"),
                TestingIssuer.CLIENT,
                null,
                TestingIssuer.CLIENT,
                List.of("openid"),
                null,
                Map.of(),
                Role.USER));
        assertThatThrownBy(() -> issuer.begin(REDIRECT, "/"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("its document is of");
    }

    @Test
    void anAddressWithoutTlsElsewhereCannotBeAnIssuers() {
        assertThat(List.of("https://a.example.com", "https://a.example.com/realms/x", "http://127.0.0.1:8081/x"))
                .allMatch(address -> Issuer.canBe(URI.create(address)));
        assertThat(List.of(
                        "http://a.example.com",
                        "http://127.0.0.1.example.com",
                        "ftp://localhost",
                        "https:///x",
                        "https://a.example.com?x",
                        "https://a.example.com#x"))
                .noneMatch(address -> Issuer.canBe(URI.create(address)));
    }

    @Test
    void whatComesAfterALoginIsAPlaceHere() {
        var handshake = new Handshake(KEY, clock);
        Map.of("/uploads?x=1#y", "/uploads?x=1#y", "//evil.example.com", "/", "/\\evil.example.com", "/", "x", "/")
                .forEach((asked, back) -> {
                    String seed = handshake.seed(asked);
                    assertThat(handshake.back(seed, handshake.state(seed))).isEqualTo(back);
                });
    }
}
