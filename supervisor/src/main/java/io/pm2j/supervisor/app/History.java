package io.pm2j.supervisor.app;

import io.pm2j.config.diff.AppChange;
import io.pm2j.config.diff.Running;
import io.pm2j.config.diff.Wanted;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.app.AppRecord.Generation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/// The specs that an app has served with, the newest last. Confined to the app's owner.
///
/// A spec is kept under the generation that first served with it; one that never served is not kept.
final class History {
    /// How many are kept.
    static final int KEPT = 5;

    private final List<Generation> generations;
    private List<Standing.Past> shown;

    History(AppRecord record) {
        this.generations = new ArrayList<>(record.past());
        if (generations.isEmpty()) {
            generations.add(new Generation(
                    record.generation(), System.currentTimeMillis(), record.spec(), Placement.now(record.spec())));
        }
        this.shown = shown(generations);
    }

    /// What a rollout that fails goes back to.
    Generation proven() {
        return generations.getLast();
    }

    /// The app serves with `spec`, in `folder`, from now on.
    void prove(int generation, AppSpec spec, Path folder) {
        if (proven().number() == 0) {
            generations.clear(); // it had not run yet
            generations.add(new Generation(generation, System.currentTimeMillis(), spec, folder));
        } else if (!spec.equals(proven().spec()) || !folder.equals(proven().folder())) {
            generations.add(new Generation(generation, System.currentTimeMillis(), spec, folder));
            if (generations.size() > KEPT) {
                generations.removeFirst();
            }
        }
        shown = shown(generations);
    }

    /// The present spec is another one, though no worker is to be replaced for it.
    void amend(AppSpec spec) {
        Generation present = generations.removeLast();
        generations.add(new Generation(present.number(), present.sinceMillis(), spec, present.folder()));
        shown = shown(generations);
    }

    /// The one of that number, or else the one before the present; never the present one.
    Optional<Generation> former(OptionalInt number) {
        List<Generation> former = generations.subList(0, generations.size() - 1);
        return number.isPresent()
                ? former.stream().filter(g -> g.number() == number.getAsInt()).findFirst()
                : former.isEmpty() ? Optional.empty() : Optional.of(former.getLast());
    }

    List<Generation> generations() {
        return List.copyOf(generations);
    }

    /// What was changed from one to the next, in short and without the values of variables.
    List<Standing.Past> shown() {
        return shown;
    }

    private static List<Standing.Past> shown(List<Generation> generations) {
        List<Standing.Past> shown = new ArrayList<>();
        for (int i = 0; i < generations.size(); i++) {
            Generation one = generations.get(i);
            String change = i == 0 ? "" : change(generations.get(i - 1), one);
            shown.add(new Standing.Past(one.number(), one.sinceMillis(), change));
        }
        return shown;
    }

    private static String change(Generation before, Generation after) {
        Running running = new Running(before.spec(), before.spec().instanceCount(), true, before.folder());
        return AppChange.between(running, new Wanted(after.spec(), after.folder()))
                .filter(AppChange.Changed.class::isInstance)
                .map(change -> String.join(", ", ((AppChange.Changed) change).details()))
                .orElse("");
    }

    String numbers() {
        return generations.stream().map(g -> String.valueOf(g.number())).collect(Collectors.joining(", "));
    }
}
