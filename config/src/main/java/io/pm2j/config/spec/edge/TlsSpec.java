package io.pm2j.config.spec.edge;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

/// How TLS is spoken at a listener.
///
/// @param certificates the first is for clients that ask for no name, or for one that none has
/// @param least the oldest version that is spoken
/// @param http2 whether clients of an `http` listener may choose HTTP/2
public record TlsSpec(List<KeyFiles> certificates, Version least, boolean http2) {
    /// A certificate with its chain and the key to it, both PEM; the paths are absolute.
    public record KeyFiles(Path certificate, Path key) {}

    /// RFC 8996: nothing older is to be spoken.
    public enum Version {
        TLS1_2("1.2"),
        TLS1_3("1.3");

        private final String number;

        Version(String number) {
            this.number = number;
        }

        /// `1.2` or `1.3`.
        public static Version parse(String text) {
            for (Version version : values()) {
                if (version.number.equals(text)) {
                    return version;
                }
            }
            throw new IllegalArgumentException(Rules.quoted(text) + " (expected: 1.2 or 1.3)");
        }
    }

    /// Whether the two are the same but for the certificates.
    boolean sameTerms(TlsSpec other) {
        return least == other.least && http2 == other.http2;
    }

    public TlsSpec {
        certificates = List.copyOf(certificates);
        Rules.require(!certificates.isEmpty(), "tls without a certificate", "cert and key");
        Rules.require(
                new HashSet<>(certificates).size() == certificates.size(), "a certificate given twice", "each once");
    }
}
