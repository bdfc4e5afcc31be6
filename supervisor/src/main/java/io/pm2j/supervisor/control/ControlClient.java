package io.pm2j.supervisor.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One request to the daemon, and its replies in order. Blocks; one thread.
public final class ControlClient implements AutoCloseable {
    private final SocketChannel channel;
    private final BufferedReader replies;

    private ControlClient(SocketChannel channel) {
        this.channel = channel;
        this.replies =
                new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
    }

    /// Connects to the daemon's socket.
    ///
    /// @throws IOException when nobody answers there
    public static ControlClient connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new ControlClient(channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /// Sends the request; `version` is the command line's.
    public void ask(ControlRequest request, String version) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.wrap((ControlCodec.write(request, version) + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /// The next reply.
    ///
    /// @throws IOException when the daemon ended before it was done
    public ControlReply next() throws IOException {
        String line = replies.readLine();
        if (line == null) {
            throw new IOException("the daemon ended before it had answered");
        }
        return ControlCodec.readReply(line);
    }

    /// The next reply; nothing when the daemon has ended the conversation, in whatever way.
    public Optional<ControlReply> nextIfAny() throws IOException {
        String line = nextLine();
        return line == null ? Optional.empty() : Optional.of(ControlCodec.readReply(line));
    }

    private @Nullable String nextLine() {
        try {
            return replies.readLine();
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
