package io.pm2j.daemon;

import io.pm2j.proxy.tls.TicketKeys;
import io.pm2j.proxy.tls.TlsContexts;
import io.pm2j.supervisor.durable.StateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The keys of session tickets: in the home, so that clients come back to the next daemon without a full handshake,
/// and changed for new ones in time.
final class TicketSecrets {
    private static final Logger LOG = LoggerFactory.getLogger(TicketSecrets.class);

    private final StateFile file;
    private final TlsContexts tls;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private TicketKeys keys;

    TicketSecrets(Path home, TlsContexts tls, InstantSource clock) throws IOException {
        file = new StateFile(home.resolve("tickets.key"));
        this.tls = tls;
        this.clock = clock;
        keys = file.read(TicketSecrets::parse).value().orElse(TicketKeys.none());
        turn();
    }

    private static TicketKeys parse(String text) throws IOException {
        try {
            return TicketKeys.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IOException("not ticket keys", e);
        }
    }

    /// Looks whether it is time for another key. Blocks.
    synchronized void turn() {
        TicketKeys next = keys.at(clock.instant(), this::fresh);
        if (next != keys) {
            try {
                file.write(next.text());
                Files.deleteIfExists(file.backup());
            } catch (IOException e) {
                LOG.warn("the keys of session tickets are not kept: {}", e.toString());
            }
        }
        keys = next;
        tls.tickets(next);
    }

    private byte[] fresh() {
        byte[] key = new byte[TicketKeys.SIZE];
        random.nextBytes(key);
        return key;
    }
}
