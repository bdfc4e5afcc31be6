package io.pm2j.daemon.handover;

import io.pm2j.supervisor.process.Posix;
import io.pm2j.supervisor.process.Posix.Errno;
import io.pm2j.supervisor.process.Succession;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Second descriptors of what a program takes up while it can still go back: what it closes
/// meanwhile, the program before has again.
///
/// Clients' connections need none: they are taken up behind the point of no return. The lock of
/// the home must have none, as closing any of them would give it up.
final class Spares {
    private static final Logger LOG = LoggerFactory.getLogger(Spares.class);

    private final Map<Integer, Integer> spares = new HashMap<>();

    /// Marks all that was handed over as closed on exec, and keeps what may be lost.
    synchronized void keep(Handover handover) {
        for (int fd : handover.descriptors()) {
            try {
                Succession.closesOnExec(fd, true);
            } catch (Errno e) {
                LOG.warn("{} was handed over and is not open", e.getMessage());
            }
        }
        for (int fd : handover.takenUpEarly()) {
            try {
                spares.put(fd, Succession.copy(fd));
            } catch (Errno e) {
                LOG.warn("no second descriptor: {}", e.getMessage());
            }
        }
    }

    /// Has every descriptor at its number again.
    synchronized void putBack() {
        spares.forEach((fd, spare) -> {
            try {
                Succession.copyTo(spare, fd);
            } catch (Errno e) {
                LOG.warn("cannot be had back: {}", e.getMessage());
            }
        });
    }

    synchronized void close() {
        spares.values().forEach(Posix::close);
        spares.clear();
    }
}
