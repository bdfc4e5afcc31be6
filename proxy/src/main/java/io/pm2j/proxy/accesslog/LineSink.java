package io.pm2j.proxy.accesslog;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Where the lines of an access log go. Called on the log's own platform thread alone, and may
/// block there as long as it takes.
public interface LineSink {
    /// Writes the whole lines between the position and the limit of `lines`.
    ///
    /// @return how many of them it could not write, and has given up
    /// @throws IOException when it could write none of them
    long write(ByteBuffer lines) throws IOException;

    /// Called once, after the last line.
    void close() throws IOException;
}
