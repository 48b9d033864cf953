package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.core.ErrorCode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Optional;

/// The API keys for servers elsewhere, by their addresses: `logins.json` in the data folder, for this user only. What
/// the environment says (`SLUICE_API_KEY`) goes before.
final class Logins {
    private static final String VARIABLE = "SLUICE_API_KEY";

    private final Path file;

    private Logins(Path file) {
        this.file = file;
    }

    static Logins in(Path data) {
        return new Logins(data.resolve("logins.json"));
    }

    /// An API key and the name that the server knows it by.
    record Login(String key, String id) {
        @Override
        public String toString() {
            return id;
        }
    }

    Optional<String> key(URI server) {
        var said = System.getenv(VARIABLE);
        return said != null && !said.isBlank()
                ? Optional.of(said.strip())
                : find(server).map(Login::key);
    }

    Optional<Login> find(URI server) {
        var known = read().path(name(server));
        return known.has("key")
                ? Optional.of(
                        new Login(known.path("key").asText(), known.path("id").asText()))
                : Optional.empty();
    }

    void keep(URI server, Login login) {
        var all = read();
        all.set(name(server), Json.object().put("key", login.key()).put("id", login.id()));
        write(all);
    }

    void forget(URI server) {
        var all = read();
        all.remove(name(server));
        write(all);
    }

    private static String name(URI server) {
        return (server.getScheme() + "://" + server.getAuthority()).toLowerCase(Locale.ROOT);
    }

    private ObjectNode read() {
        try {
            return Files.isReadable(file) && Json.parse(Files.readString(file)) instanceof ObjectNode known
                    ? known
                    : Json.object();
        } catch (IOException e) {
            throw new Failure(Exit.FAILED, ErrorCode.INTERNAL, file + " cannot be read: " + Failure.why(e), e);
        }
    }

    private void write(ObjectNode all) {
        var fresh = file.resolveSibling("logins.json.new");
        try {
            Files.createDirectories(
                    file.toAbsolutePath().getParent(),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Files.deleteIfExists(fresh);
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(fresh, all.toString());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new Failure(Exit.FAILED, ErrorCode.INTERNAL, file + " cannot be written: " + Failure.why(e), e);
        }
    }
}
