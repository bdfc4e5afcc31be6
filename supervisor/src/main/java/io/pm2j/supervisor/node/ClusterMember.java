package io.pm2j.supervisor.node;

import io.pm2j.config.Address;
import io.pm2j.supervisor.process.Posix;
import io.pm2j.supervisor.traffic.Reach.Handover;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/// One cluster worker as its primary sees it: answers its `listen` calls, and hands connections to its servers.
///
/// Node's round-robin answer is used throughout: the worker is told that it listens (`sockname`), binds nothing,
/// and is then given each connection by a `newconn` message. The primary of the cluster module, in Node, does the same
/// with accepted sockets; ours are ends of socket pairs.
public final class ClusterMember {
    private final NodeChannel channel;
    private final AtomicLong connections = new AtomicLong();

    public ClusterMember(NodeChannel channel) {
        this.channel = channel;
    }

    /// Grants a `listen`: the worker believes that it listens on `open`, under `key`. `data` is what the
    /// first worker of this server brought along, so that all of them share it.
    public void grant(NodeMessage.QueryServer query, String key, Address open, String data) throws IOException {
        String socketName = switch (open) {
            case Address.Tcp(String host, int port) ->
                "{\"address\":" + quoted(host) + ",\"family\":\"" + (host.indexOf(':') < 0 ? "IPv4" : "IPv6")
                        + "\",\"port\":" + port + "}";
            case Address.Unix(String path) -> "{\"address\":" + quoted(path) + "}";
        };
        channel.send("{\"cmd\":\"NODE_CLUSTER\",\"errno\":0,\"key\":" + quoted(key) + ",\"ack\":" + query.sequence()
                + ",\"data\":" + data + ",\"sockname\":" + socketName + "}");
    }

    /// Grants a UDP socket: the worker receives at it itself, under `key`. `fd` is closed here
    /// in every case.
    public void grantSocket(NodeMessage.QueryServer query, String key, int fd) throws IOException {
        channel.sendHandle(
                "{\"cmd\":\"NODE_HANDLE\",\"type\":\"dgram.Native\",\"msg\":{\"cmd\":\"NODE_CLUSTER\",\"errno\":0,"
                        + "\"key\":" + quoted(key) + ",\"ack\":" + query.sequence() + ",\"data\":null}}",
                fd);
    }

    /// Refuses a `listen` as the kernel would have: the program sees the error code of `errno`, such as EADDRINUSE.
    public void refuse(NodeMessage.QueryServer query, int errno) throws IOException {
        channel.send("{\"cmd\":\"NODE_CLUSTER\",\"errno\":-" + errno + ",\"key\":\"refused\",\"ack\":"
                + query.sequence() + ",\"data\":null}");
    }

    /// Acknowledges a message that waits for nothing more.
    public void acknowledge(long sequence) throws IOException {
        channel.send("{\"cmd\":\"NODE_CLUSTER\",\"ack\":" + sequence + "}");
    }

    /// The way to the worker's server that was granted `key`.
    public Handover handover(String key) {
        String opening = "{\"cmd\":\"NODE_HANDLE\",\"type\":\"net.Native\",\"msg\":{\"cmd\":\"NODE_CLUSTER\","
                + "\"act\":\"newconn\",\"key\":" + quoted(key) + ",\"seq\":";
        return client -> {
            // Both ends must be non-blocking: Node takes a handed-over descriptor as it is.
            int[] pair = Posix.socketPair(true);
            boolean handed = false;
            try {
                channel.sendHandle(
                        opening + connections.incrementAndGet() + ",\"peer\":" + quoted(client) + "}}", pair[1]);
                handed = true;
                return pair[0];
            } finally {
                if (!handed) {
                    Posix.close(pair[0]);
                }
            }
        };
    }

    private static String quoted(String text) {
        StringBuilder json = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < 0x20) {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }
}
