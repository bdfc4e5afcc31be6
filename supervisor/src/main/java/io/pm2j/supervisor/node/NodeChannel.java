package io.pm2j.supervisor.node;

import io.pm2j.supervisor.process.Poller;
import io.pm2j.supervisor.process.Posix;
import io.pm2j.supervisor.process.Posix.Errno;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Our end of a Node process's channel: lines of JSON both ways, and descriptors to it.
///
/// Sending never blocks: what the socket does not take waits in order, up to [#MOST_WAITING] messages. A
/// descriptor travels with the first byte of its message; the kernel never joins what follows it to the same
/// read, so Node finds each one with its own message.
public final class NodeChannel implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeChannel.class);

    /// A worker that reads nothing while this many messages wait is hung; more would only hide it.
    static final int MOST_WAITING = 1_024;

    private static final int LONGEST_LINE = 8 * 1024 * 1024;

    /// Up to this length the kernel takes a message whole or not at all, however small it was told to make the buffers
    /// of
    /// sockets (unix(7): half of a buffer goes in one piece, and the smallest has 4608 bytes).
    private static final int GOES_WHOLE = 2_048;

    /// A message that the socket did not take whole. `passedFd` is -1 when there is none, or when it has gone.
    private record Waiting(byte[] bytes, int from, int passedFd) {}

    private final Poller poller;
    private final int fd;
    private final Consumer<NodeMessage> onMessage;
    private final Runnable onClosed;
    private final Witness witness;
    private boolean inPieces;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean closed;

    /// What is left of a channel that another goes on from: its descriptor, the beginning of a
    /// message from the process, and what the process has not taken yet.
    public record Left(int fd, byte[] begun, List<Unsent> unsent) {
        public Left {
            unsent = List.copyOf(unsent);
        }

        /// A fresh one.
        public Left(int fd) {
            this(fd, new byte[0], List.of());
        }
    }

    /// The rest of a message; `passedFd` goes with it unless it is -1.
    public record Unsent(byte[] bytes, int passedFd) {}

    /// Knows of a channel what must be known when this process is killed and another goes on with it.
    public interface Witness {
        /// Nobody goes on.
        Witness NONE = new Witness() {
            @Override
            public void inPieces(boolean on) {
                // nobody asks
            }

            @Override
            public void closed() {
                // nobody asks
            }
        };

        /// From now on a message may have gone in part, and whatever follows would be read as its rest; or no more.
        void inPieces(boolean on);

        /// The channel is closed.
        void closed();
    }

    /// Takes ownership of the descriptor, and goes on where another was. `onMessage` and `onClosed` run on the
    /// poller's thread.
    public NodeChannel(Poller poller, Left from, Witness witness, Consumer<NodeMessage> onMessage, Runnable onClosed)
            throws IOException {
        this.witness = witness;
        int fd = from.fd;
        line.writeBytes(from.begun);
        this.poller = poller;
        this.fd = fd;
        this.onMessage = onMessage;
        this.onClosed = onClosed;
        from.unsent.forEach(message -> waiting.addLast(new Waiting(message.bytes, 0, message.passedFd)));
        poller.watch(fd, this::ready);
        if (!waiting.isEmpty()) {
            inPieces(true);
            poller.alsoWhenWritable(fd, true);
        }
    }

    private void inPieces(boolean on) {
        if (on != inPieces) {
            inPieces = on;
            witness.inPieces(on);
        }
    }

    /// What another channel goes on from, while the poller is paused; nothing when it is closed.
    public synchronized Optional<Left> left() {
        return closed
                ? Optional.empty()
                : Optional.of(new Left(
                        fd,
                        line.toByteArray(),
                        waiting.stream()
                                .map(w -> new Unsent(Arrays.copyOfRange(w.bytes, w.from, w.bytes.length), w.passedFd))
                                .toList()));
    }

    /// Sends one message, a JSON text without line breaks.
    public void send(String json) throws IOException {
        send(json, -1);
    }

    /// Sends one message with a descriptor, which is closed here in every case.
    ///
    /// @throws IOException when the process is gone or hung; it was sent nothing then
    public void sendHandle(String json, int passedFd) throws IOException {
        send(json, passedFd);
    }

    private synchronized void send(String json, int passedFd) throws IOException {
        byte[] bytes = (json + "\n").getBytes(StandardCharsets.UTF_8);
        boolean kept = false;
        try {
            if (closed) {
                throw new IOException("the worker's channel is closed");
            }
            if (!waiting.isEmpty()) {
                if (waiting.size() >= MOST_WAITING) {
                    throw new IOException("the worker reads nothing: " + waiting.size() + " messages wait for it");
                }
                waiting.addLast(new Waiting(bytes, 0, passedFd));
                kept = true;
                return;
            }
            inPieces(bytes.length > GOES_WHOLE);
            int sent = Posix.send(fd, bytes, 0, passedFd);
            if (sent == bytes.length) {
                inPieces(false);
            } else {
                waiting.addLast(new Waiting(bytes, Math.max(sent, 0), sent > 0 ? -1 : passedFd));
                kept = sent <= 0;
                poller.alsoWhenWritable(fd, true);
            }
        } finally {
            if (!kept && passedFd >= 0) {
                Posix.close(passedFd);
            }
        }
    }

    /// Closes the channel; a Node cluster worker ends itself then.
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        poller.forget(fd);
        witness.closed();
        Posix.close(fd);
        waiting.forEach(w -> {
            if (w.passedFd >= 0) {
                Posix.close(w.passedFd);
            }
        });
        waiting.clear();
    }

    private void ready(boolean writable) throws IOException {
        if (writable) {
            flush();
        }
        byte[] bytes;
        synchronized (this) {
            if (closed) {
                return;
            }
            bytes = receive();
        }
        if (bytes == null) {
            return;
        }
        if (bytes.length == 0) {
            close();
            onClosed.run();
            return;
        }
        take(bytes);
    }

    /// As [Posix#receive]. A program that ended with messages unread has reset the connection: that is an end as well.
    private byte @Nullable [] receive() {
        try {
            return Posix.receive(fd);
        } catch (Errno e) {
            return new byte[0];
        }
    }

    private synchronized void flush() throws IOException {
        while (!closed) {
            Waiting first = waiting.peekFirst();
            if (first == null) {
                inPieces(false);
                poller.alsoWhenWritable(fd, false);
                return;
            }
            inPieces(inPieces || first.bytes.length > GOES_WHOLE);
            int sent = Posix.send(fd, first.bytes, first.from, first.passedFd);
            if (sent <= 0) {
                return;
            }
            waiting.removeFirst();
            if (first.passedFd >= 0) {
                Posix.close(first.passedFd);
            }
            if (first.from + sent < first.bytes.length) {
                waiting.addFirst(new Waiting(first.bytes, first.from + sent, -1));
            }
        }
    }

    private void take(byte[] bytes) {
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                line.write(bytes, start, i - start);
                start = i + 1;
                String text = line.toString(StandardCharsets.UTF_8);
                line.reset();
                understand(text);
            }
        }
        line.write(bytes, start, bytes.length - start);
        if (line.size() > LONGEST_LINE) {
            LOG.warn("a worker sent a message of more than {} bytes; it was dropped", LONGEST_LINE);
            line.reset();
        }
    }

    private void understand(String text) {
        try {
            onMessage.accept(NodeMessage.parse(text));
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("cause", e.getMessage()).log("a worker sent what is not JSON on its channel");
        }
    }
}
