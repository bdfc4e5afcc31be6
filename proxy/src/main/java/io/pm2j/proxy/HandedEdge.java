package io.pm2j.proxy;

import io.pm2j.proxy.forward.Resting;
import io.pm2j.proxy.listen.InheritedSockets.Opened;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// The edge as one program hands it to the next in the same process: what listens, and the
/// clients' connections.
public record HandedEdge(List<Door> doors, List<Opened> datagrams) {
    public HandedEdge {
        doors = List.copyOf(doors);
        datagrams = List.copyOf(datagrams);
    }

    /// A listener with the connections that came by it.
    public record Door(Opened opened, List<Resting> clients) {
        public Door {
            clients = List.copyOf(clients);
        }
    }

    /// How many connections of clients there are.
    public int clients() {
        return doors.stream().mapToInt(door -> door.clients().size()).sum();
    }

    /// The descriptors that must stay open.
    public Set<Integer> descriptors() {
        Set<Integer> all = new TreeSet<>();
        datagrams.forEach(one -> all.addAll(one.sockets()));
        for (Door door : doors) {
            all.addAll(door.opened().sockets());
            for (Resting client : door.clients()) {
                all.add(client.fd());
                client.through().ifPresent(through -> all.add(through.fd()));
            }
        }
        return all;
    }
}
