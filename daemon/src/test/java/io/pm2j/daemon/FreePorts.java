package io.pm2j.daemon;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/// Ports that stay free until a test wants them: none of those that the kernel gives to whoever asks for any.
public final class FreePorts {
    private static final int FIRST = 10_000;
    private static final int COUNT = 9_000;
    /// Not at the same place as other tests on this machine.
    private static final AtomicInteger NEXT = new AtomicInteger(new Random().nextInt(COUNT));

    private FreePorts() {}

    public static int next() {
        while (true) {
            int port = FIRST + NEXT.getAndIncrement() % COUNT;
            try (var _ = new ServerSocket(port)) {
                return port;
            } catch (IOException e) {
                // somebody else's
            }
        }
    }
}
