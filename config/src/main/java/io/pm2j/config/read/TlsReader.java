package io.pm2j.config.read;

import io.pm2j.config.spec.edge.TlsSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Reads the `tls` of a listener. Whether the files are any good is looked at by who opens it.
final class TlsReader {
    private static final String KEY_FILES = "cert and key, the paths of PEM files";

    private final Reading reading;

    TlsReader(Reading reading) {
        this.reading = reading;
    }

    /// A certificate with its key, several in a list, or an object with `certificates` and what counts for all.
    Optional<TlsSpec> read(Node node, String path) {
        if (!(node instanceof Node.Obj object)) {
            return made(node, path, reading.list(node, path, this::keyFiles), TlsSpec.Version.TLS1_2, true);
        }
        Keys keys = new Keys(reading, object, path);
        TlsSpec.Version least = keys.of("min_version")
                .flatMap(at -> reading.parsed(at, keys.path("min_version"), "1.2 or 1.3", TlsSpec.Version::parse))
                .orElse(TlsSpec.Version.TLS1_2);
        boolean http2 = keys.of("http2")
                .flatMap(at -> reading.flag(at, keys.path("http2")))
                .orElse(true);
        Optional<Node> several = keys.of("certificates");
        List<TlsSpec.KeyFiles> all = several.isPresent()
                ? reading.list(several.get(), keys.path("certificates"), this::keyFiles)
                : keyFiles(keys).stream().toList();
        keys.done();
        return made(node, path, all, least, http2);
    }

    /// What was wrong with a certificate has been said when there is none.
    private Optional<TlsSpec> made(
            Node node, String path, List<TlsSpec.KeyFiles> all, TlsSpec.Version least, boolean http2) {
        boolean none = all.isEmpty() && reading.problems().any();
        return none ? Optional.empty() : reading.made(node, path, () -> new TlsSpec(all, least, http2));
    }

    private Optional<TlsSpec.KeyFiles> keyFiles(Node node, String path) {
        return reading.keys(node, path, KEY_FILES).flatMap(keys -> {
            Optional<TlsSpec.KeyFiles> files = keyFiles(keys);
            keys.done();
            return files;
        });
    }

    private Optional<TlsSpec.KeyFiles> keyFiles(Keys keys) {
        Optional<Path> certificate = file(keys, "cert");
        Optional<Path> key = file(keys, "key");
        return certificate.flatMap(chain -> key.map(to -> new TlsSpec.KeyFiles(chain, to)));
    }

    private Optional<Path> file(Keys keys, String name) {
        Optional<Node> written = keys.of(name);
        if (written.isEmpty()) {
            reading.problem(keys.object(), keys.path(), name + " is missing (expected: " + KEY_FILES + ")");
        }
        return written.flatMap(node -> reading.path(node, keys.path(name)));
    }
}
