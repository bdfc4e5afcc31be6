package io.pm2j.supervisor.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;

/// Loopback ports for workers that take theirs from `PORT`. A port is free when it is given out; none is given
/// to two workers at a time. Thread-safe.
public final class PrivatePorts {
    private static final int MOST_TRIES = 100;

    private final Set<Integer> taken = new HashSet<>();

    /// A free port.
    ///
    /// @throws IOException when the system has none left
    public synchronized int next() throws IOException {
        for (int i = 0; i < MOST_TRIES; i++) {
            try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                if (taken.add(probe.getLocalPort())) {
                    return probe.getLocalPort();
                }
            }
        }
        throw new IOException("no free loopback port was found in " + MOST_TRIES + " tries");
    }

    /// Remembers a port that a former daemon gave out.
    public synchronized void take(int port) {
        boolean _ = taken.add(port);
    }

    /// The worker that had `port` is gone.
    public synchronized void release(int port) {
        taken.remove(port);
    }
}
