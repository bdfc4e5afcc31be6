package io.pm2j.supervisor.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The daemon's end: a Unix socket of mode 0600, one virtual thread a conversation. When a client hangs up before its
/// request is done, whoever works for it is interrupted.
public final class ControlServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
    private static final long ACCEPT_AGAIN_NANOS = 100_000_000;

    private final Path socket;
    private final ControlHandler handler;
    private final ServerSocketChannel server;

    /// Binds; nothing is accepted before [#start].
    ///
    /// The socket is bound under another name and then moved, so that nobody connects to it before its mode is set.
    public ControlServer(Path socket, ControlHandler handler) throws IOException {
        this.socket = socket;
        this.handler = handler;
        Path fresh = socket.resolveSibling(socket.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(fresh), 128);
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
        Files.move(fresh, socket, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    public void start() {
        Thread.ofVirtual().name("pm2j-control").start(this::accept);
    }

    /// Takes no more requests; those that run may end.
    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(socket);
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                Thread.ofVirtual().name("pm2j-request").start(() -> converse(client));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warn("a command line could not be accepted", e);
                // Out of descriptors, most likely: asking again at once would only heat the processor.
                LockSupport.parkNanos(ACCEPT_AGAIN_NANOS);
            }
        }
    }

    private void converse(SocketChannel client) {
        try (client) {
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(Channels.newInputStream(client), StandardCharsets.UTF_8));
            String line = reader.readLine();
            if (line == null) {
                return; // somebody only looked whether we live
            }
            ReplySink replies = reply -> send(client, reply);
            Thread worker = Thread.currentThread();
            Thread watcher = Thread.ofVirtual().name("pm2j-hangup").start(() -> interruptAtHangUp(reader, worker));
            try {
                handler.handle(ControlCodec.readRequest(line), replies);
            } catch (InterruptedException | ClosedChannelException e) {
                LOG.debug("a command line hung up", e);
            } catch (Exception e) {
                LOG.atWarn().setCause(e).log("a request failed");
                replies.send(new ControlReply.Note(ControlReply.Level.ERROR, String.valueOf(e.getMessage())));
                replies.send(new ControlReply.Done(1));
            } finally {
                watcher.interrupt();
            }
        } catch (IOException e) {
            LOG.debug("a command line went away", e);
        }
    }

    /// A client sends one line and then waits; the end of its stream means that it has gone.
    private static void interruptAtHangUp(BufferedReader reader, Thread worker) {
        try {
            if (reader.readLine() == null) {
                worker.interrupt();
            }
        } catch (IOException e) {
            worker.interrupt();
        }
    }

    private static void send(SocketChannel client, ControlReply reply) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((ControlCodec.write(reply) + "\n").getBytes(StandardCharsets.UTF_8));
        synchronized (client) {
            while (bytes.hasRemaining()) {
                client.write(bytes);
            }
        }
    }
}
