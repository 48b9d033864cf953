package dev.sluice.server;

import dev.sluice.app.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.jspecify.annotations.Nullable;

/// Who a server is: a certificate with those that vouch for it, the server's own first, and the key that belongs to it
/// (RFC 7468; the older forms of keys of RSA and of elliptic curves too).
///
/// @param until when the certificate's validity ends
record PemIdentity(KeyStore keyStore, Instant until) {
    /// Of the key store, which nobody but this process ever sees.
    static final String PASSWORD = "in memory";

    private static final String PRIVATE_KEY = " PRIVATE KEY";

    /// @throws ConfigurationException where a file is missing or does not hold what it should: it says which and what
    static PemIdentity read(Path certificate, Path key) {
        Certificate[] chain = chain(certificate);
        var own = (X509Certificate) chain[0];
        PrivateKey secret = key(key, own.getPublicKey());
        if (!belong(secret, own.getPublicKey())) {
            throw new ConfigurationException(
                    "server.tls: the key in " + key + " does not belong to the first certificate in " + certificate);
        }
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", secret, PASSWORD.toCharArray(), chain);
            return new PemIdentity(store, own.getNotAfter().toInstant());
        } catch (GeneralSecurityException | IOException e) {
            throw new ConfigurationException("server.tls: " + certificate + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static Certificate[] chain(Path file) {
        try (var in = Files.newInputStream(file)) {
            Certificate[] chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(in)
                    .toArray(Certificate[]::new);
            if (chain.length == 0) {
                throw new ConfigurationException("server.tls.certificate: there is no certificate in " + file);
            }
            return chain;
        } catch (NoSuchFileException e) {
            throw new ConfigurationException("server.tls.certificate: there is no file " + file, e);
        } catch (IOException | GeneralSecurityException e) {
            throw new ConfigurationException(
                    "server.tls.certificate: " + file + " cannot be read as PEM: " + e.getMessage(), e);
        }
    }

    private static PrivateKey key(Path file, PublicKey of) {
        try (var reader = new PemReader(Files.newBufferedReader(file))) {
            for (PemObject part = reader.readPemObject(); part != null; part = reader.readPemObject()) {
                if (part.getType().equals("ENCRYPTED PRIVATE KEY")
                        || !part.getHeaders().isEmpty()) {
                    throw new ConfigurationException("server.tls.key: the key in " + file
                            + " is locked with a password; type: openssl pkey -in " + file + " -out open.pem");
                }
                byte[] encoded = pkcs8(part);
                if (encoded != null) {
                    return KeyFactory.getInstance(of.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(encoded));
                }
            }
            throw new ConfigurationException("server.tls.key: there is no private key in " + file);
        } catch (NoSuchFileException e) {
            throw new ConfigurationException("server.tls.key: there is no file " + file, e);
        } catch (IOException | IllegalArgumentException | IllegalStateException | GeneralSecurityException e) {
            // What the parsers say of a key may quote it.
            throw new ConfigurationException(
                    "server.tls.key: " + file + " holds no " + of.getAlgorithm() + " key that can be read", e);
        }
    }

    private static byte @Nullable [] pkcs8(PemObject part) throws IOException {
        byte[] content = part.getContent();
        return switch (part.getType()) {
            case "PRIVATE KEY" -> content;
            case "RSA" + PRIVATE_KEY ->
                new PrivateKeyInfo(
                                new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                                RSAPrivateKey.getInstance(content))
                        .getEncoded();
            case "EC" + PRIVATE_KEY -> {
                ECPrivateKey key = ECPrivateKey.getInstance(content);
                yield new PrivateKeyInfo(
                                new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, key.getParametersObject()),
                                key)
                        .getEncoded();
            }
            default -> null;
        };
    }

    private static boolean belong(PrivateKey secret, PublicKey known) {
        try {
            byte[] said = "sluice".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            Signature signature = Signature.getInstance(
                    switch (known.getAlgorithm()) {
                        case "RSA" -> "SHA256withRSA";
                        case "EC" -> "SHA256withECDSA";
                        default -> known.getAlgorithm();
                    });
            signature.initSign(secret);
            signature.update(said);
            byte[] signed = signature.sign();
            signature.initVerify(known);
            signature.update(said);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /// Never shows the key.
    @Override
    public String toString() {
        return "PemIdentity[until=" + until + "]";
    }
}
