package io.pm2j.supervisor.app;

import java.util.List;
import java.util.Optional;

/// A numbered place of an app; survives restarts. Confined to the owner of its app.
///
/// `pmId` is unique in the daemon (PM2: pm_id), `number` in the app (PM2: NODE_APP_INSTANCE).
final class Instance {
    /// PM2's words are on screen; see [#word].
    enum Status {
        LAUNCHING("launching"),
        ONLINE("online"),
        STOPPING("stopping"),
        STOPPED("stopped"),
        WAITING_RESTART("waiting restart"),
        ERRORED("errored");

        private final String word;

        Status(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    final int pmId;
    final int number;

    Status status = Status.STOPPED;
    Optional<Worker> worker = Optional.empty();
    /// Restarts that were not the operator's first start. PM2: restart_time.
    int restarts;

    /// What `restarts` was when the operator last started it.
    int restartsAtStart;

    int unstable;
    long createdAtMillis = System.currentTimeMillis();
    /// How the last worker ended, in words; empty when none has.
    String lastExit = "";

    Optional<Integer> exitCode = Optional.empty();
    /// The last worker that ended, for its last words.
    Optional<Worker> lastWorker = Optional.empty();

    /// Distinguishes the restart that is waited for from those called off.
    long restartTicket;

    Instance(int pmId, int number) {
        this.pmId = pmId;
        this.number = number;
    }

    /// The last lines that the last worker printed.
    List<String> lastWords(int count) throws InterruptedException {
        return lastWorker.isPresent() ? lastWorker.get().lastWords(count) : List.of();
    }

    boolean runs(Worker candidate) {
        return worker.isPresent() && worker.get() == candidate;
    }
}
