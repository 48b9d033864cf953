package dev.sluice.accounts;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.PlainHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.JobId;
import dev.sluice.core.Owner;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.db.Database;
import dev.sluice.testing.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What accounts promise on either database.
abstract class AccountsContract {
    static final byte[] KEY = "0123456789abcdef0123456789abcdef".getBytes(US_ASCII);
    static final String GOOD = "correct horse battery staple";
    private static final String HERE = "192.0.2.1";
    private static final String PATH = "/ws/upload-progress/b1";

    final SettableClock clock = new SettableClock(Instant.parse("2026-11-01T10:00:00Z"));

    @SuppressWarnings("NullAway.Init")
    private Database database;

    @SuppressWarnings("NullAway.Init")
    Accounts accounts;

    abstract Database open();

    @BeforeEach
    void openThem() {
        database = open();
        accounts = Accounts.open(database, clock, new Ids(clock), AccountSettings.DEFAULT, KEY, "node");
        accounts.users().addFirst("anna", GOOD);
        accounts.users().add("bert", Role.USER, GOOD);
    }

    @AfterEach
    void closeThem() {
        accounts.close();
        database.close();
    }

    private static void refused(ErrorCode code, ThrowingCallable act) {
        assertThatThrownBy(act)
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private Caller session(String name) {
        String word = accounts.login(name, GOOD, HERE).word();
        return accounts.credentials().caller(word).orElseThrow();
    }

    // ---- Users

    @Test
    void theFirstUserIsAnAdminAndThereIsOneFirst() {
        assertThat(accounts.users().existing("anna").role()).isEqualTo(Role.ADMIN);
        refused(ErrorCode.CONFLICT, () -> accounts.users().addFirst("mallory", GOOD));
        refused(ErrorCode.CONFLICT, () -> accounts.users().add("bert", Role.ADMIN, GOOD));
        assertThat(accounts.users().list()).extracting(User::name).containsExactly("anna", "bert");
    }

    @Test
    void namesOfNobodyAndWordsThatAnybodyGuessesAreRefused() {
        for (String name : List.of("", "local", "guest", "nobody", "Anna", "a b", "../x", "x".repeat(64))) {
            refused(ErrorCode.INVALID_REQUEST, () -> accounts.users().add(name, Role.USER, GOOD));
        }
        for (String password :
                List.of("short", "aaaaaaaaaaaaaaaa", "carl-carl-carl-7", "my password 2026", "qwertyuiopas")) {
            refused(ErrorCode.INVALID_REQUEST, () -> accounts.users().add("carl", Role.USER, password));
        }
    }

    @Test
    void theLastAdminStays() {
        refused(ErrorCode.CONFLICT, () -> accounts.users().change("anna", Role.USER, null));
        refused(ErrorCode.CONFLICT, () -> accounts.users().change("anna", null, true));
        assertThat(session("anna").may(Right.ADMIN)).isTrue();
        accounts.users().change("bert", Role.ADMIN, null);
        assertThat(accounts.users().change("anna", Role.VIEWER, null).role()).isEqualTo(Role.VIEWER);
    }

    // ---- Logins

    @Test
    void aWrongPasswordAnUnknownNameAndADisabledUserAreTheSame() {
        accounts.users().change("bert", null, true);
        for (String name : List.of("anna", "nobody-of-that-name", "bert")) {
            String password = name.equals("bert") ? GOOD : "wrong";
            assertThatThrownBy(() -> accounts.login(name, password, HERE))
                    .hasMessage("unauthorized: the name or the password is not right");
        }
        assertThat(accounts.login("anna", GOOD, HERE).word()).startsWith("sls_");
    }

    @Test
    void whoFailsOftenWaitsLongerEachTimeWhetherThereIsSuchAnAccountOrNot() {
        for (String name : List.of("bert", "unknown")) {
            for (int i = 0; i < 5; i++) {
                refused(ErrorCode.UNAUTHORIZED, () -> accounts.login(name, "wrong", "192.0.2.7"));
            }
            assertThatThrownBy(() -> accounts.login(name, GOOD, "192.0.2.8"))
                    .isInstanceOfSatisfying(ProblemException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.LIMIT_EXCEEDED);
                        assertThat(e.problem().details()).containsKey(Problem.RETRY_AFTER);
                    });
        }
        clock.pass(Duration.ofSeconds(2));
        assertThat(accounts.login("bert", GOOD, "192.0.2.8").word()).isNotEmpty();
    }

    @Test
    void whoIsAtHomeSomewhereIsNotKeptOutByOthersElsewhere() {
        accounts.login("bert", GOOD, HERE);
        for (int i = 0; i < 5; i++) {
            refused(ErrorCode.UNAUTHORIZED, () -> accounts.login("bert", "wrong", "198.51.100.1"));
        }
        refused(ErrorCode.LIMIT_EXCEEDED, () -> accounts.login("bert", "wrong", "198.51.100.1"));
        assertThat(accounts.login("bert", GOOD, HERE).word()).isNotEmpty();
    }

    // ---- Sessions

    @Test
    void aSessionEndsWithItsLogout() {
        Credentials.Made made = accounts.login("bert", GOOD, HERE);
        assertThat(accounts.credentials().caller(made.word())).isPresent();
        assertThat(accounts.credentials().endSession(new Owner("anna"), made.id()))
                .isFalse();
        assertThat(accounts.credentials().endSession(new Owner("bert"), made.id()))
                .isTrue();
        assertThat(accounts.credentials().caller(made.word())).isEmpty();
        assertThat(accounts.credentials().refresh(made.id())).isEmpty();
    }

    @Test
    void aRefreshedSessionHasAnotherWordAndEndsInTheEnd() {
        Credentials.Made first = accounts.login("bert", GOOD, HERE);
        clock.pass(Duration.ofHours(11));
        Credentials.Made next = accounts.credentials().refresh(first.id()).orElseThrow();
        assertThat(accounts.credentials().caller(first.word())).isEmpty();
        assertThat(accounts.credentials().caller(next.word())).isPresent();
        for (int day = 0; day < 62; day++) {
            clock.pass(Duration.ofHours(11));
            next = accounts.credentials().refresh(first.id()).orElse(next);
        }
        clock.pass(Duration.ofHours(30));
        assertThat(accounts.credentials().caller(next.word())).isEmpty();
        assertThat(accounts.credentials().refresh(first.id())).isEmpty();
    }

    @Test
    void aSessionExpires() {
        Credentials.Made made = accounts.login("bert", GOOD, HERE);
        clock.pass(Duration.ofHours(12));
        assertThat(accounts.credentials().caller(made.word())).isEmpty();
        assertThat(accounts.credentials().sessions(new Owner("bert"))).isEmpty();
    }

    @Test
    void aNewPasswordARoleAndADisablingEndSessions() {
        Caller one = session("bert");
        Caller other = session("bert");
        String kept = Objects.requireNonNull(one.credential()).id();
        accounts.changePassword(one.owner(), GOOD, "another horse battery", kept, HERE);
        assertThat(accounts.credentials().caller(one.credential())).isPresent();
        assertThat(accounts.credentials().caller(Objects.requireNonNull(other.credential())))
                .isEmpty();
        refused(ErrorCode.UNAUTHORIZED, () -> accounts.login("bert", GOOD, HERE));
        accounts.users().change("bert", Role.VIEWER, null);
        assertThat(accounts.credentials().caller(one.credential())).isEmpty();
    }

    // ---- Keys

    @Test
    void aKeyIsGoodForNoMoreThanItsScopesAndItsUser() {
        Credentials.Made made = accounts.credentials()
                .makeKey(new Owner("bert"), "backup", Set.of(Right.READ, Right.ADMIN), Duration.ofDays(1));
        Caller caller = accounts.credentials().caller(made.word()).orElseThrow();
        assertThat(caller.rights()).containsExactly(Right.READ);
        assertThat(caller.owner().name()).isEqualTo("bert");
        assertThat(accounts.credentials().keys(caller.owner()))
                .singleElement()
                .satisfies(key -> assertThat(key.label()).isEqualTo("backup"));
        clock.pass(Duration.ofDays(1));
        assertThat(accounts.credentials().caller(made.word())).isEmpty();
    }

    @Test
    void aKeyOfADisabledUserOpensNothing() {
        Credentials.Made made = accounts.credentials().makeKey(new Owner("bert"), "backup", Set.of(Right.READ), null);
        accounts.users().change("bert", null, true);
        assertThat(accounts.credentials().caller(made.word())).isEmpty();
        accounts.users().change("bert", null, false);
        assertThat(accounts.credentials().endKey(new Owner("anna"), made.id())).isFalse();
        assertThat(accounts.credentials().endKey(new Owner("bert"), made.id())).isTrue();
        assertThat(accounts.credentials().caller(made.word())).isEmpty();
    }

    // ---- Tickets

    private Tickets.Opening.Opened opened(String ticket, String path) {
        Tickets.Opening opening = accounts.tickets().open(ticket, path);
        assertThat(opening).isInstanceOf(Tickets.Opening.Opened.class);
        return (Tickets.Opening.Opened) opening;
    }

    @Test
    void aTicketOpensOneConnectionAtATimeToTheFirstPathThatItOpened() {
        String ticket = accounts.tickets().make(session("bert"));
        Tickets.Opening.Opened first = opened(ticket, PATH);
        assertThat(first.caller().owner().name()).isEqualTo("bert");
        assertThat(accounts.tickets().open(ticket, PATH)).isInstanceOf(Tickets.Opening.Refused.class);
        first.hold().close();
        assertThat(accounts.tickets().open(ticket, PATH + "2")).isInstanceOf(Tickets.Opening.Refused.class);
        opened(ticket, PATH).hold().close();
        first.hold().close();
        clock.pass(Tickets.AGE);
        assertThat(accounts.tickets().open(ticket, PATH)).isInstanceOf(Tickets.Opening.Expired.class);
    }

    @Test
    void aTicketOfASessionThatHasEndedIsExpired() {
        Caller caller = session("bert");
        String ticket = accounts.tickets().make(caller);
        accounts.credentials()
                .endSession(
                        caller.owner(),
                        Objects.requireNonNull(caller.credential()).id());
        assertThat(accounts.tickets().open(ticket, PATH)).isInstanceOf(Tickets.Opening.Expired.class);
    }

    @Test
    void whatACrashedNodeHeldIsFreeOnceItIsBack() {
        String ticket = accounts.tickets().make(session("bert"));
        opened(ticket, PATH);
        try (var again = Accounts.open(database, clock, new Ids(clock), AccountSettings.DEFAULT, KEY, "node")) {
            assertThat(again.tickets().open(ticket, PATH)).isInstanceOf(Tickets.Opening.Opened.class);
        }
    }

    @Test
    void forgedTicketsAreRefused() throws Exception {
        String good = accounts.tickets().make(session("bert"));
        SignedJWT known = SignedJWT.parse(good);
        JWTClaimsSet claims = known.getJWTClaimsSet();
        for (String forged : List.of(
                "",
                "x",
                "a.b.c",
                good.substring(0, good.length() - 4) + "AAAA",
                new PlainJWT(new PlainHeader(), claims).serialize(),
                signed(JWSAlgorithm.HS256, "fedcba9876543210fedcba9876543210", claims),
                signed(JWSAlgorithm.HS512, new String(KEY, US_ASCII).repeat(2), claims),
                changed(claims, set -> set.issuer("somebody")),
                changed(claims, set -> set.audience("sluice")),
                changed(claims, set -> set.claim("type", "session")),
                changed(claims, set -> set.claim("type", "")),
                changed(claims, set -> set.expirationTime(null)),
                changed(claims, set -> set.jwtID(null)),
                changed(claims, set -> set.jwtID("unknown")),
                changed(
                        claims,
                        set -> set.notBeforeTime(Date.from(clock.instant().plusSeconds(60)))))) {
            assertThat(accounts.tickets().open(forged, PATH)).as(forged).isInstanceOf(Tickets.Opening.Refused.class);
        }
        opened(good, PATH);
    }

    private static String signed(JWSAlgorithm algorithm, String key, JWTClaimsSet claims) throws Exception {
        var jwt = new SignedJWT(new JWSHeader(algorithm), claims);
        jwt.sign(new MACSigner(key));
        return jwt.serialize();
    }

    private static String changed(JWTClaimsSet claims, UnaryOperator<JWTClaimsSet.Builder> change) throws Exception {
        return signed(
                JWSAlgorithm.HS256,
                new String(KEY, US_ASCII),
                change.apply(new JWTClaimsSet.Builder(claims)).build());
    }

    // ---- Links

    @Test
    void aLinkWorksUntilItIsRevoked() {
        Instant made = Instant.parse("2026-11-21T12:00:00.123456Z");
        Links.Link link = accounts.links().make(new JobId("j1"), made, new Owner("bert"), Duration.ofHours(1));
        assertThat(accounts.links().find(link.id())).contains(link);
        assertThat(accounts.links().list(new Owner("anna"), 10)).isEmpty();
        assertThat(accounts.links().list(null, 10)).containsExactly(link);
        assertThat(accounts.links().isRevoked(link.id(), new JobId("j1"), made)).isFalse();
        assertThat(accounts.links().isRevoked(link.id(), new JobId("j1"), made.plusMillis(1)))
                .as("of another job that has the id now")
                .isTrue();
        assertThat(accounts.links().revoke(link.id())).isTrue();
        assertThat(accounts.links().revoke(link.id())).isFalse();
        assertThat(accounts.links().list(new Owner("bert"), 10)).isEmpty();
        refused(
                ErrorCode.INVALID_REQUEST,
                () -> accounts.links().make(new JobId("j1"), made, new Owner("bert"), Duration.ofDays(400)));
    }

    @Test
    void aJobsLinksAreRevokedAndNotThoseOfTheNextWithItsId() {
        Instant made = Instant.parse("2026-11-21T12:00:00.123456Z");
        accounts.links().revokeAll(new JobId("j1"), made, new Owner("bert"));
        assertThat(accounts.links().isRevoked(null, new JobId("j1"), made)).isTrue();
        assertThat(accounts.links().isRevoked(null, new JobId("j1"), made.plusMillis(1)))
                .isFalse();
    }

    // ---- The audit log

    private List<AuditEntry> entries(String who, @Nullable String after) {
        return accounts.audit().read(new AuditLog.Query(who, null, null, null, null, 3, after));
    }

    @Test
    void whatWasDoneIsFoundPageByPage() {
        for (int i = 0; i < 5; i++) {
            accounts.audit().add(new Owner("bert"), Caller.Via.SESSION, HERE, "cancel", "job " + i, "done", null);
        }
        accounts.audit().add(new Owner("anna"), Caller.Via.SESSION, HERE, "cancel", "job 9", "not_found", null);
        List<AuditEntry> first = entries("bert", null);
        assertThat(first).extracting(AuditEntry::target).containsExactly("job 4", "job 3", "job 2");
        assertThat(entries("bert", first.getLast().id()))
                .extracting(AuditEntry::target)
                .containsExactly("job 1", "job 0");
        assertThat(accounts.audit().read(new AuditLog.Query(null, null, "not_found", null, null, 9, null)))
                .singleElement()
                .satisfies(entry -> assertThat(entry.who()).isEqualTo("anna"));
    }

    @Test
    void aFloodOfRefusalsIsCountedNotWritten() {
        for (int i = 0; i < 1000; i++) {
            accounts.audit().add(Caller.NOBODY.owner(), Caller.Via.NOBODY, HERE, "refused", "/x", "unauthorized", null);
        }
        clock.pass(Duration.ofSeconds(1));
        accounts.audit().add(Caller.NOBODY.owner(), Caller.Via.NOBODY, HERE, "refused", "/x", "unauthorized", null);
        List<AuditEntry> all = accounts.audit().read(new AuditLog.Query(null, null, null, null, null, 1000, null));
        assertThat(all).hasSize(22);
        assertThat(all).anySatisfy(entry -> assertThat(entry.detail()).startsWith("980 refusals"));
    }

    @Test
    void whatIsOldIsForgotten() {
        accounts.audit().add(new Owner("bert"), Caller.Via.SESSION, HERE, "cancel", "job", "done", null);
        assertThat(entries("bert", null)).hasSize(1);
        clock.pass(Duration.ofDays(366));
        accounts.trim();
        assertThat(entries("bert", null)).isEmpty();
    }
}
