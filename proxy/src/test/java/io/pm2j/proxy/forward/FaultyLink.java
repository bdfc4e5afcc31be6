package io.pm2j.proxy.forward;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/// A relay of TCP between a client and a server that can be made to fail, as Toxiproxy does it: each direction
/// has one [Toxic], and it may be unreachable in three ways.
final class FaultyLink implements AutoCloseable {
    /// How it takes connections.
    enum Door {
        OPEN,
        /// Connections are refused.
        DOWN,
        /// Connects are never answered.
        BLACK_HOLE,
        /// Connections are taken and reset at the first byte.
        RESETTING
    }

    private final ServerSocket server = new ServerSocket();
    /// Holds the port of a link that is down without listening, so that nobody else comes to be there.
    private final Socket held = new Socket();
    private final int target;
    private final Toxic up;
    private final Toxic down;
    private final Door door;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final List<Socket> filling = new ArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    /// From its own port to `target`; `up` is towards the target.
    FaultyLink(int target, Toxic up, Toxic down, Door door) throws IOException {
        this.target = target;
        this.up = up;
        this.down = down;
        this.door = door;
        var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        if (door == Door.DOWN) {
            held.bind(any);
        } else {
            server.bind(any, door == Door.BLACK_HOLE ? 1 : 200);
        }
        switch (door) {
            case DOWN -> {}
            case BLACK_HOLE -> fillBacklog();
            case OPEN, RESETTING -> Thread.ofVirtual().start(this::accept);
        }
    }

    static FaultyLink to(int target, Toxic up, Toxic down) throws IOException {
        return new FaultyLink(target, up, down, Door.OPEN);
    }

    int port() {
        return door == Door.DOWN ? held.getLocalPort() : server.getLocalPort();
    }

    /// With the queue full the kernel drops further connects.
    private void fillBacklog() throws IOException {
        for (int i = 0; i < 8; i++) {
            Socket socket = new Socket();
            filling.add(socket);
            try {
                socket.connect(new InetSocketAddress("127.0.0.1", port()), 100);
            } catch (java.net.SocketTimeoutException full) {
                return;
            }
        }
        throw new IOException("the queue does not fill");
    }

    private void accept() {
        try {
            for (; ; ) {
                Socket near = server.accept();
                open.add(near);
                Thread.ofVirtual().start(() -> serve(near));
            }
        } catch (IOException over) {
            // The test is over.
        }
    }

    private void serve(Socket near) {
        Socket far = new Socket();
        open.add(far);
        try {
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            if (door == Door.RESETTING) {
                int _ = near.getInputStream().read();
                reset(near, far);
                return;
            }
            far.connect(new InetSocketAddress("127.0.0.1", target));
            Thread back = Thread.ofVirtual().start(() -> pump(far, near, down));
            pump(near, far, up);
            back.join();
        } catch (IOException | InterruptedException e) {
            reset(near, far);
        } finally {
            end(near);
            end(far);
        }
    }

    private void pump(Socket from, Socket to, Toxic toxic) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] piece = new byte[16 * 1024];
            long passed = 0;
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                for (int done = 0; done < n; ) {
                    int step = toxic.next(passed, n - done);
                    if (step == 0) {
                        strike(toxic, from, to);
                        return;
                    }
                    toxic.delay(step);
                    out.write(piece, done, step);
                    done += step;
                    passed += step;
                }
            }
            to.shutdownOutput();
        } catch (IOException broken) {
            // What one side does to us the other is to see.
            reset(from, to);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void strike(Toxic toxic, Socket from, Socket to) throws IOException, InterruptedException {
        switch (toxic) {
            case Toxic.Reset _ -> reset(from, to);
            case Toxic.Ended _ -> {
                to.shutdownOutput();
                from.getInputStream().transferTo(OutputStream.nullOutputStream());
            }
            case Toxic.Stalled _ -> closed.await();
            case Toxic.Late _, Toxic.Sliced _, Toxic.Narrow _ -> throw new IOException("moves nothing");
        }
    }

    private static void reset(Socket one, Socket other) {
        for (Socket socket : List.of(one, other)) {
            try {
                socket.setSoLinger(true, 0);
                socket.close();
            } catch (IOException closed) {
                // By the other direction.
            }
        }
    }

    private void end(Socket socket) {
        open.remove(socket);
        try {
            socket.close();
        } catch (IOException closed) {
            // By the other direction.
        }
    }

    /// Breaks every connection, and takes no more.
    void cut() throws IOException {
        closed.countDown();
        server.close();
        held.close();
        List.copyOf(open).forEach(this::end);
        filling.forEach(this::end);
    }

    @Override
    public void close() throws IOException {
        cut();
    }
}
