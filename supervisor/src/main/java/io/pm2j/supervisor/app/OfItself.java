package io.pm2j.supervisor.app;

import io.pm2j.config.AppName;
import io.pm2j.supervisor.lifecycle.Wanted;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Restarts that nobody asked for: an [Occasion] waits for its turn, once, and is dropped when it has nothing to say
/// any more. Beside an open canary a worker is replaced by another one of its own generation, and a changed file waits
/// until the canary is over. Confined to the app's owner.
final class OfItself {
    private static final Logger LOG = LoggerFactory.getLogger(OfItself.class);

    private final AppName name;
    private final Turns turns;
    private final Places places;
    private final Canaries canaries;
    private final Reloads reloads;
    /// What is to be done once no canary is open any more.
    private Optional<Occasion> putOff = Optional.empty();
    /// The instances of the occasions that wait; an empty set stands for all.
    private final Set<Set<Integer>> waiting = new HashSet<>();

    OfItself(AppName name, Turns turns, Places places, Canaries canaries, Reloads reloads) {
        this.name = name;
        this.turns = turns;
        this.places = places;
        this.canaries = canaries;
        this.reloads = reloads;
    }

    /// Restarts in its turn, where there is anything to restart.
    void heard(Occasion occasion) {
        boolean up = places.chosen(occasion.pmIds()).stream().anyMatch(i -> i.state.wanted() == Wanted.UP);
        if (!up || waiting.contains(occasion.pmIds())) {
            return;
        }
        if (!occasion.keep() && turns.underWay()) {
            LOG.atWarn().addKeyValue("app", name).log("not restarted ({}): something else goes on", occasion.reason());
            return;
        }
        if (isPutOff(occasion)) {
            return;
        }
        waiting.add(occasion.pmIds());
        turns.queue(occasion.reason(), () -> follow(occasion));
    }

    private boolean follow(Occasion occasion) throws InterruptedException {
        waiting.remove(occasion.pmIds());
        if (isPutOff(occasion)) {
            return true;
        }
        List<Instance> up = places.chosen(occasion.pmIds()).stream()
                .filter(i -> i.state.wanted() == Wanted.UP)
                .filter(i -> occasion.pid().isEmpty() || isAbout(occasion.pid().getAsInt(), i))
                .toList();
        if (up.isEmpty()) {
            return true;
        }
        LOG.atInfo().addKeyValue("app", name).log("App [{}] restarts: {}", name, occasion.reason());
        Progress told = Progress.logging(LOG);
        boolean done = canaries.present().isPresent()
                ? reloads.renewAsItIs(up, occasion.reason(), told)
                : reloads.renew(up, ReloadTerms.USUAL, occasion.reason(), told);
        if (done) {
            up.forEach(instance -> instance.lastReason = occasion.reason());
        }
        return done;
    }

    /// The canary takes over: what was changed until now runs then.
    Optional<Occasion> setAside() {
        Optional<Occasion> until = putOff;
        putOff = Optional.empty();
        return until;
    }

    /// It has not.
    void putBack(Optional<Occasion> until) {
        putOff = putOff.or(() -> until);
    }

    /// No canary is open any more.
    void freed() {
        Optional<Occasion> due = putOff;
        putOff = Optional.empty();
        due.ifPresent(this::heard);
    }

    private boolean isPutOff(Occasion occasion) {
        Optional<Canary> open = occasion.change() ? canaries.present() : Optional.empty();
        open.ifPresent(canary -> {
            putOff = Optional.of(occasion);
            LOG.atWarn()
                    .addKeyValue("app", name)
                    .log(
                            "App [{}] restarts later ({}): a canary is open (generation {}); at once when it is aborted,"
                                    + " not at all when it is promoted",
                            name,
                            occasion.reason(),
                            canary.generation);
        });
        return open.isPresent();
    }

    private static boolean isAbout(int pid, Instance instance) {
        return instance.current().filter(worker -> worker.pid == pid).isPresent();
    }
}
