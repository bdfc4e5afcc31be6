package io.pm2j.proxy.tls;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/// A certificate with its chain and the key that fits it, read from two PEM files at once.
public final class Certificate {
    private static final int DNS_NAME = 2;
    private static final byte[] TRIAL = "pm2j".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private final Path file;
    private final List<X509Certificate> chain;
    private final PrivateKey key;
    private final Set<String> names;

    private Certificate(Path file, List<X509Certificate> chain, PrivateKey key) throws CertificateException {
        this.file = file;
        this.chain = chain;
        this.key = key;
        names = names(chain.getFirst());
    }

    /// Reads `chain`, the certificate first, and `key`: PKCS#8, PKCS#1 or SEC1, not encrypted. Blocks.
    ///
    /// @throws BadCertificate when a file cannot be read or understood, or they do not belong together
    public static Certificate read(Vertx vertx, Path chain, Path key) throws BadCertificate {
        byte[] certificates = bytes(chain);
        byte[] secret = bytes(key);
        List<X509Certificate> parsed = parse(chain, certificates);
        PrivateKey fits = key(vertx, key, secret, certificates);
        if (!belongs(fits, parsed.getFirst())) {
            throw new BadCertificate(key + " is not the key to " + chain + " (expected: the two of one pair)");
        }
        try {
            return new Certificate(chain, parsed, fits);
        } catch (CertificateException e) {
            throw new BadCertificate(chain + " has names that cannot be read: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(Path file) throws BadCertificate {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new BadCertificate(file + " is not there (expected: a PEM file)", e);
        } catch (AccessDeniedException e) {
            throw new BadCertificate(file + " may not be read by this user", e);
        } catch (IOException e) {
            throw new BadCertificate(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static List<X509Certificate> parse(Path file, byte[] pem) throws BadCertificate {
        List<X509Certificate> all = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (java.security.cert.Certificate one : factory.generateCertificates(new ByteArrayInputStream(pem))) {
                all.add((X509Certificate) one);
            }
        } catch (CertificateException e) {
            throw new BadCertificate(file + " is not a whole certificate (expected: PEM, with its chain)", e);
        }
        if (all.isEmpty()) {
            throw new BadCertificate(file + " has no certificate (expected: PEM, with its chain)");
        }
        return List.copyOf(all);
    }

    private static PrivateKey key(Vertx vertx, Path file, byte[] pem, byte[] certificates) throws BadCertificate {
        try {
            PemKeyCertOptions pair =
                    new PemKeyCertOptions().setKeyValue(Buffer.buffer(pem)).setCertValue(Buffer.buffer(certificates));
            for (KeyManager manager : pair.getKeyManagerFactory(vertx).getKeyManagers()) {
                PrivateKey key = manager instanceof X509KeyManager keys ? first(keys) : null;
                if (key != null) {
                    return key;
                }
            }
        } catch (Exception e) {
            throw new BadCertificate(
                    file + " is not a key that can be read (expected: PEM of an RSA or EC key, not encrypted)", e);
        }
        throw new BadCertificate(file + " has no key");
    }

    private static @Nullable PrivateKey first(X509KeyManager keys) {
        for (String type : List.of("RSA", "EC")) {
            String[] aliases = keys.getServerAliases(type, null);
            if (aliases != null && aliases.length > 0) {
                return keys.getPrivateKey(aliases[0]);
            }
        }
        return null;
    }

    /// Whether what `key` signs is believed by `certificate`.
    private static boolean belongs(PrivateKey key, X509Certificate certificate) {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        try {
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(TRIAL);
            byte[] signed = signing.sign();
            Signature verifying = Signature.getInstance(algorithm);
            verifying.initVerify(certificate.getPublicKey());
            verifying.update(TRIAL);
            return verifying.verify(signed);
        } catch (GeneralSecurityException e) {
            return false; // of another kind
        }
    }

    /// RFC 9525 §6.3: the names of the extension; of a certificate without any, its common name.
    private static Set<String> names(X509Certificate certificate) throws CertificateException {
        Set<String> names = new LinkedHashSet<>();
        Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
        if (alternatives != null) {
            for (List<?> one : alternatives) {
                if (Objects.equals(one.get(0), DNS_NAME)) {
                    names.add(String.valueOf(one.get(1)).toLowerCase(Locale.ROOT));
                }
            }
        } else {
            names.add(commonName(certificate).toLowerCase(Locale.ROOT));
        }
        return Set.copyOf(names);
    }

    private static String commonName(X509Certificate certificate) {
        try {
            return new LdapName(certificate.getSubjectX500Principal().getName())
                    .getRdns().stream()
                            .filter(part -> part.getType().equalsIgnoreCase("CN"))
                            .map(part -> String.valueOf(part.getValue()))
                            .findFirst()
                            .orElse("");
        } catch (InvalidNameException e) {
            return "";
        }
    }

    /// Where it was read.
    public Path file() {
        return file;
    }

    /// The hosts it is for, in lower case; `*.example.com` for all right below a domain.
    public Set<String> names() {
        return names;
    }

    /// From when on it is believed.
    public Instant notBefore() {
        return chain.getFirst().getNotBefore().toInstant();
    }

    /// Until when it is believed.
    public Instant notAfter() {
        return chain.getFirst().getNotAfter().toInstant();
    }

    /// Why nobody would believe it at `now`; null when that is no reason.
    public @Nullable String untimely(Instant now) {
        if (now.isAfter(notAfter())) {
            return file + " has expired at " + notAfter();
        }
        return now.isBefore(notBefore()) ? file + " is not valid before " + notBefore() : null;
    }

    /// Whether it is the same certificate and key.
    public boolean same(Certificate other) {
        return chain.equals(other.chain) && key.equals(other.key);
    }

    List<X509Certificate> chain() {
        return chain;
    }

    PrivateKey key() {
        return key;
    }
}
