package io.pm2j.proxy.listen;

import io.pm2j.config.Address;
import io.pm2j.proxy.listen.SocketKeeper.Kind;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The listening sockets that the program before has left open, in this process or with its
/// [SocketKeeper], by their addresses. Whoever listens at one of these goes on with its sockets. Thread-safe.
public final class InheritedSockets {
    /// The sockets of one address; `known` is what was learned of the connections there.
    public record Opened(Address address, List<Integer> sockets, String known) {
        public Opened {
            sockets = List.copyOf(sockets);
        }
    }

    private final Map<Address, Opened> streams = new HashMap<>();
    private final Map<Address, Opened> datagrams = new HashMap<>();

    public InheritedSockets(Collection<Opened> streams, Collection<Opened> datagrams) {
        streams.forEach(one -> this.streams.put(one.address(), one));
        datagrams.forEach(one -> this.datagrams.put(one.address(), one));
    }

    /// None: the daemon was started.
    public static InheritedSockets none() {
        return new InheritedSockets(List.of(), List.of());
    }

    /// Whether there are some left to take.
    public synchronized boolean any() {
        return !streams.isEmpty() || !datagrams.isEmpty();
    }

    /// The sockets that listen at `wanted`, now the caller's.
    public synchronized Optional<Opened> take(Address wanted) {
        return Optional.ofNullable(streams.remove(wanted));
    }

    /// The sockets that receive at `wanted`, now the caller's.
    public synchronized Optional<Opened> takeDatagrams(Address wanted) {
        return Optional.ofNullable(datagrams.remove(wanted));
    }

    /// What nobody has taken, now the caller's.
    public synchronized Map<Kind, List<Opened>> left() {
        Map<Kind, List<Opened>> all = Map.of(
                Kind.CONNECTIONS, List.copyOf(streams.values()), Kind.DATAGRAMS, List.copyOf(datagrams.values()));
        streams.clear();
        datagrams.clear();
        return all;
    }
}
