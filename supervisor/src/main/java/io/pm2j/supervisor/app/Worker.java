package io.pm2j.supervisor.app;

import io.pm2j.config.Address;
import io.pm2j.supervisor.log.LogPump;
import io.pm2j.supervisor.node.ClusterMember;
import io.pm2j.supervisor.node.NodeChannel;
import io.pm2j.supervisor.notify.NotifySocket;
import io.pm2j.supervisor.process.ExitStatus;
import io.pm2j.supervisor.traffic.Endpoint;
import io.pm2j.supervisor.traffic.Reach;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/// One child-process run in an instance. Confined to the owner of its app, but for the final fields.
///
/// `id` is unique for the life of the daemon and, in cluster mode, Node's NODE_UNIQUE_ID. `privatePort` is the
/// port that a worker of another runtime was given in `PORT`.
final class Worker {
    final long id;
    final int pmId;
    final int pid;
    /// Marks its process and all that descends from it, as the variable PM2J_WORKER.
    final String token;
    /// Tells its process from a later one with the same pid; empty when it ended before that could be seen.
    final String identity;
    final int generation;
    final long startedAtMillis;
    final OptionalInt privatePort;
    final Optional<NodeChannel> channel;
    final Optional<ClusterMember> member;
    final LogPump.LastLines lastLines;
    private final long startedAtNanos;
    private final List<LogPump> pumps;
    private final Optional<NotifySocket> notify;
    /// Whether somebody keeps its channel when this process is killed.
    private final boolean kept;

    /// What the program has on the listeners of its app, by the key it was granted.
    private final Map<String, Grant> grants = new HashMap<>();

    /// The UDP sockets that it was given, and whether the program receives at them yet.
    private final Map<DatagramPlace, Boolean> bindings = new HashMap<>();

    private boolean up;
    private boolean saidReady;
    private boolean withdrawn;
    private WarmUp warmUp = WarmUp.NOT_BEGUN;
    private volatile String cold = "";
    private String status = "";
    private int signs;
    private Optional<Duration> watchdog = Optional.empty();
    /// Also read by the thread that looks where the worker listens.
    private volatile Optional<ExitStatus> exit = Optional.empty();

    /// How far the warming up is.
    enum WarmUp {
        NOT_BEGUN,
        BEGUN,
        DONE
    }

    /// A listener that the program was granted; it listens once `listening` is true.
    private record Grant(Address listener, Reach reach, boolean listening) {}

    /// What a worker is made with, beside its process.
    record Birth(
            int pmId,
            int generation,
            String token,
            String identity,
            long startedAtMillis,
            OptionalInt privatePort,
            Optional<NodeChannel> channel,
            Optional<ClusterMember> member,
            Optional<NotifySocket> notifySocket,
            LogPump.LastLines lastLines,
            List<LogPump> pumps,
            boolean kept) {}

    Worker(long id, int pid, Birth birth) {
        this.id = id;
        this.pid = pid;
        this.pmId = birth.pmId;
        this.generation = birth.generation;
        this.token = birth.token;
        this.identity = birth.identity;
        this.startedAtMillis = birth.startedAtMillis;
        this.startedAtNanos = System.nanoTime()
                - Duration.ofMillis(Math.max(0, System.currentTimeMillis() - birth.startedAtMillis))
                        .toNanos();
        this.privatePort = birth.privatePort;
        this.channel = birth.channel;
        this.member = birth.member;
        this.notify = birth.notifySocket;
        this.lastLines = birth.lastLines;
        this.pumps = List.copyOf(birth.pumps);
        this.kept = birth.kept;
    }

    Duration uptime() {
        return Duration.ofNanos(System.nanoTime() - startedAtNanos);
    }

    boolean exited() {
        return exit.isPresent();
    }

    Optional<ExitStatus> exit() {
        return exit;
    }

    void markExited(ExitStatus status) {
        exit = Optional.of(status);
        revokeAll();
        channel.ifPresent(NodeChannel::close);
        notify.ifPresent(NotifySocket::close);
    }

    /// Sends a message, a JSON text, on Node's channel.
    ///
    /// @return whether it could be sent
    boolean send(String json) {
        if (exited() || channel.isEmpty()) {
            return false;
        }
        try {
            channel.get().send(json);
            return true;
        } catch (IOException e) {
            return false; // the program has closed its end
        }
    }

    /// Node's cluster runtime is up, or (other workers) the process was started.
    boolean up() {
        return up;
    }

    void markUp() {
        up = true;
    }

    boolean saidReady() {
        return saidReady;
    }

    void markReady() {
        up = true;
        saidReady = true;
    }

    /// How far the requests are that it is asked before its first one.
    WarmUp warmUp() {
        return warmUp;
    }

    void warmUp(WarmUp how) {
        warmUp = how;
    }

    /// What it answered last that was not good enough to be warm; any thread.
    void cold(String why) {
        cold = why;
    }

    String cold() {
        return cold;
    }

    /// Whether it said that it wants no requests any more.
    boolean withdrawn() {
        return withdrawn;
    }

    void withdraw() {
        withdrawn = true;
    }

    /// What it last said of itself by sd_notify, for people.
    String status() {
        return status;
    }

    void say(String text) {
        status = text;
    }

    /// How often it wants to give signs of life, when it said so itself.
    Optional<Duration> watchdog() {
        return watchdog;
    }

    void watchEvery(Duration interval) {
        watchdog = Optional.of(interval);
    }

    /// How many signs of life it gave.
    int signs() {
        return signs;
    }

    void giveSign() {
        signs++;
    }

    boolean holds(Address listener) {
        return grants.values().stream().anyMatch(g -> g.listener.equals(listener));
    }

    void grant(String key, Address listener, Reach reach) {
        grants.put(key, new Grant(listener, reach, false));
    }

    void revoke(String key) {
        grants.remove(key);
        bindings.keySet().removeIf(place -> place.key().equals(key));
    }

    void revokeAll() {
        grants.clear();
        bindings.clear();
    }

    void bind(DatagramPlace place) {
        bindings.put(place, false);
    }

    void markReceiving(String host, String type, int index) {
        up = true;
        bindings.replaceAll((place, receiving) ->
                receiving || place.host().equals(host) && place.type().equals(type) && place.index() == index);
    }

    /// The UDP sockets that it was given.
    Set<DatagramPlace> boundTo() {
        return Set.copyOf(bindings.keySet());
    }

    /// The UDP sockets at which the program receives.
    Set<DatagramPlace> receivesAt() {
        return bindings.entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    /// What must be known of it when this process is killed and its channel is kept.
    Optional<AppRecord.Connected> connected(boolean serves) {
        if (!kept || channel.isEmpty() || exited()) {
            return Optional.empty();
        }
        return Optional.of(new AppRecord.Connected(
                id,
                up,
                serves,
                withdrawn,
                // Whoever listens by itself is found by looking.
                member.isPresent() ? granted() : List.of(),
                receiving()));
    }

    private List<AppHandover.Granted> granted() {
        return grants.entrySet().stream()
                .map(e -> AppHandover.Granted.of(
                        e.getKey(), e.getValue().listener, e.getValue().listening, e.getValue().reach))
                .sorted(Comparator.comparing(AppHandover.Granted::key))
                .toList();
    }

    private Map<String, Boolean> receiving() {
        Map<String, Boolean> receiving = new HashMap<>();
        bindings.forEach((place, is) -> receiving.put(place.key(), is));
        return receiving;
    }

    /// How it is handed on.
    AppHandover.Working handover() {
        return new AppHandover.Working(
                token,
                id,
                up,
                withdrawn,
                status,
                channel.flatMap(NodeChannel::left),
                pumps.stream().flatMap(pump -> pump.left().stream()).toList(),
                granted(),
                receiving(),
                new AppHandover.Watched(
                        warmUp == WarmUp.DONE,
                        saidReady || signs > 0 || watchdog.isPresent(),
                        watchdog,
                        notify.map(NotifySocket::descriptor).orElse(OptionalInt.empty())));
    }

    /// Is as far as it was before it was handed on.
    void goOn(AppHandover.Working from) {
        up |= from.up();
        withdrawn = from.withdrawn();
        status = from.status();
        warmUp = from.watched().warm() ? WarmUp.DONE : WarmUp.NOT_BEGUN;
        watchdog = from.watched().every();
        for (AppHandover.Granted one : from.grants()) {
            Optional<Reach> reach = one.at()
                    .<Reach>map(Reach.At::new)
                    .or(() -> member.map(m -> new Reach.Handed(m.handover(one.key()))));
            reach.ifPresent(r -> grants.put(one.key(), new Grant(one.listener(), r, one.listening())));
        }
    }

    /// Has a UDP socket since before it was handed on.
    void goOnAt(DatagramPlace place, boolean receiving) {
        bindings.put(place, receiving);
    }

    /// Whether anybody can reach it.
    boolean serves() {
        return !listensOn().isEmpty() || bindings.containsValue(true);
    }

    /// The program's server on `listener` accepts from now on.
    void markListening(Address listener) {
        up = true;
        grants.replaceAll((_, g) -> g.listener.equals(listener) ? new Grant(g.listener, g.reach, true) : g);
    }

    /// The listeners on which the program accepts.
    Set<Address> listensOn() {
        return grants.values().stream()
                .filter(Grant::listening)
                .map(Grant::listener)
                .collect(Collectors.toUnmodifiableSet());
    }

    List<Endpoint> endpoints(int instance) {
        return grants.values().stream()
                .filter(Grant::listening)
                .map(g -> new Endpoint(g.listener, id, instance, g.reach))
                .toList();
    }

    /// The last lines that it printed, once its pipes are read to their ends (or after a moment, when
    /// a child of its own holds them open).
    List<String> lastWords(int count) throws InterruptedException {
        if (exited()) {
            for (LogPump pump : pumps) {
                boolean _ = pump.awaitEnd(Duration.ofMillis(300));
            }
        }
        return lastLines.last(count);
    }
}
