package io.pm2j.proxy.forward;

import java.net.InetSocketAddress;
import java.util.Optional;

/// A client's connection at rest, as one program hands it to the next in the same process: its
/// socket and what is known of it.
///
/// @param loop the number of its loop
/// @param unix whether the socket is a Unix socket
/// @param held what was read and not dealt with
/// @param told whom the PROXY header named, and where that client connected to
/// @param through the other side of a tunnel
public record Resting(
        int loop, int fd, boolean unix, At at, byte[] held, Optional<Told> told, Optional<Through> through) {
    /// Where it is in its life.
    public enum At {
        /// Its PROXY header has not come.
        PREFACE,
        /// It is not known which protocol it speaks.
        DETECT,
        /// Between two requests.
        HEAD,
        TUNNEL
    }

    /// Who the client is, by the proxy in front.
    public record Told(InetSocketAddress source, InetSocketAddress destination) {}

    /// The worker's side of a tunnel: a socket, and whose it is. The last two tell how far the
    /// frames of a WebSocket are, to the client and to the worker.
    public record Through(
            int fd,
            boolean unix,
            String upstream,
            long endpoint,
            long idleMs,
            Optional<String> toClient,
            Optional<String> toWorker) {}
}
