package io.pm2j.proxy;

import io.pm2j.config.Address;
import io.pm2j.proxy.forward.ListenerState;
import io.pm2j.proxy.listen.ServerSockets;

/// An address that is listened at.
public final class Listener {
    private final ServerSockets sockets;
    private final ListenerState state;

    Listener(ServerSockets sockets, ListenerState state) {
        this.sockets = sockets;
        this.state = state;
    }

    /// What was bound, with the actual port.
    public Address address() {
        return sockets.address();
    }

    /// Accepts nothing more. Open connections finish their current request and are then closed.
    public void close() {
        state.startClosing();
        sockets.close();
    }
}
