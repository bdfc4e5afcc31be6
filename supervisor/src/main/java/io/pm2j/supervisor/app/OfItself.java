package io.pm2j.supervisor.app;

import io.pm2j.config.AppName;
import io.pm2j.supervisor.lifecycle.Wanted;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Restarts that nobody asked for: an [Occasion] waits for its turn, once, and is dropped when it has nothing to say
/// any more. Confined to the app's owner.
final class OfItself {
    private static final Logger LOG = LoggerFactory.getLogger(OfItself.class);

    private final AppName name;
    private final Turns turns;
    private final Places places;
    private final Reloads reloads;
    /// The instances of the occasions that wait; an empty set stands for all.
    private final Set<Set<Integer>> waiting = new HashSet<>();

    OfItself(AppName name, Turns turns, Places places, Reloads reloads) {
        this.name = name;
        this.turns = turns;
        this.places = places;
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
        waiting.add(occasion.pmIds());
        turns.queue(occasion.reason(), () -> follow(occasion));
    }

    private boolean follow(Occasion occasion) throws InterruptedException {
        waiting.remove(occasion.pmIds());
        List<Instance> up = places.chosen(occasion.pmIds()).stream()
                .filter(i -> i.state.wanted() == Wanted.UP)
                .filter(i -> occasion.pid().isEmpty() || isAbout(occasion.pid().getAsInt(), i))
                .toList();
        if (up.isEmpty()) {
            return true;
        }
        LOG.atInfo().addKeyValue("app", name).log("App [{}] restarts: {}", name, occasion.reason());
        boolean done = reloads.renew(up, ReloadTerms.USUAL, occasion.reason(), Progress.logging(LOG));
        if (done) {
            up.forEach(instance -> instance.lastReason = occasion.reason());
        }
        return done;
    }

    private static boolean isAbout(int pid, Instance instance) {
        return instance.current().filter(worker -> worker.pid == pid).isPresent();
    }
}
