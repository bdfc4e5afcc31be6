package io.pm2j.supervisor.app;

import io.pm2j.config.spec.AppSpec;
import io.pm2j.supervisor.app.AppRecord.Generation;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// What an app's workers are begun by: a spec, the folder it is run in, and the number of their generation; and, in
/// its [History], what it can go back to. The clock and the files that are watched follow it. Confined to the app's
/// owner.
final class Edition {
    private final Occasions occasions;
    private final History history;
    private AppSpec spec;
    private Path folder;
    private String version;
    private int generation;
    /// The highest number that was given to any; that of one that failed, maybe.
    private int newest;

    Edition(AppRecord record, Occasions occasions) {
        this.occasions = occasions;
        this.history = new History(record);
        this.spec = record.spec();
        this.folder = history.proven().folder();
        this.version = AppVersion.of(spec);
        this.generation = record.generation();
        this.newest = record.newest();
    }

    AppSpec spec() {
        return spec;
    }

    Path folder() {
        return folder;
    }

    String version() {
        return version;
    }

    int generation() {
        return generation;
    }

    /// The specs it has served with.
    List<Generation> generations() {
        return history.generations();
    }

    /// As [#generations], for people.
    List<Standing.Past> shown() {
        return history.shown();
    }

    /// One that it had before.
    Optional<Generation> former(OptionalInt number) {
        return history.former(number);
    }

    /// The numbers that can be gone back to, for people.
    String numbers() {
        return history.numbers();
    }

    /// The clock and the watch are as the spec says from now on.
    void follow(Progress progress) {
        occasions.follow(spec, progress);
    }

    boolean watching() {
        return occasions.watching();
    }

    /// Workers are begun by `newSpec` from now on.
    void adopt(AppSpec newSpec, Progress progress) {
        adopt(newSpec, Placement.now(newSpec), progress);
    }

    void adopt(AppSpec newSpec, Path in, Progress progress) {
        spec = newSpec;
        folder = in;
        version = AppVersion.of(newSpec);
        follow(progress);
    }

    /// The spec is another one, though no worker is to be replaced for it.
    void amend(AppSpec newSpec) {
        spec = newSpec;
        history.amend(newSpec);
    }

    /// Nobody runs any more where the folder's link pointed: it is followed anew.
    void findFolder() {
        folder = Placement.now(spec);
    }

    /// The number of the one that comes next.
    int following() {
        return newest + 1;
    }

    /// Workers that are begun from now on are of another generation.
    void next() {
        generation = following();
        newest = generation;
    }

    /// No later generation is to have the same number.
    void isSpent(int number) {
        newest = Math.max(newest, number);
    }

    /// The highest number that was given.
    int newest() {
        return newest;
    }

    /// It serves.
    void prove() {
        history.prove(generation, spec, folder);
    }

    /// It is not to serve: what did before, as generation `before`, is what workers are begun by.
    void goBack(int before, Progress progress) {
        adopt(history.proven().spec(), history.proven().folder(), progress);
        generation = before;
    }
}
