package io.pm2j.config.spec.edge;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

/// How TLS is spoken at a listener.
///
/// @param certificates the first is for clients that ask for no name, or for one that none has
/// @param least the oldest version that is spoken
public record TlsSpec(List<KeyFiles> certificates, Version least) {
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

    public TlsSpec {
        certificates = List.copyOf(certificates);
        Rules.require(!certificates.isEmpty(), "tls without a certificate", "cert and key");
        Rules.require(
                new HashSet<>(certificates).size() == certificates.size(), "a certificate given twice", "each once");
    }
}
