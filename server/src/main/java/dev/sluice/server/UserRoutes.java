package dev.sluice.server;

import dev.sluice.accounts.Accounts;
import dev.sluice.accounts.AuditEntry;
import dev.sluice.accounts.AuditLog;
import dev.sluice.accounts.Caller;
import dev.sluice.accounts.Credentials;
import dev.sluice.accounts.Right;
import dev.sluice.accounts.Role;
import dev.sluice.accounts.User;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.wire.AuditListDocument;
import dev.sluice.wire.KeyDocument;
import dev.sluice.wire.KeyListDocument;
import dev.sluice.wire.KeyRequest;
import dev.sluice.wire.SessionListDocument;
import dev.sluice.wire.TextTables;
import dev.sluice.wire.UserChange;
import dev.sluice.wire.UserDocument;
import dev.sluice.wire.UserListDocument;
import dev.sluice.wire.UserRequest;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Users, and what was done, for admins; sessions and API keys for those whose they are.
final class UserRoutes {
    private static final int USUAL = 100;
    private static final int MOST = 1000;

    private final Supplier<Accounts> accounts;

    /// @param accounts also where none are in use yet: they can be made before
    UserRoutes(Supplier<Accounts> accounts) {
        this.accounts = accounts;
    }

    void add(RoutesConfig routes) {
        routes.get("/api/v1/users", this::list);
        routes.post("/api/v1/users", this::make);
        routes.patch("/api/v1/users/{name}", this::change);
        routes.get("/api/v1/audit", this::audit);
        routes.get("/api/v1/auth/sessions", this::sessions);
        routes.delete("/api/v1/auth/sessions/{id}", this::endSession);
        routes.get("/api/v1/auth/keys", this::keys);
        routes.post("/api/v1/auth/keys", this::makeKey);
        routes.delete("/api/v1/auth/keys/{id}", this::endKey);
    }

    // ---- Users

    private void list(Context request) {
        Access.require(Routes.core(request), Right.ADMIN);
        var document = new UserListDocument(
                accounts.get().users().list().stream().map(UserRoutes::document).toList());
        if (Routes.wantsText(request)) {
            Routes.text(request, TextTables.users(document.users()));
        } else {
            Routes.json(request, document);
        }
    }

    private static UserDocument document(User user) {
        return new UserDocument(user.name(), user.role().word(), user.issuer(), user.disabled(), user.created());
    }

    private void make(Context request) {
        Access.require(Routes.core(request), Right.ADMIN);
        UserRequest asked = UserRequest.parse(request.bodyAsBytes());
        User user = accounts.get().users().add(asked.name(), Role.of(asked.role()), asked.password());
        request.status(201);
        Routes.json(request, document(user));
    }

    private void change(Context request) {
        Access.require(Routes.core(request), Right.ADMIN);
        String name = request.pathParam("name");
        UserChange asked = UserChange.parse(request.bodyAsBytes());
        if (asked.password() != null) {
            accounts.get().users().setPassword(name, asked.password(), null);
        }
        Role role = asked.role() == null ? null : Role.of(asked.role());
        Routes.json(request, document(accounts.get().users().change(name, role, asked.disabled())));
    }

    // ---- What was done

    private void audit(Context request) {
        Access.require(Routes.core(request), Right.ADMIN);
        int limit = limit(request.queryParam("limit"));
        List<AuditEntry> found = accounts.get()
                .audit()
                .read(new AuditLog.Query(
                        request.queryParam("who"),
                        request.queryParam("action"),
                        request.queryParam("outcome"),
                        time(request, "since"),
                        time(request, "until"),
                        limit + 1,
                        request.queryParam("after")));
        boolean more = found.size() > limit;
        List<AuditEntry> page = more ? found.subList(0, limit) : found;
        Routes.json(
                request,
                new AuditListDocument(
                        page.stream().map(UserRoutes::entry).toList(),
                        more ? page.getLast().id() : null));
    }

    private static AuditListDocument.Entry entry(AuditEntry entry) {
        return new AuditListDocument.Entry(
                entry.id(),
                entry.at(),
                entry.who(),
                entry.via(),
                entry.address(),
                entry.action(),
                entry.target(),
                entry.outcome(),
                entry.detail());
    }

    private static int limit(@Nullable String limit) {
        if (limit == null) {
            return USUAL;
        }
        if (!limit.matches("[1-9][0-9]{0,3}") || Integer.parseInt(limit) > MOST) {
            throw invalid("limit", "a limit is a number from 1 to " + MOST + ", not " + limit);
        }
        return Integer.parseInt(limit);
    }

    private static @Nullable Instant time(Context request, String name) {
        String value = request.queryParam(name);
        try {
            return value == null ? null : Instant.parse(value);
        } catch (DateTimeParseException e) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST, name + " is a time as 2026-11-28T21:00:00Z, not " + value, e);
        }
    }

    private static ProblemException invalid(String field, String message) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, message, Map.of("field", field));
    }

    // ---- Sessions and keys

    private void sessions(Context request) {
        Caller caller = Identity.of(Routes.core(request));
        Caller.Credential own = caller.credential();
        Routes.json(
                request,
                new SessionListDocument(accounts.get().credentials().sessions(caller.owner()).stream()
                        .map(session -> new SessionListDocument.Session(
                                session.id(),
                                session.address(),
                                session.created(),
                                session.expires(),
                                own != null && own.id().equals(session.id())))
                        .toList()));
    }

    private void endSession(Context request) {
        String id = request.pathParam("id");
        requireNoKey(request, null);
        if (!accounts.get().credentials().endSession(Routes.owner(request), id)) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "there is no session " + id);
        }
        request.status(204);
    }

    /// A key ends itself, and nothing else.
    private static void requireNoKey(Context request, @Nullable String but) {
        Caller.Credential credential = Identity.of(Routes.core(request)).credential();
        if (credential != null
                && credential.via() == Caller.Via.KEY
                && !credential.id().equals(but)) {
            throw new ProblemException(ErrorCode.FORBIDDEN, "this is for users who have logged in");
        }
    }

    private void keys(Context request) {
        Routes.json(
                request,
                new KeyListDocument(accounts.get().credentials().keys(Routes.owner(request)).stream()
                        .map(key -> document(key, null))
                        .toList()));
    }

    private static KeyDocument document(Credentials.Key key, @Nullable String word) {
        return new KeyDocument(key.id(), key.label(), words(key.scopes()), key.created(), key.expires(), word);
    }

    private static List<String> words(Set<Right> scopes) {
        return scopes.stream().sorted().map(Right::word).toList();
    }

    /// A key makes no other: what it is good for would outlast it.
    private void makeKey(Context request) {
        KeyRequest asked = KeyRequest.parse(request.bodyAsBytes());
        LoginRoutes.session(request);
        Owner owner = Routes.owner(request);
        Set<Right> scopes = Right.of(asked.scopes());
        Credentials.Made made = accounts.get().credentials().makeKey(owner, asked.label(), scopes, asked.expiresIn());
        request.status(201).header("Cache-Control", "no-store");
        Routes.json(
                request,
                new KeyDocument(made.id(), asked.label(), words(scopes), Instant.now(), made.expires(), made.word()));
    }

    private void endKey(Context request) {
        String id = request.pathParam("id");
        requireNoKey(request, id);
        if (!accounts.get().credentials().endKey(Routes.owner(request), id)) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "there is no key " + id);
        }
        request.status(204);
    }
}
