package io.pm2j.supervisor.app;

/// Where a cluster worker of Node wants a UDP socket. All workers that ask for the same place
/// share one.
///
/// `type` is `udp4` or `udp6`; `index` tells the sockets apart that one program binds to the
/// same address.
record DatagramPlace(String type, String host, int port, int index) {
    /// What the worker's Node calls it.
    String key() {
        return type + " " + host + " " + port + "#" + index;
    }

    boolean six() {
        return type.equals("udp6");
    }

    /// For people; `actual` stands in the place of port 0.
    String name(int actual) {
        return "udp " + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + actual;
    }
}
