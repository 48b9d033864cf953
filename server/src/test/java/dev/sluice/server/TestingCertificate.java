package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A certificate for 127.0.0.1, localhost and files.example.org that vouches for itself, and its key, as PEM files.
record TestingCertificate(X509Certificate certificate, PrivateKey key, Path certificateFile, Path keyFile) {
    private static final String PASSWORD = "changeit";

    /// @param algorithm as keytool calls it: RSA, EC, Ed25519
    static TestingCertificate make(Path folder, String algorithm) {
        try {
            Files.createDirectories(folder);
            Path store = Files.createTempDirectory(folder, "keys").resolve("store.p12");
            run(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    "server",
                    "-keyalg",
                    algorithm,
                    "-dname",
                    "CN=localhost",
                    "-ext",
                    "san=ip:127.0.0.1,dns:localhost,dns:files.example.org",
                    "-validity",
                    "30",
                    "-storetype",
                    "PKCS12",
                    "-storepass",
                    PASSWORD,
                    "-keystore",
                    store.toString());
            KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
            var made = new TestingCertificate(
                    (X509Certificate) keys.getCertificate("server"),
                    (PrivateKey) keys.getKey("server", PASSWORD.toCharArray()),
                    folder.resolve("certificate.pem"),
                    folder.resolve("key.pem"));
            made.write();
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        try {
            assertThat(process.waitFor()).as(said).isZero();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    void write() throws IOException, GeneralSecurityException {
        Files.writeString(certificateFile, pem("CERTIFICATE", certificate.getEncoded()));
        Files.writeString(keyFile, pem("PRIVATE KEY", key.getEncoded()));
    }

    static String pem(String type, byte[] content) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content) + "\n-----END " + type
                + "-----\n";
    }

    Map<String, String> settings() {
        return Map.of(
                "server.tls.certificate", certificateFile.toString(),
                "server.tls.key", keyFile.toString(),
                "server.hosts", "files.example.org");
    }

    /// What a client trusts who knows these.
    static SSLContext trusting(TestingCertificate... known) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (TestingCertificate one : List.of(known)) {
                store.setCertificateEntry(one.certificate.getSerialNumber().toString(), one.certificate);
            }
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
