package io.pm2j.supervisor.app;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Dependency;
import io.pm2j.supervisor.app.AppHandover.Granted;
import io.pm2j.supervisor.app.AppHandover.Listening;
import io.pm2j.supervisor.app.AppHandover.Receiving;
import io.pm2j.supervisor.lifecycle.InstanceState;
import io.pm2j.supervisor.lifecycle.Phase;
import io.pm2j.supervisor.lifecycle.RestartPolicy;
import io.pm2j.supervisor.lifecycle.Wanted;
import io.pm2j.supervisor.process.ProcessIdentity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntSupplier;

/// What must be known of an app after the daemon was killed: what is wanted, and which processes were begun for it.
///
/// `newest` is the highest number that a generation of it was given, that of one that failed, maybe; `past` are the
/// specs it has served with, the present one last; `paused` tells that its requests are held.
public record AppRecord(
        AppSpec spec,
        int generation,
        int newest,
        List<InstanceRecord> instances,
        boolean paused,
        List<Generation> past,
        Sockets sockets) {
    public AppRecord {
        instances = List.copyOf(instances);
        past = List.copyOf(past);
    }

    /// One of which nobody keeps anything when the daemon is killed.
    public AppRecord(
            AppSpec spec,
            int generation,
            int newest,
            List<InstanceRecord> instances,
            boolean paused,
            List<Generation> past) {
        this(spec, generation, newest, instances, paused, past, Sockets.NONE);
    }

    /// What programs asked for and have; told only where somebody keeps the sockets for the next daemon. The numbers of
    /// descriptors mean nothing here.
    public record Sockets(List<Listening> listens, List<Receiving> receives) {
        /// None.
        public static final Sockets NONE = new Sockets(List.of(), List.of());

        public Sockets {
            listens = List.copyOf(listens);
            receives = List.copyOf(receives);
        }
    }

    /// Whether it is of a daemon that was not ended in order, since the system was started.
    public boolean ranInThisBoot() {
        return instances.stream()
                .flatMap(instance -> instance.workers().stream())
                .flatMap(worker -> ProcessIdentity.parse(worker.identity()).stream())
                .anyMatch(ProcessIdentity::ofThisBoot);
    }

    /// The same, without what is of the present workers alone.
    public AppRecord withoutSockets() {
        return new AppRecord(spec, generation, newest, instances, paused, past);
    }

    /// One that has no past.
    public AppRecord(AppSpec spec, int generation, List<InstanceRecord> instances) {
        this(spec, generation, generation, instances, false, List.of());
    }

    /// A spec that the app has served with since `sinceMillis`, beginning with generation `number`, in `folder`: its
    /// `cwd`, with links followed.
    public record Generation(int number, long sinceMillis, AppSpec spec, Path folder) {}

    /// One instance. `phase` matters only when it rests; `unstableAtMillis` are the unstable exits that still count;
    /// `nextToken` marks a worker that was started after this was written.
    public record InstanceRecord(
            int pmId,
            int number,
            Wanted wanted,
            Phase phase,
            int restarts,
            List<Long> unstableAtMillis,
            long createdAtMillis,
            String nextToken,
            List<WorkerRecord> workers) {
        public InstanceRecord {
            unstableAtMillis = List.copyOf(unstableAtMillis);
            workers = List.copyOf(workers);
        }

        private InstanceRecord with(List<Instance> beside) {
            List<WorkerRecord> all = new ArrayList<>(workers);
            for (Instance instance : beside) {
                instance.workers().forEach(worker -> all.add(AppRecord.of(worker, false, false)));
                // One that was begun and not noted yet is found by its token.
                all.add(new WorkerRecord(
                        "", instance.nextToken, 0, OptionalInt.empty(), instance.createdAtMillis, false, false));
            }
            return new InstanceRecord(
                    pmId, number, wanted, phase, restarts, unstableAtMillis, createdAtMillis, nextToken, all);
        }

        /// As it is without its workers. One that was up is stopped until it is started or adopted.
        InstanceState state() {
            return InstanceState.remembered(
                    wanted, phase, restarts, new RestartPolicy.History(unstableAtMillis, Duration.ZERO));
        }
    }

    /// One process. `identity` is as [io.pm2j.supervisor.process.ProcessIdentity] writes it,
    /// `token` marks its descendants; `current` tells the one that was in charge from those that
    /// were coming or going.
    public record WorkerRecord(
            String identity,
            String token,
            int generation,
            OptionalInt privatePort,
            long startedAtMillis,
            boolean ready,
            boolean current,
            Optional<Connected> connected) {
        /// One that has no channel, or one that nobody keeps.
        public WorkerRecord(
                String identity,
                String token,
                int generation,
                OptionalInt privatePort,
                long startedAtMillis,
                boolean ready,
                boolean current) {
            this(identity, token, generation, privatePort, startedAtMillis, ready, current, Optional.empty());
        }
    }

    /// How far a worker is that somebody keeps the channel of: it does not say so twice.
    ///
    /// @param id as it knows itself
    /// @param serves whether it may be given requests
    /// @param bindings the UDP sockets that it was given, by their keys, and whether it receives at them
    public record Connected(
            long id,
            boolean up,
            boolean serves,
            boolean withdrawn,
            List<Granted> grants,
            Map<String, Boolean> bindings) {
        public Connected {
            grants = List.copyOf(grants);
            bindings = Map.copyOf(bindings);
        }

        /// Whether nothing that it asked for can have been under way when the daemon was killed. One that serves nobody
        /// had `patience`, since `startedAtMillis`, to ask.
        boolean settled(long startedAtMillis, Duration patience) {
            boolean answered = grants.stream().allMatch(Granted::listening) && !bindings.containsValue(false);
            boolean patient = System.currentTimeMillis() - startedAtMillis >= patience.toMillis();
            return up && answered && (serves || grants.isEmpty() && bindings.isEmpty() && patient);
        }
    }

    /// A new app, which has not run yet.
    public static AppRecord fresh(AppSpec spec, IntSupplier pmIds) {
        List<InstanceRecord> instances = new ArrayList<>();
        for (int number = 0; number < spec.instanceCount(); number++) {
            instances.add(new InstanceRecord(
                    pmIds.getAsInt(),
                    number,
                    spec.autostart() ? Wanted.UP : Wanted.DOWN,
                    Phase.STOPPED,
                    0,
                    List.of(),
                    System.currentTimeMillis(),
                    "",
                    List.of()));
        }
        return new AppRecord(spec, 0, instances);
    }

    /// Whether something of it ran when the daemon was killed, or was just about to run again. Of
    /// one that was saved nothing did: it has no token.
    public boolean ran() {
        return instances.stream()
                .filter(i -> i.wanted == Wanted.UP && i.phase == Phase.STOPPED)
                .anyMatch(i -> !i.workers.isEmpty() || i.restarts > 0 && !i.nextToken.isEmpty());
    }

    /// The same app under the name of `to`, restarted: nothing of it runs yet.
    public AppRecord renamed(AppSpec to) {
        List<InstanceRecord> stopped = instances.stream()
                .map(i -> new InstanceRecord(
                        i.pmId,
                        i.number,
                        Wanted.UP,
                        Phase.STOPPED,
                        i.workers.isEmpty() ? i.restarts : i.restarts + 1,
                        List.of(),
                        i.createdAtMillis,
                        "",
                        List.of()))
                .toList();
        return new AppRecord(to, generation, newest, stopped, false, List.of());
    }

    /// The same, with nothing that runs and other ids.
    public AppRecord afresh(IntSupplier pmIds) {
        return new AppRecord(
                spec,
                generation,
                newest,
                instances.stream()
                        .map(i -> new InstanceRecord(
                                pmIds.getAsInt(),
                                i.number,
                                i.wanted,
                                i.phase,
                                i.restarts,
                                List.of(),
                                i.createdAtMillis,
                                "",
                                List.of()))
                        .toList(),
                paused,
                past);
    }

    /// What others depend on before them, else in the order given.
    public static List<AppRecord> ordered(List<AppRecord> records) {
        List<AppName> order = Dependency.ordered(
                        records.stream().map(AppRecord::spec).toList())
                .stream()
                .map(AppSpec::name)
                .toList();
        return records.stream()
                .sorted(Comparator.comparingInt(
                        record -> order.indexOf(record.spec().name())))
                .toList();
    }

    /// By which lists of apps keep the order in which they were started.
    public int firstPmId() {
        return instances.stream().mapToInt(InstanceRecord::pmId).min().orElse(0);
    }

    /// `beside` are the places of a canary: a daemon that finds them in its predecessor's journal ends their workers.
    static AppRecord of(
            AppSpec spec,
            int generation,
            int newest,
            List<Instance> instances,
            List<Instance> beside,
            boolean paused,
            List<Generation> past,
            Sockets sockets) {
        List<InstanceRecord> records =
                new ArrayList<>(instances.stream().map(AppRecord::of).toList());
        if (!records.isEmpty() && !beside.isEmpty()) {
            records.set(0, records.getFirst().with(beside));
        }
        return new AppRecord(spec, generation, newest, records, paused, past, sockets);
    }

    private static WorkerRecord of(Worker worker, boolean current, boolean serves) {
        return new WorkerRecord(
                worker.identity,
                worker.token,
                worker.generation,
                worker.privatePort,
                worker.startedAtMillis,
                worker.saidReady(),
                current,
                worker.connected(serves));
    }

    private static InstanceRecord of(Instance instance) {
        List<WorkerRecord> workers = new ArrayList<>();
        for (Worker worker : instance.workers()) {
            boolean current = instance.state.current() == worker.id;
            workers.add(of(
                    worker,
                    current && instance.state.phase() != Phase.STOPPING,
                    current && instance.state.phase() == Phase.READY));
        }
        Phase phase = instance.state.phase();
        return new InstanceRecord(
                instance.pmId,
                instance.number,
                instance.state.wanted(),
                phase.atRest() ? phase : Phase.STOPPED,
                instance.state.restarts(),
                instance.state.history().unstableAtMillis(),
                instance.createdAtMillis,
                instance.nextToken,
                workers);
    }
}
