package io.pm2j.supervisor.app;

import io.pm2j.config.AppName;
import io.pm2j.supervisor.node.NodeChannel;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// What the program before has left to this one: in the same process, or with whoever keeps descriptors
/// for it, when it was killed. The owners
/// that take up its apps find it here, until [#isTaken]. Thread-safe.
public final class Inheritance {
    /// A daemon that was started.
    public static final Inheritance NONE = new Inheritance(List.of());

    private static final String CHANNEL = "channel ";

    private final Map<String, AppHandover> apps = new ConcurrentHashMap<>();
    private final Map<String, AppHandover.Working> workers = new ConcurrentHashMap<>();
    /// What somebody kept, by its names, and nobody has taken up yet.
    private final Map<String, Integer> left;
    private final boolean afterKill;

    /// Of the program before in this process.
    public Inheritance(Collection<AppHandover> handed) {
        this(handed, Map.of(), false);
    }

    private Inheritance(Collection<AppHandover> handed, Map<String, Integer> kept, boolean afterKill) {
        this.afterKill = afterKill;
        this.left = new ConcurrentHashMap<>(kept);
        handed.forEach(app -> {
            apps.put(app.app(), app);
            app.workers().forEach(worker -> workers.put(worker.token(), worker));
        });
    }

    /// Of a daemon that was killed: what it wrote down of its apps, and what a [DescriptorKeeper] kept.
    public static Inheritance afterKill(SupervisorHome home, Collection<AppRecord> records, Map<String, Integer> kept) {
        List<AppHandover> apps =
                records.stream().map(record -> handed(home, record, kept)).toList();
        return new Inheritance(apps, kept, true);
    }

    private static AppHandover handed(SupervisorHome home, AppRecord record, Map<String, Integer> kept) {
        AppName name = record.spec().name();
        List<AppHandover.Working> workers = new ArrayList<>();
        for (AppRecord.InstanceRecord instance : record.instances()) {
            for (AppRecord.WorkerRecord worker : instance.workers()) {
                Integer channel = kept.get(channelName(worker.token()));
                if (channel != null && !Files.exists(home.torn(worker.token()))) {
                    worker.connected()
                            .filter(how -> how.settled(
                                    worker.startedAtMillis(),
                                    record.spec().ready().limit()))
                            .map(how -> working(worker, how, channel))
                            .ifPresent(workers::add);
                }
            }
        }
        List<AppHandover.Receiving> receives = record.sockets().receives().stream()
                .flatMap(one -> Stream.ofNullable(kept.get(AppDatagrams.name(name, one.key())))
                        .map(one::as))
                .toList();
        return new AppHandover(name.text(), record.sockets().listens(), receives, workers);
    }

    private static AppHandover.Working working(AppRecord.WorkerRecord worker, AppRecord.Connected how, int channel) {
        return new AppHandover.Working(
                worker.token(),
                how.id(),
                how.up(),
                how.withdrawn(),
                "",
                Optional.of(new NodeChannel.Left(channel)),
                List.of(),
                how.grants(),
                how.bindings(),
                new AppHandover.Watched(how.serves(), worker.ready(), Optional.empty(), OptionalInt.empty()));
    }

    /// By what name somebody keeps the channel of the worker with that token.
    static String channelName(String token) {
        return CHANNEL + token;
    }

    /// Whether the daemon before was killed: pipes are opened anew.
    boolean afterKill() {
        return afterKill;
    }

    /// What was kept by that name has an owner again.
    void isTaken(String name) {
        left.remove(name);
    }

    /// What was kept and nobody has taken up, now the caller's.
    Map<String, Integer> left() {
        Map<String, Integer> all = Map.copyOf(left);
        left.clear();
        return all;
    }

    /// Whether there is a predecessor: then nothing happens before all of it is taken up.
    public boolean any() {
        return this != NONE;
    }

    /// All apps are taken up. There is nothing for those that come later, even by the same names.
    public void isTaken() {
        apps.clear();
        workers.clear();
    }

    /// The number that no worker had so far.
    long lastId() {
        return workers.values().stream()
                .mapToLong(AppHandover.Working::id)
                .max()
                .orElse(0);
    }

    Optional<AppHandover> app(String name) {
        return Optional.ofNullable(apps.get(name));
    }

    Optional<AppHandover.Working> worker(String token) {
        return Optional.ofNullable(workers.get(token));
    }
}
