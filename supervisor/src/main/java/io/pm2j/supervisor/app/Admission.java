package io.pm2j.supervisor.app;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.RolloutSpec;
import io.pm2j.supervisor.traffic.Endpoint;
import io.pm2j.supervisor.traffic.TrafficGate;
import io.pm2j.supervisor.traffic.Trial;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Who of an app's workers is given requests, and what the gate was last told of that. Confined to the app's owner.
final class Admission {
    private final AppName name;
    private final TrafficGate gate;
    private final Edition edition;
    private final List<Instance> instances;
    private final Canaries canaries;
    /// Requests are held: nobody is admitted.
    private boolean paused;
    /// Whether anybody may be ready soon.
    private boolean expected = true;
    private Set<Endpoint> admitted = Set.of();
    private Optional<Trial> trial = Optional.empty();
    private Duration held = RolloutSpec.USUAL_HOLD;

    Admission(AppName name, TrafficGate gate, Edition edition, Places places, Canaries canaries, boolean paused) {
        this.name = name;
        this.gate = gate;
        this.edition = edition;
        this.instances = places.instances();
        this.canaries = canaries;
        this.paused = paused;
    }

    boolean paused() {
        return paused;
    }

    /// Takes effect when the gate is told the next time.
    void pause(boolean on) {
        paused = on;
    }

    /// Brings the gate up to what is true now.
    void update() {
        AppSpec spec = edition.spec();
        Duration hold = spec.rollout().holdFor(spec.ready().limit(), spec.stop().limit());
        if (!hold.equals(held)) {
            held = hold;
            gate.hold(name, hold);
        }
        Set<Endpoint> ready = new HashSet<>();
        for (Instance instance : paused ? List.<Instance>of() : instances) {
            instance.admitted().ifPresent(worker -> ready.addAll(worker.endpoints(instance.number)));
        }
        Optional<Trial> onTrial = paused ? Optional.empty() : canaries.admit(ready);
        if (!ready.equals(admitted) || !onTrial.equals(trial)) {
            admitted = Set.copyOf(ready);
            trial = onTrial;
            gate.admit(name, admitted, trial);
        }
        boolean soon =
                paused || instances.isEmpty() || instances.stream().anyMatch(instance -> instance.state.promising());
        if (soon != expected) {
            expected = soon;
            gate.expect(name, soon);
        }
    }
}
