package io.pm2j.daemon.control;

import io.pm2j.config.AppName;
import io.pm2j.config.ConfigProblem;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.spec.edge.Cidr;
import io.pm2j.config.spec.edge.PagesSpec.Maintenance;
import io.pm2j.proxy.admission.Admission;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.Progress;
import io.pm2j.supervisor.control.MaintenanceCodec;
import io.pm2j.supervisor.durable.StateFile;
import io.pm2j.supervisor.json.JsonText;
import io.pm2j.supervisor.json.JsonTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Which apps somebody has closed for maintenance; remembered until they are opened or deleted, over restarts of the
/// daemon. The pages are read when it begins, and again at each start. Thread-safe.
public final class MaintenanceDesk {
    private final BiConsumer<AppName, Optional<Admission>> edge;
    private final StateFile file;
    /// As it is in the file; replaced, never changed.
    private Map<AppName, Maintenance> closed = Map.of();
    /// Those that have been in the list since this daemon began.
    private final Set<AppName> seen = new HashSet<>();

    /// `edge` lets nobody in to an app but whom the admission lets in.
    public MaintenanceDesk(BiConsumer<AppName, Optional<Admission>> edge, Path file) {
        this.edge = edge;
        this.file = new StateFile(file);
    }

    /// Closes what was closed when the last daemon ended.
    public synchronized void revive(Consumer<String> problems) {
        StateFile.Read<Map<AppName, Maintenance>> read = file.read(MaintenanceDesk::parse);
        if (!read.problem().isEmpty()) {
            problems.accept(read.problem());
        }
        closed = read.value().orElse(Map.of());
        closed.forEach((app, how) -> close(app, how, problems));
    }

    private void close(AppName app, Maintenance how, Consumer<String> problems) {
        try {
            edge.accept(app, Optional.of(Admission.closed(how)));
        } catch (InvalidConfig e) {
            // It stays closed: that matters more than how the page looks.
            problems.accept("maintenance of " + app + ": " + sentence(e));
            closePlainly(app, how);
        }
    }

    private void closePlainly(AppName app, Maintenance how) {
        try {
            Maintenance plain = new Maintenance(Optional.empty(), how.allow(), how.retryAfter());
            edge.accept(app, Optional.of(Admission.closed(plain)));
        } catch (InvalidConfig e) {
            throw new IllegalStateException("without a page nothing is read", e);
        }
    }

    /// Closes an app, or opens it again when `how` is empty.
    synchronized boolean put(AppName app, Optional<Maintenance> how, Progress progress) throws IOException {
        if (how.isEmpty() && !closed.containsKey(app)) {
            progress.warn("App [" + app + "] is not closed for maintenance");
            return true;
        }
        try {
            Optional<Admission> admission = how.isEmpty() ? Optional.empty() : Optional.of(Admission.closed(how.get()));
            Map<AppName, Maintenance> next = new TreeMap<>(closed);
            how.ifPresentOrElse(wanted -> next.put(app, wanted), () -> next.remove(app));
            become(next);
            edge.accept(app, admission);
        } catch (InvalidConfig e) {
            progress.error("App [" + app + "] was not closed: " + sentence(e));
            return false;
        }
        progress.info(
                how.isPresent()
                        ? "App [" + app + "] is closed for maintenance: " + shown(how.get())
                        : "App [" + app + "] is open again");
        return true;
    }

    /// Forgets those that were in the list and are no more.
    synchronized void settle(Set<AppName> listed) throws IOException {
        seen.addAll(listed);
        Set<AppName> gone = closed.keySet().stream()
                .filter(app -> seen.contains(app) && !listed.contains(app))
                .collect(Collectors.toSet());
        if (!gone.isEmpty()) {
            Map<AppName, Maintenance> next = new TreeMap<>(closed);
            next.keySet().removeAll(gone);
            become(next);
            gone.forEach(app -> edge.accept(app, Optional.empty()));
        }
    }

    /// The app `former` is to be called `next`: that is closed as well, before anything of it runs.
    synchronized void follow(AppName former, AppName next, Progress progress) throws IOException {
        Maintenance how = closed.get(former);
        if (how == null) {
            return;
        }
        Map<AppName, Maintenance> both = new TreeMap<>(closed);
        both.put(next, how);
        become(both);
        // Whatever had that name before: this one is not in the list yet.
        seen.remove(next);
        close(next, how, progress::warn);
    }

    /// The app has its former name still.
    synchronized void unfollow(AppName next) throws IOException {
        if (closed.containsKey(next)) {
            Map<AppName, Maintenance> former = new TreeMap<>(closed);
            former.remove(next);
            become(former);
            edge.accept(next, Optional.empty());
        }
    }

    /// The view, with how its app is closed.
    public synchronized ProcessView told(ProcessView view) {
        Maintenance how = closed.get(new AppName(view.name()));
        return how == null ? view : view.withStanding(view.standing().withMaintenance(shown(how)));
    }

    private static String shown(Maintenance how) {
        return "503"
                + how.page().map(page -> ", page " + page).orElse("")
                + how.retryAfter()
                        .map(after -> ", retry after " + after.toSeconds() + " s")
                        .orElse("")
                + (how.allow().isEmpty()
                        ? ""
                        : ", open for " + how.allow().stream().map(Cidr::text).collect(Collectors.joining(" ")));
    }

    private static String sentence(InvalidConfig e) {
        return e.problems().stream().map(ConfigProblem::toString).collect(Collectors.joining("; "));
    }

    /// What cannot be written is not so: nobody is told another thing than the edge does.
    private void become(Map<AppName, Maintenance> next) throws IOException {
        file.write(JsonText.line(json -> {
            for (Map.Entry<AppName, Maintenance> one : next.entrySet()) {
                json.writeObjectFieldStart(one.getKey().text());
                MaintenanceCodec.fields(json, one.getValue());
                json.writeEndObject();
            }
        }));
        closed = next;
    }

    private static Map<AppName, Maintenance> parse(String text) throws IOException {
        JsonTree tree = JsonTree.parse(text);
        Map<AppName, Maintenance> all = new TreeMap<>();
        for (String name : tree.names()) {
            all.put(new AppName(name), MaintenanceCodec.read(tree.tree(name)));
        }
        return all;
    }
}
