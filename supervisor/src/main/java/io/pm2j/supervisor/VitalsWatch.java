package io.pm2j.supervisor;

import io.pm2j.config.AppName;
import io.pm2j.supervisor.app.AppOwner;
import io.pm2j.supervisor.app.AppSnapshot;
import io.pm2j.supervisor.process.ProcStat.Usage;
import io.pm2j.supervisor.process.ProcessTable;
import io.pm2j.supervisor.process.Strangers;
import io.pm2j.supervisor.process.Vitals;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks at all processes now and then: what each worker's tree uses, whether one is over its memory limit
/// (PM2: max_memory_restart), and whether orphans wait to be reaped. One look at /proc serves all.
final class VitalsWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VitalsWatch.class);

    /// With limits to keep; PM2 looks every 30 s (PM2_WORKER_INTERVAL).
    private static final Duration OFTEN = Duration.ofSeconds(2);

    private static final Duration SELDOM = Duration.ofSeconds(10);
    static final Usage NOTHING = new Usage(0, 0);

    private final Supplier<List<AppSnapshot>> apps;
    private final Function<AppName, Optional<AppOwner>> owners;
    private final Strangers strangers;
    private final Vitals vitals = new Vitals();
    private final Thread thread;

    /// `owned` tells which processes somebody else reaps.
    VitalsWatch(Supplier<List<AppSnapshot>> apps, Function<AppName, Optional<AppOwner>> owners, IntPredicate owned) {
        this.apps = apps;
        this.owners = owners;
        this.strangers = new Strangers(owned);
        this.thread = Thread.ofVirtual().name("pm2j-vitals").unstarted(this::watch);
    }

    void start() {
        thread.start();
    }

    /// What the workers' trees use now, by pid.
    Map<Integer, Usage> now(List<AppSnapshot> snapshots) {
        return vitals.look(tokens(snapshots));
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void watch() {
        try {
            long lookedNanos = System.nanoTime();
            boolean soon = true;
            while (true) {
                Thread.sleep(OFTEN);
                boolean limits = apps.get().stream()
                        .anyMatch(a -> a.spec().restart().maxMemoryBytes().isPresent());
                if (limits || soon || System.nanoTime() - lookedNanos >= SELDOM.toNanos()) {
                    look(limits);
                    lookedNanos = System.nanoTime();
                    soon = strangers.suspecting();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(boolean limits) {
        try {
            ProcessTable table = ProcessTable.read();
            int _ = strangers.reap(table);
            if (limits) {
                List<AppSnapshot> snapshots = apps.get();
                Map<Integer, Usage> usages = vitals.look(table, tokens(snapshots));
                snapshots.forEach(app -> compare(app, usages));
            }
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).log("cannot look at the processes");
        }
    }

    private void compare(AppSnapshot app, Map<Integer, Usage> usages) {
        OptionalLong limit = app.spec().restart().maxMemoryBytes();
        if (limit.isEmpty()) {
            return;
        }
        for (AppSnapshot.Slot slot : app.slots()) {
            long used = usages.getOrDefault(slot.pid(), NOTHING).memoryBytes();
            if (used > limit.getAsLong()) {
                owners.apply(app.spec().name())
                        .ifPresent(owner -> owner.overMemory(slot.pmId(), slot.pid(), used, limit.getAsLong()));
            }
        }
    }

    private static Map<Integer, String> tokens(List<AppSnapshot> snapshots) {
        Map<Integer, String> tokens = new HashMap<>();
        for (AppSnapshot app : snapshots) {
            for (AppSnapshot.Slot slot : app.slots()) {
                if (slot.pid() != 0) {
                    tokens.put(slot.pid(), slot.token());
                }
            }
        }
        return tokens;
    }
}
