package dev.sluice.fakes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// What a test in another process asks and says, without a token:
///
/// | route | does |
/// |---|---|
/// | `GET /_fake/calls`, `DELETE` | every call so far ([Call]); forgets them |
/// | `GET /_fake/faults`, `DELETE` | the faults that are left; switches them off, and what stalls goes on |
/// | `POST /_fake/faults` | each line of the body is a fault, as [Faults.Rule#parse] reads it |
/// | `POST /_fake/release` | what stalls goes on |
/// | `GET /_fake/sessions`, `DELETE` | uploads that are open; lets them expire |
/// | `GET /_fake/stored` | what can be seen: id, name, size, MD5 |
/// | `GET /_fake/accounts/EMAIL/token` | a new access token, as text |
/// | `GET /_fake/accounts/EMAIL/refresh-token` | a new refresh token |
/// | `GET /_fake/accounts/EMAIL/key` | the key file of a service account |
/// | `PUT /_fake/accounts/EMAIL/storage` | how many bytes it may store: the body |
/// | `PUT /_fake/accounts/EMAIL/daily` | how many bytes it may upload a day |
/// | `PUT /_fake/accounts/EMAIL/revoked` | `true` or `false` |
final class Control {
    static final String ROOT = "/_fake/";

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final FakeGoogle fake;

    Control(FakeGoogle fake) {
        this.fake = fake;
    }

    void handle(Request request, Response response, Callback callback) {
        int status = 200;
        String answer;
        try {
            String[] words = request.getHttpURI()
                    .getDecodedPath()
                    .substring(ROOT.length())
                    .split("/", -1);
            String body = Content.Source.asString(request, StandardCharsets.UTF_8);
            answer = words.length == 3 && words[0].equals("accounts")
                    ? account(request.getMethod(), fake.account(words[1]), words[2], body.strip())
                    : act(request.getMethod() + " " + words[0], body);
        } catch (IllegalArgumentException e) {
            status = 400;
            answer = e.getMessage();
        } catch (IOException e) {
            callback.failed(e);
            return;
        }
        if (answer == null) {
            status = 404;
            answer = "there is no such control route";
        }
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
        response.write(true, ByteBuffer.wrap((answer + "\n").getBytes(StandardCharsets.UTF_8)), callback);
    }

    private @Nullable String act(String what, String body) throws JsonProcessingException {
        return switch (what) {
            case "GET calls" -> calls();
            case "DELETE calls" -> done(fake.calls()::clear);
            case "GET faults" -> fake.faults().pending().toString();
            case "POST faults" ->
                done(() -> body.lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .map(Faults.Rule::parse)
                        .toList()
                        .forEach(fake.faults()::add));
            case "DELETE faults" -> done(fake.faults()::clear);
            case "POST release" -> done(fake.faults()::release);
            case "GET sessions" -> sessions();
            case "DELETE sessions" -> done(fake::expireSessions);
            case "GET stored" -> stored();
            default -> null;
        };
    }

    private static @Nullable String account(String method, Account account, String what, String body) {
        return switch (method + " " + what) {
            case "GET token" -> account.token();
            case "GET refresh-token" -> account.refreshToken();
            case "GET key" -> account.serviceAccountKey();
            case "PUT storage" -> done(() -> account.storage(Long.parseLong(body)));
            case "PUT daily" -> done(() -> account.daily(Long.parseLong(body)));
            case "PUT revoked" -> done(body.equals("true") ? account::revoke : account::restore);
            default -> null;
        };
    }

    private static String done(Runnable what) {
        what.run();
        return "ok";
    }

    private String calls() throws JsonProcessingException {
        ArrayNode list = JSON.createArrayNode();
        for (Call call : fake.calls().all()) {
            ObjectNode node = list.addObject();
            node.put("number", call.number())
                    .put("step", call.step().word())
                    .put("method", call.method())
                    .put("path", call.path())
                    .put("status", call.status())
                    .put("received", call.received())
                    .put("repeated", call.repeated())
                    .put("range", call.range())
                    .put("account", call.account())
                    .put("at", call.at().toString())
                    .put("lastByteAt", text(call.lastByteAt()))
                    .put("endedAt", text(call.endedAt()));
            call.faults().forEach(node.putArray("faults")::add);
        }
        return JSON.writeValueAsString(list);
    }

    private String sessions() throws JsonProcessingException {
        ArrayNode list = JSON.createArrayNode();
        for (OpenSession session : fake.openSessions()) {
            list.addObject()
                    .put("id", session.id())
                    .put("name", session.name())
                    .put("received", session.received())
                    .put("total", session.total())
                    .put("lastUsed", session.lastUsed().toString());
        }
        return JSON.writeValueAsString(list);
    }

    private String stored() throws JsonProcessingException {
        ArrayNode list = JSON.createArrayNode();
        for (Stored stored : fake.stored()) {
            list.addObject()
                    .put("id", stored.id())
                    .put("name", stored.name())
                    .put("size", stored.size())
                    .put("md5", stored.md5());
        }
        return JSON.writeValueAsString(list);
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }
}
