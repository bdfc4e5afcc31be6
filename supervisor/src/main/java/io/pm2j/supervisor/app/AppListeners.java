package io.pm2j.supervisor.app;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.supervisor.lifecycle.Phase;
import io.pm2j.supervisor.traffic.TrafficGate;
import io.pm2j.supervisor.traffic.TrafficGate.AddressTaken;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// The listeners that an app's workers asked the edge for, by what they asked. Confined to the app's owner.
///
/// All workers that ask for the same thing share one listener; port 0 keeps the port that its first asker got, so
/// that replacements listen where their predecessors did.
final class AppListeners {
    /// What a program asked for. `index` tells several listens on port 0 apart, and is 0 otherwise.
    private record Asked(Address address, int index) {}

    private final AppName app;
    private final TrafficGate gate;
    private final Map<Asked, Address> open = new HashMap<>();
    /// The sockets that the edge has no part in.
    private final AppDatagrams datagrams;
    /// What the first worker of each listener brought along for all.
    private final Map<Address, String> shared = new HashMap<>();
    /// Why one of them could not be had, for people; empty when all could.
    private String problem = "";

    AppListeners(AppName app, TrafficGate gate, DescriptorKeeper keeper) {
        this.app = app;
        this.datagrams = new AppDatagrams(app, keeper);
        this.gate = gate;
    }

    /// What Node's `listen` means: an empty host is every interface, a negative port a Unix socket.
    static Address wanted(String host, int port) {
        if (port < 0) {
            return new Address.Unix(host);
        }
        return host.isEmpty() ? Address.anyInterface(port) : new Address.Tcp(host, port);
    }

    /// Opens what was asked for, or finds it open.
    Address open(Address wanted, int index) throws AddressTaken {
        Asked asked = new Asked(wanted, wanted instanceof Address.Tcp(String _, int port) && port == 0 ? index : 0);
        Address address = open.get(asked);
        if (address == null) {
            address = gate.open(app, wanted);
            open.put(asked, address);
        }
        return address;
    }

    /// Opens the port that `spec` names, where the edge is to listen on it whatever the program does.
    boolean openFixed(AppSpec spec, Progress progress) {
        if (spec.execMode() != ExecMode.CLUSTER
                || spec.program().node()
                || spec.port().isEmpty()) {
            return true;
        }
        try {
            Address _ = open(Address.anyInterface(spec.port().getAsInt()), 0);
            return true;
        } catch (AddressTaken e) {
            problem = e.sentence();
            progress.error(problem);
            return false;
        }
    }

    String problem() {
        return problem;
    }

    /// One of them cannot be had.
    void cannotBeHad(String why) {
        problem = why;
    }

    void forgetProblem() {
        problem = "";
    }

    /// What is open, to be handed on.
    List<AppHandover.Listening> handover() {
        return open.entrySet().stream()
                .map(e -> new AppHandover.Listening(
                        e.getKey().address,
                        e.getKey().index,
                        e.getValue(),
                        Optional.ofNullable(shared.get(e.getValue()))))
                .toList();
    }

    /// What the next daemon must know of it when this process is killed. Secrets that servers share are not written
    /// down: a worker that comes later brings its own.
    AppRecord.Sockets sockets() {
        return new AppRecord.Sockets(
                open.entrySet().stream()
                        .map(e -> new AppHandover.Listening(
                                e.getKey().address, e.getKey().index, e.getValue(), Optional.empty()))
                        .sorted(Comparator.comparing((AppHandover.Listening one) ->
                                        one.asked().toString())
                                .thenComparing(AppHandover.Listening::index))
                        .toList(),
                datagrams.kept());
    }

    /// Opens what was open before it was handed on: the edge has its sockets still.
    void goOn(AppHandover.Listening before) throws AddressTaken {
        Address address = gate.open(app, before.open());
        open.put(new Asked(before.asked(), before.index()), address);
        before.shared().ifPresent(data -> shared.put(address, data));
    }

    /// What all workers on `listener` share: what the first one brought along. Node's cluster does the
    /// same with the ticket keys of TLS servers.
    String sharedData(Address listener, String brought) {
        return shared.computeIfAbsent(listener, _ -> brought);
    }

    /// The open listeners that a program means which says that it listens on `host` and (real) `port`.
    List<Address> meant(String host, int port) {
        Address said = wanted(host, port);
        return open.entrySet().stream()
                .filter(e -> said.equals(withPortOf(e.getKey().address, e.getValue())))
                .map(Map.Entry::getValue)
                .toList();
    }

    AppDatagrams datagrams() {
        return datagrams;
    }

    /// Closes every listener but `used`, and every UDP socket but those at `bound`.
    private void keepOnly(Set<Address> used, Set<DatagramPlace> bound) {
        datagrams.keepOnly(bound);
        open.values().retainAll(used);
        shared.keySet().retainAll(used);
        gate.keep(app, Set.copyOf(open.values()));
    }

    /// Closes what no worker listens on. One that is still starting may ask for any of them, so nothing is closed then.
    void closeUnused(Places places) {
        Collection<Worker> workers = places.workers();
        boolean starting = places.instances().stream().anyMatch(i -> i.state.phase() == Phase.WAITING_RESTART)
                || workers.stream().anyMatch(w -> !w.serves());
        if (!starting) {
            Set<Address> used = new HashSet<>();
            Set<DatagramPlace> bound = new HashSet<>();
            workers.forEach(worker -> {
                used.addAll(worker.listensOn());
                bound.addAll(worker.boundTo());
            });
            keepOnly(used, bound);
        }
    }

    /// Closes all.
    void close() {
        keepOnly(Set.of(), Set.of());
    }

    /// The listener that was opened for `wanted`.
    Optional<Address> opened(Address wanted) {
        return Optional.ofNullable(open.get(new Asked(wanted, 0)));
    }

    /// What is open, for people.
    List<String> names() {
        return Stream.concat(open.values().stream().map(Address::toString), datagrams.names().stream())
                .distinct()
                .sorted()
                .toList();
    }

    private static Address withPortOf(Address asked, Address opened) {
        return asked instanceof Address.Tcp(String host, int _) && opened instanceof Address.Tcp(String _, int port)
                ? new Address.Tcp(host, port)
                : asked;
    }
}
