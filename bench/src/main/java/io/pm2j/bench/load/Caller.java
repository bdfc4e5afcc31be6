package io.pm2j.bench.load;

import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/// One client connection of the load loop.
final class Caller {
    final SocketChannel channel;
    final ResponseReader reader = new ResponseReader();
    ByteBuffer toWrite = ByteBuffer.allocate(0);

    /// The request under way; null while idle, resting, or waiting for the server to close.
    @Nullable
    Call call;

    /// Whether an earlier request was answered on this connection.
    boolean reused;

    /// After the last answer on this connection: the server closes first, so that it keeps the TIME_WAIT.
    boolean leaving;

    long restsUntilNanos;
    long leavesByNanos;
    private @Nullable SelectionKey key;

    Caller(SocketChannel channel) {
        this.channel = channel;
    }

    void registered(SelectionKey key) {
        this.key = key;
    }

    void interest(int ops) {
        SelectionKey registered = key;
        if (registered != null && registered.isValid() && registered.interestOps() != ops) {
            registered.interestOps(ops);
        }
    }
}
