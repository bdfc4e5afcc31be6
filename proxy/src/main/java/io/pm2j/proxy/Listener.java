package io.pm2j.proxy;

import io.pm2j.config.Address;
import io.pm2j.proxy.forward.ListenerState;
import io.pm2j.proxy.forward.Loop;
import io.pm2j.proxy.listen.InheritedSockets.Opened;
import io.pm2j.proxy.listen.ServerSockets;
import java.util.List;

/// An address that is listened at.
public final class Listener {
    private final ServerSockets sockets;
    private final ListenerState state;
    private final List<Loop> loops;

    Listener(ServerSockets sockets, ListenerState state, List<Loop> loops) {
        this.sockets = sockets;
        this.state = state;
        this.loops = loops;
    }

    /// What was bound, with the actual port.
    public Address address() {
        return sockets.address();
    }

    /// Whether connections are accepted, or wait in the kernel.
    void accepting(boolean on) {
        sockets.accepting(on);
    }

    boolean open() {
        return sockets.open();
    }

    ListenerState state() {
        return state;
    }

    /// What the next program needs to go on.
    Opened handOn() {
        return new Opened(sockets.address(), sockets.descriptors(), state.known());
    }

    /// Accepts nothing more. Idle connections are closed at once, the others when their request is answered.
    public void close() {
        state.startClosing();
        sockets.close();
        loops.forEach(loop -> loop.closeIdle(state));
    }
}
