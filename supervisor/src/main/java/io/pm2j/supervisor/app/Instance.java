package io.pm2j.supervisor.app;

import io.pm2j.supervisor.lifecycle.InstanceState;
import io.pm2j.supervisor.lifecycle.InstanceState.Leaving;
import io.pm2j.supervisor.lifecycle.Phase;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/// A numbered place of an app; survives restarts. Confined to the owner of its app.
///
/// `pmId` is unique in the daemon (PM2: pm_id), `number` in the app (PM2: NODE_APP_INSTANCE). What follows from what is
/// decided on `state` by [io.pm2j.supervisor.lifecycle.Lifecycle]; the rest is what people and programs are told.
final class Instance {
    final int pmId;
    final int number;

    InstanceState state;
    /// What `state.restarts()` was when somebody last started it.
    int restartsAtStart;

    long createdAtMillis = System.currentTimeMillis();
    /// Will mark its next worker. Remembered before that worker is there: should the daemon be killed before it has
    /// noted the pid, the next one finds the process by this.
    String nextToken = freshToken();
    /// How the last worker ended, in words; empty when none has.
    String lastExit = "";
    /// Why it was last restarted, when nobody asked for it: `cron`, `memory`, a file that changed.
    String lastReason = "";

    Optional<Integer> exitCode = Optional.empty();
    /// The last worker that ended, for its last words.
    Optional<Worker> lastWorker = Optional.empty();

    /// Every worker whose process is not known to be gone, by its id.
    private final Map<Long, Worker> workers = new HashMap<>();

    Instance(int pmId, int number, InstanceState state) {
        this.pmId = pmId;
        this.number = number;
        this.state = state;
    }

    /// An instance that is remembered, without its workers.
    static Instance of(AppRecord.InstanceRecord former) {
        Instance instance = new Instance(former.pmId(), former.number(), former.state());
        instance.createdAtMillis = former.createdAtMillis();
        return instance;
    }

    /// The token for a worker that is started now.
    String takeToken() {
        String token = nextToken;
        nextToken = freshToken();
        return token;
    }

    private static String freshToken() {
        return Long.toHexString(ThreadLocalRandom.current().nextLong());
    }

    void add(Worker worker) {
        workers.put(worker.id, worker);
    }

    void remove(Worker worker) {
        workers.remove(worker.id);
    }

    boolean has(Worker worker) {
        return workers.get(worker.id) == worker;
    }

    /// Whether it has that worker, and not for its streams alone.
    boolean needs(Worker worker) {
        return has(worker) && state.leaving().get(worker.id) != Leaving.STREAMING;
    }

    /// Those that only their streams keep, the longest on its way first.
    List<Worker> streaming() {
        return state.streaming().stream().flatMap(id -> worker(id).stream()).toList();
    }

    /// Whether it has workers that more than streams keep.
    boolean busy() {
        return workers.values().stream().anyMatch(this::needs);
    }

    /// The worker of that id; empty when its process is gone.
    Optional<Worker> worker(long id) {
        return Optional.ofNullable(workers.get(id));
    }

    Optional<Worker> current() {
        return worker(state.current());
    }

    Optional<Worker> candidate() {
        return worker(state.candidate());
    }

    /// The worker that may be given requests.
    Optional<Worker> admitted() {
        return state.admitted().flatMap(this::worker);
    }

    Iterable<Worker> workers() {
        return List.copyOf(workers.values());
    }

    /// The last lines that the last worker printed.
    List<String> lastWords(int count) throws InterruptedException {
        return lastWorker.isPresent() ? lastWorker.get().lastWords(count) : List.of();
    }

    /// Whether it has ended, at least once, since somebody last started it, or cannot be started at all.
    boolean failedToStart() {
        return state.restarts() > restartsAtStart || state.phase() == Phase.ERRORED;
    }
}
