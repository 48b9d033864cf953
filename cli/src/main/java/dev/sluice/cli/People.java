package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.accounts.Accounts;
import dev.sluice.accounts.Role;
import dev.sluice.accounts.User;
import dev.sluice.app.AccountVisit;
import dev.sluice.app.Logs;
import dev.sluice.app.Settings;
import dev.sluice.core.ProblemException;
import dev.sluice.wire.UserDocument;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The users of a server: through it where it runs, else in its data folder.
sealed interface People {
    String PATH = "/api/v1/users";

    List<UserDocument> list();

    UserDocument add(String name, String role, String password);

    UserDocument change(String name, @Nullable String role, @Nullable Boolean disabled, @Nullable String password);

    static People of(ServerOptions options, SettingsOptions flags) {
        var server = options.server();
        try {
            server.endpoint().connect().close();
            return new Asked(server);
        } catch (ConnectException nobody) {
            if (server.url() != null) {
                throw server.unreachable(nobody);
            }
            Logs.quiet();
            return new Alone(
                    options.common(),
                    AccountOptions.held(() -> flags.load(options.common()).settings()));
        } catch (IOException e) {
            throw server.unreachable(e);
        }
    }

    /// Through the server.
    record Asked(Server server) implements People {
        @Override
        public List<UserDocument> list() {
            return answer("GET", "", null)
                    .path("users")
                    .valueStream()
                    .map(Asked::user)
                    .toList();
        }

        @Override
        public UserDocument add(String name, String role, String password) {
            var body = Json.object().put("name", name).put("role", role).put("password", password);
            return user(answer("POST", "", body));
        }

        @Override
        public UserDocument change(
                String name, @Nullable String role, @Nullable Boolean disabled, @Nullable String password) {
            var body = Json.object();
            if (role != null) {
                body.put("role", role);
            }
            if (disabled != null) {
                body.put("disabled", disabled);
            }
            if (password != null) {
                body.put("password", password);
            }
            return user(answer("PATCH", "/" + Http.encoded(name), body));
        }

        private static UserDocument user(JsonNode user) {
            return new UserDocument(
                    user.path("name").asText(),
                    user.path("role").asText(),
                    user.has("issuer") ? user.path("issuer").asText() : null,
                    user.has("disabled") ? Instant.parse(user.path("disabled").asText()) : null,
                    Instant.parse(user.path("created").asText()));
        }

        private JsonNode answer(String method, String path, @Nullable ObjectNode body) {
            try {
                var answer = Http.send(
                        server.endpoint(),
                        method,
                        PATH + path,
                        Map.of("Accept", "application/json", "Content-Type", "application/json"),
                        body == null ? "" : body.toString());
                if (!answer.ok()) {
                    throw Failure.refused(answer);
                }
                return answer.json();
            } catch (IOException e) {
                throw server.unreachable(e);
            }
        }
    }

    /// In the data folder, whose lock is held meanwhile.
    record Alone(CommonOptions common, Settings settings) implements People {
        @Override
        public List<UserDocument> list() {
            return visit(accounts ->
                    accounts.users().list().stream().map(Alone::document).toList());
        }

        @Override
        public UserDocument add(String name, String role, String password) {
            return visit(accounts -> document(accounts.users().add(name, Role.of(role), password)));
        }

        @Override
        public UserDocument change(
                String name, @Nullable String role, @Nullable Boolean disabled, @Nullable String password) {
            return visit(accounts -> {
                if (password != null) {
                    accounts.users().setPassword(name, password, null);
                }
                return document(accounts.users().change(name, role == null ? null : Role.of(role), disabled));
            });
        }

        private static UserDocument document(User user) {
            return new UserDocument(user.name(), user.role().word(), user.issuer(), user.disabled(), user.created());
        }

        private <T> T visit(Function<Accounts, T> work) {
            return AccountOptions.held(() -> {
                try {
                    return AccountVisit.on(common.data(), settings, work);
                } catch (ProblemException e) {
                    throw Failure.refused(e);
                }
            });
        }
    }
}
