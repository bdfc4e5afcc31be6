package io.pm2j.daemon.handover;

import io.pm2j.proxy.HandedEdge;
import io.pm2j.supervisor.app.AppHandover;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Everything that one program of the daemon's process leaves to the next, beside what is in the
/// journals.
///
/// @param incarnation counts the programs of this process; the first is 0
/// @param former the command line of the program that hands over, for the way back
/// @param failed why the successor could not go on; empty but on the way back
/// @param sinceMillis when the edge came to rest
/// @param adminPort where the web interface is open, 0 when it is not
/// @param lock the descriptor of the home's lock file
public record Handover(
        int incarnation,
        List<String> former,
        String failed,
        long sinceMillis,
        int adminPort,
        int lock,
        List<AppHandover> apps,
        HandedEdge edge) {
    /// What a program must understand to be a successor; counted up when the form of the
    /// document changes.
    public static final int FORM = 1;

    public Handover {
        former = List.copyOf(former);
        apps = List.copyOf(apps);
    }

    /// The same, for the former program to take up again.
    Handover back(String why) {
        return new Handover(incarnation, former, why, sinceMillis, adminPort, lock, apps, edge);
    }

    /// How many workers go on.
    public int workers() {
        return apps.stream().mapToInt(app -> app.workers().size()).sum();
    }

    /// Those descriptors that the next program works with before it is ready: what listens, and
    /// the workers' pipes and channels.
    Set<Integer> takenUpEarly() {
        Set<Integer> all = new TreeSet<>();
        edge.doors().forEach(door -> all.addAll(door.opened().sockets()));
        edge.datagrams().forEach(one -> all.addAll(one.sockets()));
        apps.forEach(app -> all.addAll(app.descriptors()));
        return all;
    }

    /// The descriptors that must stay open.
    public Set<Integer> descriptors() {
        Set<Integer> all = new TreeSet<>(edge.descriptors());
        apps.forEach(app -> all.addAll(app.descriptors()));
        if (lock >= 0) {
            all.add(lock);
        }
        return all;
    }
}
