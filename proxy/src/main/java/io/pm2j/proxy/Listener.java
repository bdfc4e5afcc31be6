package io.pm2j.proxy;

import io.pm2j.config.Address;
import io.pm2j.proxy.forward.ListenerState;
import io.pm2j.proxy.forward.Loop;
import io.pm2j.proxy.listen.InheritedSockets.Opened;
import io.pm2j.proxy.listen.ServerSockets;
import io.pm2j.proxy.listen.SocketKeeper;
import io.pm2j.proxy.listen.SocketKeeper.Kind;
import io.pm2j.proxy.tls.Tls;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// An address that is listened at.
public final class Listener {
    private final ServerSockets sockets;
    private final ListenerState state;
    private final List<Loop> loops;
    private final SocketKeeper keeper;
    private final AtomicBoolean released = new AtomicBoolean();

    Listener(ServerSockets sockets, ListenerState state, List<Loop> loops, SocketKeeper keeper) {
        this.sockets = sockets;
        this.state = state;
        this.loops = loops;
        this.keeper = keeper;
    }

    /// They outlive this process from now on, where somebody keeps them.
    void keep() {
        // Not every transport can tell the numbers of sockets.
        if (keeper != SocketKeeper.NONE && open()) {
            keeper.keep(Kind.CONNECTIONS, handOn());
        }
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
        // Nobody can open the same address before ours are closed: it is released once.
        if (released.compareAndSet(false, true)) {
            keeper.release(Kind.CONNECTIONS, sockets.address());
        }
        sockets.close();
        loops.forEach(loop -> loop.closeIdle(state));
        state.tls().ifPresent(Tls::close);
    }
}
