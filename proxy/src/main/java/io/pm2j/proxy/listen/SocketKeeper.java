package io.pm2j.proxy.listen;

import io.pm2j.config.Address;
import io.pm2j.proxy.listen.InheritedSockets.Opened;

/// Somebody outside of this process who has every listening socket as well: should the process be
/// killed, connections wait there for the next one, whose [InheritedSockets] they are. Thread-safe.
public interface SocketKeeper {
    /// Nobody.
    SocketKeeper NONE = new SocketKeeper() {
        @Override
        public void keep(Kind kind, Opened opened) {
            // they are closed with the process
        }

        @Override
        public void release(Kind kind, Address address) {
            // there is nothing
        }
    };

    /// What a socket takes.
    enum Kind {
        CONNECTIONS,
        DATAGRAMS
    }

    /// These sockets are open; to be told again does no harm.
    void keep(Kind kind, Opened opened);

    /// Those at `address` are to be closed: when this returns nobody else has them. Blocks for a
    /// moment: no event loop.
    void release(Kind kind, Address address);
}
