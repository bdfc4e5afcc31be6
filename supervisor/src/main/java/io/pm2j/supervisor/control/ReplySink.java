package io.pm2j.supervisor.control;

import java.io.IOException;

/// Takes the replies to one request; any thread.
@FunctionalInterface
public interface ReplySink {
    /// @throws IOException when the client is gone
    void send(ControlReply reply) throws IOException;
}
