package io.pm2j.supervisor.app;

import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.RestartSpec;
import io.pm2j.supervisor.lifecycle.InstanceState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.stream.Stream;

/// Where an app's workers are: its instances, and beside them the places of its canaries; and what each of them is to
/// run. Confined to the app's owner.
final class Places {
    private final Edition edition;
    private final Canaries canaries;
    private final IntSupplier pmIds;
    private final List<Instance> instances = new ArrayList<>();
    private final List<Instance> view = Collections.unmodifiableList(instances);

    /// What a place is to run, and the rules for its restarts; `spec` is as it was given, `folder` where it is run.
    record Assigned(AppSpec spec, Path folder, int generation, RestartSpec rules) {}

    /// `pmIds` gives the next free pm id of the daemon.
    Places(AppRecord record, Edition edition, Canaries canaries, IntSupplier pmIds) {
        this.edition = edition;
        this.canaries = canaries;
        this.pmIds = pmIds;
        record.instances().forEach(former -> instances.add(Instance.of(former)));
    }

    /// The app's own, without canaries'; as they are at any time.
    List<Instance> instances() {
        return view;
    }

    /// The instances, and the places of canaries.
    Stream<Instance> everybody() {
        return Stream.concat(instances.stream(), canaries.instances().stream());
    }

    /// The instances of those ids; empty `pmIds` means all.
    List<Instance> chosen(Set<Integer> pmIds) {
        return instances.stream()
                .filter(i -> pmIds.isEmpty() || pmIds.contains(i.pmId))
                .toList();
    }

    /// As [#chosen], a canary's too.
    List<Instance> addressed(Set<Integer> pmIds) {
        return everybody()
                .filter(i -> pmIds.isEmpty() || pmIds.contains(i.pmId))
                .toList();
    }

    Optional<Instance> of(Worker worker) {
        return everybody().filter(i -> i.has(worker)).findFirst();
    }

    /// Those that serve, or are to.
    Collection<Worker> workers() {
        List<Worker> all = new ArrayList<>();
        for (Instance instance : everybody().toList()) {
            instance.current().ifPresent(all::add);
            instance.candidate().ifPresent(all::add);
        }
        return all;
    }

    Assigned assigned(Instance instance) {
        return canaries.of(instance)
                .map(canary -> new Assigned(canary.spec, canary.folder, canary.generation, canary.rules()))
                .orElseGet(() -> new Assigned(
                        edition.spec(),
                        edition.folder(),
                        edition.generation(),
                        edition.spec().restart()));
    }

    AppSpec specOf(Instance instance) {
        return canaries.of(instance).map(canary -> canary.spec).orElseGet(edition::spec);
    }

    AppSpec specOf(Worker worker) {
        return of(worker).map(this::specOf).orElseGet(edition::spec);
    }

    List<Instance> add(int count) {
        List<Instance> added = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Instance instance = beside();
            instances.add(instance);
            added.add(instance);
        }
        return added;
    }

    /// A new one that is none of the app's own.
    Instance beside() {
        return new Instance(pmIds.getAsInt(), lowestFreeNumber(), InstanceState.begun());
    }

    void forget(Instance instance) {
        instances.remove(instance);
    }

    private int lowestFreeNumber() {
        Set<Integer> taken = new HashSet<>();
        everybody().forEach(i -> taken.add(i.number));
        int number = 0;
        while (taken.contains(number)) {
            number++;
        }
        return number;
    }
}
