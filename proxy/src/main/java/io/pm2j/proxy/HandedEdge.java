package io.pm2j.proxy;

import io.pm2j.proxy.forward.Resting;
import io.pm2j.proxy.listen.InheritedSockets.Opened;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// The edge as one program hands it to the next in the same process: what listens, and the
/// clients' connections.
///
/// @param stranded tunnels whose listener is closed
public record HandedEdge(List<Door> doors, List<Resting> stranded, List<Opened> datagrams) {
    /// One with nothing.
    public static final HandedEdge NOTHING = new HandedEdge(List.of(), List.of(), List.of());

    public HandedEdge {
        doors = List.copyOf(doors);
        stranded = List.copyOf(stranded);
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
        return stranded.size()
                + doors.stream().mapToInt(door -> door.clients().size()).sum();
    }

    /// The descriptors that must stay open.
    public Set<Integer> descriptors() {
        Set<Integer> all = new TreeSet<>();
        datagrams.forEach(one -> all.addAll(one.sockets()));
        for (Door door : doors) {
            all.addAll(door.opened().sockets());
            door.clients().forEach(client -> add(client, all));
        }
        stranded.forEach(client -> add(client, all));
        return all;
    }

    private static void add(Resting client, Set<Integer> all) {
        all.add(client.fd());
        client.through().ifPresent(through -> all.add(through.fd()));
    }
}
