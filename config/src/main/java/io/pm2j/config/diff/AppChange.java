package io.pm2j.config.diff;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.ExecMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is to be done to one app.
public sealed interface AppChange {
    AppName name();

    /// For people; never the value of a variable or of an argument.
    List<String> lines();

    /// It does not run yet.
    record Added(AppSpec spec) implements AppChange {
        @Override
        public AppName name() {
            return spec.name();
        }

        @Override
        public List<String> lines() {
            return List.of("+ app " + spec.name() + " (" + Plan.count(spec.instanceCount(), "instance") + ")");
        }
    }

    /// It came from the file and is no longer in it.
    record Removed(AppName name) implements AppChange {
        @Override
        public List<String> lines() {
            return List.of("- app " + name);
        }
    }

    /// It runs and is wanted otherwise. `way` is empty when only the number of instances differs; `details` say what.
    record Changed(Running before, AppSpec after, Optional<Way> way, List<String> details) implements AppChange {
        public Changed {
            details = List.copyOf(details);
        }

        @Override
        public AppName name() {
            return after.name();
        }

        /// Whether the number of instances is another.
        public boolean scaled() {
            return before.instances() != after.instanceCount();
        }

        @Override
        public List<String> lines() {
            List<String> lines = new ArrayList<>();
            if (way.isPresent()) {
                String how = before.up() ? way.get().word() : "at its next start";
                lines.add("~ " + name() + ": " + String.join(", ", details) + " (" + how + ")");
            }
            if (scaled()) {
                lines.add("~ " + name() + ": instances " + before.instances() + " -> " + after.instanceCount());
            }
            return lines;
        }
    }

    /// What makes `wanted` of `running`; nothing when it is so already.
    static Optional<AppChange> between(Running running, Wanted wanted) {
        AppSpec before = running.spec();
        AppSpec after = wanted.spec();
        List<String> details = new ArrayList<>();
        Optional<Way> way = Optional.empty();
        for (Trait trait : Trait.ALL) {
            if (trait.differs(before, after)) {
                details.add(trait.shown(before, after));
                way = farther(way, trait.way());
            }
        }
        List<String> variables = Trait.variables(before.environment(), after.environment());
        if (!variables.isEmpty()) {
            details.add("env " + String.join(" ", variables));
            way = farther(way, Way.RELOAD);
        }
        if (running.up()
                && before.cwd().equals(after.cwd())
                && !running.folder().equals(wanted.folder())) {
            details.add(running.folder() + " -> " + wanted.folder());
            way = farther(way, Way.RELOAD);
        }
        boolean byItself = before.execMode() == ExecMode.FORK && after.execMode() == ExecMode.FORK;
        boolean otherChannel = before.program().node() != after.program().node();
        if (way.equals(Optional.of(Way.RELOAD)) && (byItself || otherChannel)) {
            way = Optional.of(Way.RESTART);
        }
        Changed changed = new Changed(running, after, way, details);
        return way.isPresent() || changed.scaled() ? Optional.of(changed) : Optional.empty();
    }

    private static Optional<Way> farther(Optional<Way> way, Way other) {
        return Optional.of(way.map(known -> Way.farther(known, other)).orElse(other));
    }
}
