package dev.sluice.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Azurite, Microsoft's own stand-in for Azure Blob storage, in Node. It checks signatures. The first start on
/// a machine installs it, pinned by `testing/azurite/package-lock.json`.
///
/// Where it differs from what the reference of the service says, about blocks that were never committed:
/// - a single put leaves them; the service discards them;
/// - they alone make `If-None-Match: *` fail with `BlobAlreadyExists`, although the blob is neither listed nor
///   found;
/// - `Delete Blob` takes them away; the service finds no blob to delete.
///
/// `x-ms-content-crc64` is refused with `500 FeatureNotSupported`. A wrong `Content-MD5` is refused, as
/// `InvalidOperation` instead of `Md5Mismatch`. As in the service, `Put Block List` discards the blocks that it
/// does not name, may be repeated, and leaves a blob without an MD5 unless it is told one.
public final class TestingAzurite implements AutoCloseable {
    private static final AtomicInteger CONTAINERS = new AtomicInteger();
    private static final String VERSION = "2021-12-02";

    /// Of the threads of this JVM; other JVMs are kept away by a lock on a file.
    private static final ReentrantLock INSTALLING = new ReentrantLock();

    private final PeerProcess process;

    private TestingAzurite() {
        Path program = install();
        process = PeerProcess.start(
                "azurite",
                (folder, ports) -> List.of(
                        "node",
                        program.toString(),
                        "--blobHost",
                        "127.0.0.1",
                        "--blobPort",
                        ports.getFirst().toString(),
                        "--blobKeepAliveTimeout",
                        "60",
                        "--location",
                        folder.toString(),
                        "--silent",
                        "--disableTelemetry",
                        "--skipApiVersionCheck"));
    }

    /// One for all tests of this JVM, with which it ends.
    public static TestingAzurite shared() {
        return Shared.SERVER;
    }

    /// One that is its starter's to close.
    public static TestingAzurite start() {
        return new TestingAzurite();
    }

    private static Path install() {
        String node = version("node");
        if (Integer.parseInt(node.substring(1, node.indexOf('.'))) < 20) {
            throw new IllegalStateException(
                    "azurite needs Node 20 or newer, and there is " + node + "; fetch one from https://nodejs.org");
        }
        Path home = Checkout.testing().resolve("azurite");
        Path program = home.resolve("node_modules/azurite/dist/src/blob/main.js");
        Path installed = home.resolve("node_modules/.package-lock.json");
        Path wanted = home.resolve("package-lock.json");
        Path lockFile = Checkout.target().resolve("azurite.lock");
        INSTALLING.lock();
        try (var channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var lock = channel.lock()) {
            assert lock.isValid();
            if (!Files.exists(program)
                    || Files.getLastModifiedTime(installed).compareTo(Files.getLastModifiedTime(wanted)) < 0) {
                version("npm");
                PeerProcess.run(
                        List.of("npm", "--prefix", home.toString(), "ci", "--ignore-scripts", "--loglevel=error"),
                        Duration.ofMinutes(5));
            }
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot install azurite", e);
        } finally {
            INSTALLING.unlock();
        }
    }

    private static String version(String program) {
        try {
            return PeerProcess.run(List.of(program, "--version"), Duration.ofSeconds(20));
        } catch (UncheckedIOException e) {
            throw new IllegalStateException(
                    "azurite needs " + program + "; type: apt-get install -y --no-install-recommends nodejs npm", e);
        }
    }

    /// Where the account is; the paths of containers begin with [#account].
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + process.port() + "/" + account());
    }

    public String account() {
        return "devstoreaccount1";
    }

    /// The key that is the same in every Azurite, and public.
    public String key() {
        return "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    }

    /// What Microsoft's clients take instead of the three parts, for this address or that of a [FaultyProxy].
    public String connectionString(URI endpoint) {
        return "DefaultEndpointsProtocol=http;AccountName=" + account() + ";AccountKey=" + key() + ";BlobEndpoint="
                + endpoint + ";";
    }

    /// The name of an empty container that nobody else uses.
    public String newContainer() {
        String name = "container-" + CONTAINERS.incrementAndGet();
        try {
            String date = ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.RFC_1123_DATE_TIME);
            var put = (HttpURLConnection) URI.create(endpoint() + "/" + name + "?restype=container")
                    .toURL()
                    .openConnection();
            put.setRequestMethod("PUT");
            put.setDoOutput(true);
            put.setFixedLengthStreamingMode(0);
            put.setRequestProperty("Content-Type", "application/octet-stream");
            put.setRequestProperty("x-ms-date", date);
            put.setRequestProperty("x-ms-version", VERSION);
            put.setRequestProperty("Authorization", "SharedKey " + account() + ":" + signature(name, date));
            put.getOutputStream().close();
            int status = put.getResponseCode();
            if (status != 201) {
                throw new IllegalStateException("azurite answers " + status + " to a new container:\n"
                        + new String(put.getErrorStream().readAllBytes(), UTF_8));
            }
            return name;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// By "Authorize with Shared Key" of Azure's REST reference. The account stands there twice: once for
    /// itself, once as the first part of the path.
    private String signature(String container, String date) {
        String toSign = "PUT\n\n\n\n\napplication/octet-stream\n\n\n\n\n\n\n"
                + "x-ms-date:" + date + "\nx-ms-version:" + VERSION + "\n"
                + "/" + account() + "/" + account() + "/" + container + "\nrestype:container";
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(key()), "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(toSign.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.close();
    }

    private static final class Shared {
        static final TestingAzurite SERVER = new TestingAzurite();
    }
}
