package io.pm2j.daemon.reload;

import io.pm2j.config.AppName;
import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.diff.Plan;
import io.pm2j.config.diff.Running;
import io.pm2j.config.diff.Wanted;
import io.pm2j.config.read.ConfigSource;
import io.pm2j.config.read.EcosystemReader.ReadApps;
import io.pm2j.config.read.EdgeText;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.edge.EdgeSpec;
import io.pm2j.daemon.edge.EdgeDesk;
import io.pm2j.metrics.SampleSink;
import io.pm2j.supervisor.Supervisor;
import io.pm2j.supervisor.app.Progress;
import io.pm2j.supervisor.control.ControlRequest;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps to ecosystem files: knows which apps came from which, makes what runs what one wants, and follows those that
/// are to be followed. One change at a time.
public final class ConfigDesk {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigDesk.class);
    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int DIFFERENT = 2;
    private static final long LAST_WAIT_SECONDS = 1;

    private final Vertx vertx;
    private final Supervisor supervisor;
    private final EdgeDesk edge;
    private final ConfigJournal journal;
    private final Runnable afterChange;
    private final ReentrantLock changing = new ReentrantLock();
    /// By place; changed under the lock.
    private final Map<Path, Taken> taken = new ConcurrentHashMap<>();

    private final Map<Path, Outcome> outcomes = new ConcurrentHashMap<>();
    private final Map<Path, ConfigWatch> watches = new ConcurrentHashMap<>();

    private volatile boolean ended;

    /// `afterChange` is run after a followed file was applied.
    public ConfigDesk(Vertx vertx, Supervisor supervisor, EdgeDesk edge, ConfigJournal journal, Runnable afterChange) {
        this.vertx = vertx;
        this.supervisor = supervisor;
        this.edge = edge;
        this.journal = journal;
        this.afterChange = afterChange;
    }

    /// Takes up again what a former daemon knew; a file that changed meanwhile is applied.
    public void revive(Consumer<String> problems) throws InterruptedException {
        changing.lockInterruptibly();
        try {
            journal.read(problems).forEach(this::take);
        } finally {
            changing.unlock();
        }
    }

    /// Writes down what is kept to, for [#resurrect].
    public void save(ConfigJournal dump) throws IOException {
        dump.write(taken.values());
    }

    /// Takes up what was saved of files that are not known now; their apps are there already.
    public void resurrect(ConfigJournal dump, Consumer<String> problems) throws InterruptedException {
        changing.lockInterruptibly();
        try {
            dump.read(problems).stream()
                    .filter(one -> !taken.containsKey(one.source().place()))
                    .forEach(this::take);
            keep();
        } finally {
            changing.unlock();
        }
    }

    /// @return the command's exit code
    public int handle(ControlRequest.Converge request, Progress progress) throws InterruptedException {
        changing.lockInterruptibly();
        try {
            return switch (request.deed()) {
                case PLAN -> tell(planned(request.source(), request.apps(), request.edge()), progress);
                case APPLY -> apply(request, progress);
                case REMEMBER -> {
                    remember(request.source(), request.apps(), request.watch());
                    yield OK;
                }
            };
        } catch (InvalidConfig e) {
            e.problems().forEach(problem -> progress.error(problem.toString()));
            return FAILED;
        } finally {
            changing.unlock();
        }
    }

    private static int tell(Plan plan, Progress progress) {
        plan.lines().forEach(progress::info);
        return plan.nothing() ? OK : DIFFERENT;
    }

    private int apply(ControlRequest.Converge request, Progress progress) throws InterruptedException, InvalidConfig {
        Path place = request.source().place();
        Plan plan = planned(request.source(), request.apps(), request.edge());
        progress.info(plan.nothing() ? "nothing to do" : "what is done:");
        plan.lines().forEach(progress::info);
        if (!new Convergence(supervisor, edge, progress).run(place, plan, request.edge())) {
            return FAILED;
        }
        remember(request.source(), request.apps(), request.watch());
        return OK;
    }

    private Plan planned(ConfigSource source, List<AppSpec> apps, EdgeText text) throws InvalidConfig {
        List<Running> running = supervisor.names().stream()
                .flatMap(name -> supervisor.running(name).stream())
                .toList();
        Path place = source.place();
        return Plan.of(
                running,
                came(place).stream().filter(name -> isChosen(source, name)).collect(Collectors.toSet()),
                apps.stream().map(Wanted::now).toList(),
                present(place),
                text.spec());
    }

    /// The apps that came from the file.
    private Set<AppName> came(Path place) {
        Taken known = taken.get(place);
        return known == null ? Set.of() : known.apps();
    }

    private static boolean isChosen(ConfigSource source, AppName name) {
        return source.only().isEmpty() || source.only().contains(name.text());
    }

    /// The apps that come from the file once it wants `apps`: those that were not chosen came from it all the same.
    private Set<AppName> coming(ConfigSource source, List<AppSpec> apps) {
        Set<AppName> names = apps.stream().map(AppSpec::name).collect(Collectors.toCollection(LinkedHashSet::new));
        came(source.place()).stream().filter(name -> !isChosen(source, name)).forEach(names::add);
        return names;
    }

    private EdgeSpec present(Path place) throws InvalidConfig {
        return edge.asked(place).spec();
    }

    private void remember(ConfigSource source, List<AppSpec> apps, Optional<Boolean> watch) {
        Taken known = taken.get(source.place());
        boolean watched = watch.orElse(known != null && known.watched());
        Set<AppName> names = coming(source, apps);
        // An app is one file's at a time: the last that named it.
        taken.replaceAll((_, other) -> new Taken(
                other.source(),
                other.apps().stream().filter(name -> !names.contains(name)).collect(Collectors.toSet()),
                other.watched()));
        take(new Taken(source, names, watched));
        outcomes.put(source.place(), Outcome.applied(digest(source.place())));
        keep();
    }

    /// Begins to follow the file, or no longer does, as it says.
    private void take(Taken one) {
        if (ended) {
            return;
        }
        Path place = one.source().place();
        Taken before = taken.put(place, one);
        boolean sameReading = before != null && before.source().equals(one.source());
        ConfigWatch watch = watches.get(place);
        if (watch != null && !(one.watched() && sameReading)) {
            watches.remove(place);
            watch.close();
            watch = null;
        }
        if (watch == null && one.watched()) {
            watches.put(place, ConfigWatch.start(vertx, place, () -> follow(place)));
        }
    }

    /// Forgets files whose apps are all gone; `existing` are those that there are.
    public void settle(Collection<AppName> existing) throws InterruptedException {
        changing.lockInterruptibly();
        try {
            List<Path> over = taken.entrySet().stream()
                    .filter(one -> one.getValue().apps().stream().noneMatch(existing::contains))
                    .map(Map.Entry::getKey)
                    .toList();
            if (!over.isEmpty()) {
                over.forEach(this::forget);
                keep();
            }
        } finally {
            changing.unlock();
        }
    }

    private void forget(Path place) {
        taken.remove(place);
        outcomes.remove(place);
        ConfigWatch watch = watches.remove(place);
        if (watch != null) {
            watch.close();
        }
    }

    // --- a followed file -----------------------------------------------------------------------------------

    /// The file has another content, or is looked at for the first time. The answer is what else counts.
    private Set<Path> follow(Path place) throws InterruptedException {
        Set<Path> named = new LinkedHashSet<>();
        Taken known = taken.get(place);
        if (known == null) {
            return named;
        }
        String digest = digest(place);
        try {
            // Outside the lock: it may run a Node for a while.
            ReadApps read = known.source().read(named::add);
            read.warnings().forEach(warning -> LOG.warn("{}", warning));
            adopt(place, known, read, digest);
        } catch (InvalidConfig e) {
            failed(place, e.problems().stream().map(ConfigProblem::toString).toList());
        }
        return named;
    }

    private void adopt(Path place, Taken known, ReadApps read, String digest)
            throws InterruptedException, InvalidConfig {
        changing.lockInterruptibly();
        try {
            if (!known.equals(taken.get(place))) {
                return; // deleted, or taken up anew meanwhile
            }
            Plan plan = planned(known.source(), read.apps(), read.edgeText());
            Heard heard = new Heard(place.getFileName() + ": ");
            if (!plan.nothing()) {
                LOG.info("{} has changed:", place);
                plan.lines().forEach(heard::info);
            }
            boolean idle = plan.nothing() && read.edge().none();
            if (!idle && !new Convergence(supervisor, edge, heard).run(place, plan, read.edgeText())) {
                failed(place, heard.errors);
                return;
            }
            outcomes.put(place, Outcome.applied(digest));
            boolean watched = read.watch().orElse(true);
            Set<AppName> names = coming(known.source(), read.apps());
            if (!names.equals(known.apps()) || !watched) {
                take(new Taken(known.source(), names, watched));
                keep();
            }
            if (!watched) {
                LOG.info("{} says config_watch: false, and is followed no more", place);
            }
            if (!plan.nothing()) {
                LOG.info("{} is applied", place);
                afterChange.run();
            }
        } finally {
            changing.unlock();
        }
    }

    private void failed(Path place, List<String> why) {
        outcomes.merge(place, Outcome.NONE.failed(why), (before, _) -> before.failed(why));
        LOG.error("{} was not applied, all stays as it is:", place);
        why.forEach(problem -> LOG.error("  {}", problem));
    }

    /// Tells the daemon's log, and keeps what went wrong.
    private static final class Heard implements Progress {
        private final String prefix;
        private final List<String> errors = new ArrayList<>();

        Heard(String prefix) {
            this.prefix = prefix;
        }

        @Override
        public void info(String sentence) {
            LOG.info("{}{}", prefix, sentence);
        }

        @Override
        public void warn(String sentence) {
            LOG.warn("{}{}", prefix, sentence);
        }

        @Override
        public synchronized void error(String sentence) {
            errors.add(sentence);
        }
    }

    // --- what others see -----------------------------------------------------------------------------------

    /// A line for each followed file that could not be applied.
    public List<String> banners() {
        List<String> lines = new ArrayList<>();
        outcomes.forEach((place, outcome) -> {
            if (!outcome.good() && watches.containsKey(place)) {
                int more = outcome.problems().size() - 1;
                lines.add(place + " is not applied: " + outcome.problems().getFirst()
                        + (more > 0 ? " (and " + more + " more: see pm2.log)" : ""));
            }
        });
        return lines;
    }

    /// How the last tries went, by file.
    public void tell(SampleSink sink) {
        outcomes.forEach((place, outcome) -> {
            Map<String, String> labels = Map.of("file", place.toString());
            sink.gauge(
                    "pm2j_config_last_reload_success",
                    "Whether the file was taken up when it was last tried.",
                    labels,
                    outcome.good() ? 1 : 0);
            sink.gauge(
                    "pm2j_config_last_reload_success_timestamp_seconds",
                    "When the file was last taken up, since the epoch; 0 for never.",
                    labels,
                    outcome.appliedAtMillis() / 1e3);
            sink.gauge(
                    "pm2j_config_hash",
                    "The first 48 bits of the SHA-256 of the file that is in force.",
                    labels,
                    outcome.digest().isEmpty()
                            ? 0
                            : Long.parseLong(outcome.digest().substring(0, 12), 16));
        });
    }

    private static String digest(Path place) {
        try {
            return ContentStore.digest(place);
        } catch (IOException e) {
            return "";
        }
    }

    private void keep() {
        if (!ended) {
            write();
        }
    }

    private void write() {
        try {
            journal.write(taken.values());
        } catch (IOException e) {
            LOG.atError().setCause(e).log("cannot write the journal of the config files");
        }
    }

    /// Forgets every file and ends every watch, as the daemon ends. A change that is on its way is not waited for long:
    /// its apps end too.
    public void forgetAll() throws InterruptedException {
        ended = true;
        boolean held = changing.tryLock(LAST_WAIT_SECONDS, TimeUnit.SECONDS);
        try {
            List.copyOf(taken.keySet()).forEach(this::forget);
            write();
        } finally {
            if (held) {
                changing.unlock();
            }
        }
    }
}
