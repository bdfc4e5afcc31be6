package io.pm2j.config;

/// Where something listens: `host:port`, or the path of a Unix socket. A value; knows nothing of health.
public sealed interface Address {
    /// A TCP address. `host` is a literal address or a name, `::` and `0.0.0.0` mean every interface; `port` is 0 to
    /// 65535, and 0 means "any free one" where that makes sense.
    record Tcp(String host, int port) implements Address {
        public Tcp {
            if (host.isEmpty()) {
                throw new IllegalArgumentException("host: empty (expected: an address or a name)");
            }
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
            }
        }

        @Override
        public String toString() {
            return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
        }
    }

    /// A Unix stream socket in the file system.
    record Unix(String path) implements Address {
        public Unix {
            if (path.isEmpty()) {
                throw new IllegalArgumentException("socket path: empty (expected: a file path)");
            }
        }

        @Override
        public String toString() {
            return "unix:" + path;
        }
    }

    /// Every interface, both families where the host has them: what `listen(port)` means in Node.
    static Tcp anyInterface(int port) {
        return new Tcp("::", port);
    }
}
