package io.pm2j.daemon.edge;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.EdgeText;
import io.pm2j.config.spec.edge.ListenerSpec;
import io.pm2j.config.spec.edge.TlsSpec.KeyFiles;
import io.pm2j.daemon.edge.Doors.Open;
import io.pm2j.daemon.edge.EdgePlan.FileRoute;
import io.pm2j.daemon.edge.EdgePlan.Listening;
import io.pm2j.daemon.edge.EdgePlan.Place;
import io.pm2j.daemon.edge.RouteMaker.Outside;
import io.pm2j.daemon.traffic.AccessLogFiles;
import io.pm2j.daemon.traffic.AppUpstreams;
import io.pm2j.daemon.traffic.Leaving;
import io.pm2j.metrics.SampleSink;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.forward.Route;
import io.pm2j.proxy.route.RouteTable;
import io.pm2j.proxy.tls.BadCertificate;
import io.pm2j.proxy.tls.Certificate;
import io.pm2j.proxy.upstream.Upstream;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes up what ecosystem files ask of the edge.
///
/// A file's wishes are taken up whole or not at all: everything is made and opened first, then the routes of all
/// listeners are replaced, then what nobody wants any more is closed. What is in flight goes on by the routes it met.
public final class EdgeDesk {
    private static final Logger LOG = LoggerFactory.getLogger(EdgeDesk.class);

    private final Proxy proxy;
    private final AppUpstreams apps;
    private final EdgeJournal journal;
    private List<Wish> wishes = List.of();
    private OpenLogs logs;
    /// Files of which an app has been seen: their edge is taken up before their apps are started.
    private final Set<Path> begun = new HashSet<>();
    private final Map<Place, Open> open = new LinkedHashMap<>();
    private final Doors doors;
    private final EdgePorts ports;
    private final Origins origins;
    private final Certificates certificates;
    /// What counts now of the upstreams that routes lead to.
    private Set<AppUpstreams.Wanted> inside = Set.of();
    private Map<String, Outside> outside = Map.of();
    /// What could not be taken up, since a port was taken, say: it is not forgotten, and tried again.
    private final Pending pending = new Pending(this::tryAgain);

    private Set<Path> followed = Set.of();
    /// Is told of the files of certificates when they are others.
    private Consumer<Set<Path>> onKeyFiles = _ -> {};

    public EdgeDesk(Vertx vertx, Proxy proxy, AppUpstreams apps, AccessLogFiles files, EdgeJournal journal) {
        this.proxy = proxy;
        this.apps = apps;
        this.journal = journal;
        this.logs = new OpenLogs(files);
        this.doors = new Doors(proxy);
        this.ports = journal.ports();
        this.origins = new Origins(proxy, new Leaving(proxy));
        this.certificates = new Certificates(vertx, InstantSource.system());
    }

    /// `told` is called with the files of all certificates, at once and whenever they are others; while the edge is
    /// being changed.
    public synchronized void onKeyFiles(Consumer<Set<Path>> told) {
        onKeyFiles = told;
        told.accept(certificates.paths());
    }

    /// Looks at the files of all certificates again: what is good is served from the next handshake on, what is not
    /// changes nothing.
    public synchronized void renew() {
        for (Map.Entry<Place, Open> one : open.entrySet()) {
            Serving serving = one.getValue().kind().serving();
            try {
                renew(one, serving, certificates.of(serving.certificates().keySet()));
            } catch (EdgeRefused e) {
                LOG.warn("{}", e.sentence());
            }
        }
    }

    private void renew(Map.Entry<Place, Open> one, Serving serving, Map<KeyFiles, Certificate> now) {
        try {
            one.setValue(one.getValue().become(serving.with(now)));
        } catch (BadCertificate e) {
            serving.certificates().forEach((files, before) -> {
                if (now.get(files) != before) {
                    certificates.refused(files, before, e.sentence());
                }
            });
        }
    }

    /// A line for each certificate that is not what its files have.
    public List<String> banners() {
        return certificates.banners();
    }

    /// Until when certificates are valid, and whether they are those that their files have.
    public void tell(SampleSink sink) {
        certificates.tell(sink);
    }

    /// Takes up again what a former daemon did. A file whose wishes cannot be met now is told to `problems`, and tried
    /// again until they can, or something else is asked.
    public synchronized void revive(Consumer<String> problems) throws InterruptedException {
        boolean _ = takeUp(journal, problems);
        // Their apps were there when it was written.
        wishes.forEach(wish -> begun.add(wish.file()));
    }

    /// Writes down what is asked, for [#resurrect].
    public synchronized void save(EdgeJournal dump) throws IOException {
        dump.write(texts());
    }

    /// Takes up what was saved of files that ask nothing now.
    ///
    /// @return whether all of it is served; what is not is tried again
    public synchronized boolean resurrect(EdgeJournal dump, Consumer<String> problems) throws InterruptedException {
        boolean good = takeUp(dump, problems);
        keep();
        return good;
    }

    private boolean takeUp(EdgeJournal from, Consumer<String> problems) throws InterruptedException {
        boolean good = true;
        for (Map.Entry<Path, EdgeText> entry : from.read(problems).entrySet()) {
            Path file = entry.getKey();
            try {
                if (wishes.stream().noneMatch(known -> known.file().equals(file))) {
                    become(with(Wish.of(file, entry.getValue())));
                    boolean _ = pending.drop(file);
                }
            } catch (EdgeRefused e) {
                good = false;
                pending.add(file, entry.getValue());
                problems.accept("the edge of " + file + " is not served yet: " + e.sentence());
            } catch (InvalidConfig e) {
                good = false;
                pending.add(file, entry.getValue());
                e.problems().forEach(problem -> problems.accept(file + ": " + problem.sentence()));
            }
        }
        return good;
    }

    /// Forgets everything; the listeners end with the edge.
    public synchronized void forgetAll() {
        wishes = List.of();
        pending.clear();
        keep();
    }

    /// Makes `text` what `file` asks, in the place of what it asked before; an empty text asks nothing.
    ///
    /// @throws EdgeRefused when it cannot be done; then everything is as it was
    public synchronized void apply(Path file, EdgeText text) throws EdgeRefused, InterruptedException {
        takeBack(file, text);
        if (pending.drop(file)) {
            keep();
        }
    }

    /// As [#apply], to undo [#widen]: what waits to be taken up again goes on waiting.
    ///
    /// @throws EdgeRefused when it cannot be done; then everything is as it was
    public synchronized void takeBack(Path file, EdgeText before) throws EdgeRefused, InterruptedException {
        try {
            become(with(Wish.of(file, before)));
        } catch (InvalidConfig e) {
            throw new EdgeRefused(e.problems().getFirst().sentence(), e);
        }
        keep();
    }

    /// One of what could not be taken up, once more; whether that is over.
    private synchronized boolean tryAgain(Path file, EdgeText text) throws InterruptedException {
        if (!pending.has(file, text)) {
            return true;
        }
        if (wishes.stream().anyMatch(wish -> wish.file().equals(file))) {
            return false;
        }
        try {
            become(with(Wish.of(file, text)));
        } catch (EdgeRefused | InvalidConfig e) {
            return false;
        }
        LOG.info("the edge of {} is served now", file);
        boolean _ = pending.drop(file);
        keep();
        return true;
    }

    /// Opens the listeners that `text` wants beside what `file` has now, so that a port which cannot be had is
    /// known before anything else is changed. [#apply] goes on from there, with this text or the one before.
    ///
    /// @throws EdgeRefused when it cannot be done; then everything is as it was
    public synchronized void widen(Path file, EdgeText text) throws EdgeRefused, InterruptedException {
        try {
            Wish before = Wish.of(file, asked(file));
            become(with(before.widened(text.spec())));
        } catch (InvalidConfig e) {
            throw new EdgeRefused(e.problems().getFirst().sentence(), e);
        }
    }

    /// What is done while nothing of the edge is changed.
    @FunctionalInterface
    public interface Deed {
        boolean done() throws InterruptedException, IOException;
    }

    /// Does `deed`; whoever wants another edge waits.
    public synchronized boolean unchanged(Deed deed) throws InterruptedException, IOException {
        return deed.done();
    }

    /// What `file` asks now.
    public synchronized EdgeText asked(Path file) {
        return wishes.stream()
                .filter(wish -> wish.file().equals(file))
                .map(Wish::text)
                .findFirst()
                .orElse(EdgeText.none(file.resolveSibling("")));
    }

    /// Drops what was asked by files whose apps are all gone; `existing` are those that there are.
    public synchronized void settle(Collection<AppName> existing) throws InterruptedException {
        boolean fewer = pending.settle(existing);
        List<Wish> left = wishes.stream()
                .filter(wish -> wish.apps().isEmpty()
                        || wish.apps().stream().anyMatch(existing::contains)
                        || !begun.contains(wish.file()))
                .toList();
        wishes.stream()
                .filter(wish -> wish.apps().stream().anyMatch(existing::contains))
                .forEach(wish -> begun.add(wish.file()));
        if (left.size() == wishes.size()) {
            if (fewer) {
                keep();
            }
            return;
        }
        try {
            become(left);
            begun.retainAll(left.stream().map(Wish::file).toList());
        } catch (EdgeRefused e) {
            LOG.warn("the edge stays as it is: {}", e.sentence());
        }
        keep();
    }

    private List<Wish> with(Wish wish) {
        List<Wish> all = new ArrayList<>();
        boolean replaced = false;
        for (Wish known : wishes) {
            boolean same = known.file().equals(wish.file());
            replaced |= same;
            all.add(same ? wish : known);
        }
        if (!replaced) {
            all.add(wish);
        }
        all.removeIf(one -> one.spec().none());
        return List.copyOf(all);
    }

    private void keep() {
        try {
            journal.write(texts());
        } catch (IOException e) {
            LOG.atError().setCause(e).log("cannot write the journal of the edge");
        }
    }

    /// What all files ask, served or not yet.
    private Map<Path, EdgeText> texts() {
        Map<Path, EdgeText> all = new LinkedHashMap<>();
        wishes.forEach(wish -> all.put(wish.file(), wish.text()));
        pending.texts().forEach(all::putIfAbsent);
        return all;
    }

    private void become(List<Wish> next) throws EdgeRefused, InterruptedException {
        EdgePlan plan = EdgePlan.of(next);
        OpenLogs nextLogs = logs.of(next);
        RouteMaker maker = new RouteMaker(proxy, apps);
        Map<KeyFiles, Certificates.Kept> kept = certificates.kept();
        try {
            open(plan, servings(plan, maker, nextLogs), maker);
            followKeyFiles();
        } catch (EdgeRefused | InterruptedException | RuntimeException e) {
            nextLogs.retireAllBut(logs);
            apps.become(inside);
            origins.become(outside);
            origins.refuse(maker.origins());
            certificates.restore(kept);
            throw e;
        }
        logs.retireAllBut(nextLogs);
        logs = nextLogs;
        wishes = next;
        inside = maker.wanted();
        outside = maker.origins();
    }

    private void followKeyFiles() {
        Set<KeyFiles> used = new HashSet<>();
        open.values()
                .forEach(one -> used.addAll(one.kind().serving().certificates().keySet()));
        certificates.retain(used);
        if (!certificates.paths().equals(followed)) {
            followed = certificates.paths();
            onKeyFiles.accept(followed);
        }
    }

    /// New listeners first, then what they and the others serve; when something cannot be had, all is as before.
    private void open(EdgePlan plan, Map<Place, Serving> servings, RouteMaker maker)
            throws EdgeRefused, InterruptedException {
        Map<Place, Open> before = new LinkedHashMap<>(open);
        Set<Place> opened = new HashSet<>();
        Set<Place> closed = new HashSet<>();
        try {
            for (Map.Entry<Place, Listening> wanted : plan.listeners().entrySet()) {
                Place place = wanted.getKey();
                ListenerSpec spec = wanted.getValue().spec();
                Serving serving = servings.getOrDefault(place, Serving.NOTHING);
                Open known = open.get(place);
                if (known != null && serving.sameDoor(known.kind(), spec)) {
                    continue;
                }
                if (known != null) {
                    // It cannot be changed while it is open, and no other can be opened beside it.
                    known.close().run();
                    open.remove(place);
                    closed.add(place);
                }
                open.put(place, doors.open(spec, serving, ports.first(place)));
                opened.add(place);
            }
            apps.become(maker.wanted());
            origins.become(maker.origins());
            for (Map.Entry<Place, Open> one : open.entrySet()) {
                Serving serving = servings.get(one.getKey());
                if (serving != null && !opened.contains(one.getKey())) {
                    one.setValue(become(one.getValue(), serving));
                }
            }
        } catch (EdgeRefused | InterruptedException | RuntimeException e) {
            undo(before, opened, closed);
            throw e;
        }
        Map<Place, Open> gone = new LinkedHashMap<>(open);
        gone.keySet().removeAll(servings.keySet());
        open.keySet().removeAll(gone.keySet());
        gone.values().forEach(one -> one.close().run());
        Map<Place, Address> at = new LinkedHashMap<>();
        open.forEach((place, one) -> at.put(place, one.at()));
        ports.become(at, gone.keySet());
    }

    private static Open become(Open one, Serving serving) throws EdgeRefused {
        try {
            return one.become(serving);
        } catch (BadCertificate e) {
            throw new EdgeRefused(e.sentence(), e);
        }
    }

    private void undo(Map<Place, Open> before, Set<Place> opened, Set<Place> closed) throws InterruptedException {
        for (Place place : opened) {
            Open one = open.remove(place);
            if (one != null) {
                one.close().run();
            }
        }
        for (Map.Entry<Place, Open> one : open.entrySet()) {
            Serving was =
                    before.getOrDefault(one.getKey(), one.getValue()).kind().serving();
            try {
                one.setValue(become(one.getValue(), was));
            } catch (EdgeRefused e) {
                LOG.atError().setCause(e).log("what was served before cannot be served again");
            }
        }
        before.keySet().retainAll(closed);
        reopen(before);
    }

    private void reopen(Map<Place, Open> closed) throws InterruptedException {
        for (Map.Entry<Place, Open> one : closed.entrySet()) {
            Open was = one.getValue();
            try {
                open.put(one.getKey(), doors.open(was.kind().spec(), was.kind().serving(), was.at()));
            } catch (EdgeRefused | RuntimeException e) {
                LOG.atError().setCause(e).log("a listener that was open cannot be opened again");
            }
        }
    }

    private Map<Place, Serving> servings(EdgePlan plan, RouteMaker maker, OpenLogs told) throws EdgeRefused {
        Map<FileRoute, Route> made = new HashMap<>();
        Map<Place, Serving> servings = new LinkedHashMap<>();
        for (Map.Entry<Place, Listening> one : plan.listeners().entrySet()) {
            Listening listening = one.getValue();
            List<RouteTable.Entry<Route>> table = new ArrayList<>();
            for (FileRoute route : listening.routes()) {
                Route ready = made.get(route);
                if (ready == null) {
                    ready = maker.route(route, told.of(route.wish()));
                    made.put(route, ready);
                }
                table.add(new RouteTable.Entry<>(route.spec().match(), ready));
            }
            Optional<Upstream> forward = Optional.empty();
            if (listening.spec().forward().isPresent()) {
                forward = Optional.of(maker.forward(
                        listening.spec().forward().get(), one.getKey().address().toString()));
            }
            servings.put(
                    one.getKey(),
                    new Serving(
                            table,
                            told.of(listening.first()),
                            listening.trusted(),
                            forward,
                            certificates.of(listening.keyFiles())));
        }
        return servings;
    }
}
