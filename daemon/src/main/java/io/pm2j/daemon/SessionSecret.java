package io.pm2j.daemon;

import io.pm2j.proxy.upstream.StickyKey;
import io.pm2j.supervisor.durable.StateFile;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/// The secret that the cookies of sticky sessions are signed with: made once for a home, so that sessions outlive the
/// daemon. Who can read it can choose a client's worker, no more.
final class SessionSecret {
    private static final int BYTES = 32;

    private SessionSecret() {}

    /// What `home` has; a fresh one where there is none or it cannot be read.
    static StickyKey of(Path home) throws IOException {
        StateFile file = new StateFile(home.resolve("session.key"));
        StateFile.Read<byte[]> known = file.read(SessionSecret::parse);
        if (known.value().isPresent()) {
            return new StickyKey(known.value().get());
        }
        byte[] fresh = new byte[BYTES];
        new SecureRandom().nextBytes(fresh);
        file.write(HexFormat.of().formatHex(fresh));
        return new StickyKey(fresh);
    }

    private static byte[] parse(String text) throws IOException {
        try {
            byte[] secret = HexFormat.of().parseHex(text.strip());
            if (secret.length == BYTES) {
                return secret;
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("not a secret", e);
        }
        throw new IOException("not a secret of " + BYTES + " bytes");
    }
}
