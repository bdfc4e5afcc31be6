package io.pm2j.daemon.reload;

import io.pm2j.config.AppName;
import io.pm2j.config.diff.AppChange.Changed;
import io.pm2j.config.diff.Plan;
import io.pm2j.config.diff.Way;
import io.pm2j.config.read.EdgeText;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Dependency;
import io.pm2j.config.spec.ExecMode;
import io.pm2j.daemon.edge.EdgeDesk;
import io.pm2j.daemon.edge.EdgeRefused;
import io.pm2j.supervisor.Supervisor;
import io.pm2j.supervisor.app.Progress;
import io.pm2j.supervisor.app.ReloadTerms;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Makes what runs what a plan says, whole or not at all.
///
/// ```
///   open new listeners -> start added apps -> reload, amend, scale changed ones -> swap routes, close
///   old listeners -> drain and stop removed apps
/// ```
/// What can fail comes before the routes are swapped, and each step says how it is taken back; so a
/// failure leaves routes that were never touched, and apps that serve what they served before.
final class Convergence {
    private final Supervisor supervisor;
    private final EdgeDesk edge;
    private final Progress progress;
    private final Deque<Step> undo = new ArrayDeque<>();

    Convergence(Supervisor supervisor, EdgeDesk edge, Progress progress) {
        this.supervisor = supervisor;
        this.edge = edge;
        this.progress = progress;
    }

    /// Something that can be done, or taken back; the answer is whether it went well.
    @FunctionalInterface
    private interface Step {
        boolean isDone() throws InterruptedException, EdgeRefused;
    }

    /// Something that is done to one app.
    @FunctionalInterface
    private interface Deed {
        boolean isDone(AppSpec spec) throws InterruptedException;
    }

    /// @return whether all of it is so; when not, all is as it was, and why was told
    boolean run(Path file, Plan plan, EdgeText wanted) throws InterruptedException {
        EdgeText before = edge.asked(file);
        boolean good = attempt(() -> open(file, before, wanted))
                && attempt(() -> addAll(plan.added()))
                && changeAll(plan.changed())
                && attempt(() -> swap(file, wanted));
        if (!good) {
            takeBack();
            progress.error("nothing of " + file + " was applied: what ran before runs on");
            return false;
        }
        for (AppName name : plan.removed()) {
            boolean _ = attempt(() -> supervisor.delete(name, Set.of(), progress));
        }
        return true;
    }

    private boolean attempt(Step step) throws InterruptedException {
        try {
            return step.isDone();
        } catch (EdgeRefused e) {
            progress.error(e.sentence());
        } catch (IllegalStateException e) {
            progress.error(String.valueOf(e.getMessage())); // the app was deleted meanwhile
        }
        return false;
    }

    private boolean open(Path file, EdgeText before, EdgeText wanted) throws EdgeRefused, InterruptedException {
        edge.widen(file, wanted);
        undo.push(() -> {
            edge.takeBack(file, before);
            return true;
        });
        return true;
    }

    private boolean swap(Path file, EdgeText wanted) throws EdgeRefused, InterruptedException {
        edge.apply(file, wanted);
        return true;
    }

    private boolean addAll(List<AppSpec> added) throws InterruptedException {
        for (AppSpec spec : added) {
            if (!supervisor.add(spec)) {
                progress.error("the name " + spec.name() + " was taken meanwhile");
                return false;
            }
            undo.push(
                    () -> !supervisor.knows(spec.name()) || supervisor.delete(spec.name(), Set.of(), Progress.SILENT));
        }
        for (List<AppSpec> step : Dependency.steps(added)) {
            if (!sideBySide(step, this::startInTurn)) {
                return false;
            }
        }
        return true;
    }

    private boolean startInTurn(AppSpec spec) throws InterruptedException {
        Optional<String> objection = supervisor.awaitDependencies(spec);
        objection.ifPresent(progress::error);
        return objection.isEmpty() && supervisor.start(spec.name(), progress);
    }

    /// Most of a start is waiting.
    private boolean sideBySide(List<AppSpec> specs, Deed deed) throws InterruptedException {
        ConcurrentLinkedQueue<AppName> failed = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (AppSpec spec : specs) {
            threads.add(Thread.ofVirtual().name("pm2j-converge-" + spec.name()).start(() -> {
                boolean done = false;
                try {
                    done = attempt(() -> deed.isDone(spec));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } finally {
                    if (!done) {
                        failed.add(spec.name());
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return failed.isEmpty();
    }

    private boolean changeAll(List<Changed> all) throws InterruptedException {
        for (Changed changed : all) {
            if (!attempt(() -> change(changed))) {
                return false;
            }
        }
        return true;
    }

    private boolean change(Changed changed) throws InterruptedException {
        AppName name = changed.name();
        AppSpec before = changed.before().spec();
        AppSpec after = changed.after();
        if (!changed.before().up()) {
            // Somebody has stopped it; that is not the file's to change.
            undo.push(() -> supervisor.amend(name, before, Progress.SILENT));
            return supervisor.amend(name, after, progress);
        }
        AppSpec sameCount = after.draft().instances(before.instances()).spec();
        boolean good = switch (changed.way().orElse(Way.IN_PLACE)) {
            case IN_PLACE -> {
                undo.push(() -> supervisor.amend(name, before, Progress.SILENT));
                yield supervisor.amend(name, sameCount, progress);
            }
            case RELOAD, RESTART -> renew(before, sameCount);
        };
        return good && (!changed.scaled() || scale(changed));
    }

    /// An app in cluster mode goes back by itself when its new workers fail.
    private boolean renew(AppSpec before, AppSpec after) throws InterruptedException {
        AppName name = before.name();
        Step back = () -> supervisor.reload(
                name,
                Set.of(),
                Optional.of(before),
                new ReloadTerms(ReloadTerms.USUAL.parallel(), true, true),
                progress);
        boolean goesBackByItself = before.execMode() == ExecMode.CLUSTER
                && after.execMode() == ExecMode.CLUSTER
                && before.program().node() == after.program().node();
        if (!goesBackByItself) {
            undo.push(back);
        }
        boolean good = supervisor.reload(name, Set.of(), Optional.of(after), ReloadTerms.USUAL, progress);
        if (good && goesBackByItself) {
            undo.push(back);
        }
        return good;
    }

    private boolean scale(Changed changed) throws InterruptedException {
        AppName name = changed.name();
        undo.push(() -> supervisor.scale(name, changed.before().instances(), Progress.SILENT)
                && supervisor.amend(name, changed.before().spec(), Progress.SILENT));
        return supervisor.scale(name, changed.after().instanceCount(), progress)
                && supervisor.amend(name, changed.after(), progress);
    }

    private void takeBack() throws InterruptedException {
        while (!undo.isEmpty()) {
            Step step = undo.pop();
            boolean _ = attempt(step);
        }
    }
}
