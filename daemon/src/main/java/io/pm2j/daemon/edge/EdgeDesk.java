package io.pm2j.daemon.edge;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import io.pm2j.config.InvalidConfig;
import io.pm2j.config.read.EdgeText;
import io.pm2j.config.spec.edge.Cidr;
import io.pm2j.daemon.edge.EdgePlan.FileRoute;
import io.pm2j.daemon.edge.EdgePlan.Listening;
import io.pm2j.daemon.traffic.AccessLogFiles;
import io.pm2j.daemon.traffic.PortHolder;
import io.pm2j.proxy.Listener;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.accesslog.AccessLog;
import io.pm2j.proxy.client.TrustedProxies;
import io.pm2j.proxy.forward.Route;
import io.pm2j.proxy.forward.Routes;
import io.pm2j.proxy.forward.Target;
import io.pm2j.proxy.listen.ListenFailed;
import io.pm2j.proxy.route.RouteTable;
import io.pm2j.proxy.upstream.Upstream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes up what ecosystem files ask of the edge.
///
/// A file's wishes are taken up whole or not at all: everything is made and opened first, then the routes of all
/// listeners are replaced, then what nobody wants any more is closed. What is in flight goes on by the routes it met.
public final class EdgeDesk {
    private static final Logger LOG = LoggerFactory.getLogger(EdgeDesk.class);

    private final Proxy proxy;
    private final Function<AppName, Upstream> apps;
    private final EdgeJournal journal;
    private List<Wish> wishes = List.of();
    private OpenLogs logs;
    private final Map<Address, Open> open = new LinkedHashMap<>();

    /// A listener and the routes that it goes by.
    private record Open(Listener listener, Routes routes) {}

    /// `apps` gives the upstream that leads to an app's workers, also of one that is not there yet.
    public EdgeDesk(Proxy proxy, Function<AppName, Upstream> apps, AccessLogFiles files, EdgeJournal journal) {
        this.logs = new OpenLogs(files);
        this.proxy = proxy;
        this.apps = apps;
        this.journal = journal;
    }

    /// Takes up again what a former daemon did. A file whose wishes cannot be met is told to `problems`, and left out.
    public synchronized void revive(Consumer<String> problems) throws InterruptedException {
        boolean _ = takeUp(journal, problems);
    }

    /// Writes down what is asked, for [#resurrect].
    public synchronized void save(EdgeJournal dump) throws IOException {
        dump.write(wishes);
    }

    /// Takes up what was saved of files that ask nothing now.
    ///
    /// @return whether all of it is served
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
                }
            } catch (EdgeRefused e) {
                good = false;
                problems.accept("the edge of " + file + " is not served: " + e.sentence());
            } catch (InvalidConfig e) {
                good = false;
                e.problems().forEach(problem -> problems.accept(file + ": " + problem.sentence()));
            }
        }
        return good;
    }

    /// Forgets everything; the listeners end with the edge.
    public synchronized void forgetAll() {
        wishes = List.of();
        keep();
    }

    /// Makes `text` what `file` asks, in the place of what it asked before; an empty text asks nothing.
    ///
    /// @throws EdgeRefused when it cannot be done; then everything is as it was
    public synchronized void apply(Path file, EdgeText text) throws EdgeRefused, InterruptedException {
        try {
            become(with(Wish.of(file, text)));
        } catch (InvalidConfig e) {
            throw new EdgeRefused(e.problems().getFirst().sentence(), e);
        }
        keep();
    }

    /// Drops what was asked by files whose apps are all gone; `existing` are those that there are.
    public synchronized void settle(Collection<AppName> existing) throws InterruptedException {
        List<Wish> left = wishes.stream()
                .filter(wish -> wish.apps().isEmpty() || wish.apps().stream().anyMatch(existing::contains))
                .toList();
        if (left.size() == wishes.size()) {
            return;
        }
        try {
            become(left);
        } catch (EdgeRefused e) {
            LOG.warn("the edge stays as it is: {}", e.sentence());
        }
        keep();
    }

    /// Where it listens for routes.
    public synchronized List<Address> listeners() {
        return List.copyOf(open.keySet());
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
            journal.write(wishes);
        } catch (IOException e) {
            LOG.atError().setCause(e).log("cannot write the journal of the edge");
        }
    }

    private void become(List<Wish> next) throws EdgeRefused, InterruptedException {
        EdgePlan plan = EdgePlan.of(next);
        OpenLogs nextLogs = logs.of(next);
        Map<Address, Open> opened = new LinkedHashMap<>();
        Map<Address, Table> tables;
        try {
            tables = tables(plan, nextLogs);
            for (Map.Entry<Address, Table> wanted : tables.entrySet()) {
                if (!open.containsKey(wanted.getKey())) {
                    opened.put(wanted.getKey(), listen(wanted.getKey(), wanted.getValue()));
                }
            }
        } catch (EdgeRefused | InterruptedException e) {
            opened.values().forEach(one -> one.listener.close());
            nextLogs.retireAllBut(logs);
            throw e;
        }
        open.forEach((address, known) -> {
            Table table = tables.get(address);
            if (table != null) {
                known.routes.become(table.entries, table.log.orElse(null), TrustedProxies.of(table.trusted));
            } else {
                known.listener.close();
            }
        });
        open.keySet().retainAll(tables.keySet());
        open.putAll(opened);
        logs.retireAllBut(nextLogs);
        logs = nextLogs;
        wishes = next;
    }

    /// What is served at one address.
    private record Table(List<RouteTable.Entry<Route>> entries, Optional<AccessLog> log, List<Cidr> trusted) {}

    private Map<Address, Table> tables(EdgePlan plan, OpenLogs told) throws EdgeRefused {
        RouteMaker maker = new RouteMaker(proxy, apps);
        Map<FileRoute, Route> made = new HashMap<>();
        Map<Address, Table> tables = new LinkedHashMap<>();
        for (Map.Entry<Address, Listening> one : plan.listeners().entrySet()) {
            List<RouteTable.Entry<Route>> table = new ArrayList<>();
            Optional<AccessLog> log = Optional.empty();
            for (FileRoute route : one.getValue().routes()) {
                Route ready = made.get(route);
                if (ready == null) {
                    ready = maker.route(route.spec(), told.of(route.wish()));
                    made.put(route, ready);
                }
                log = log.or(() -> told.of(route.wish()));
                table.add(new RouteTable.Entry<>(route.spec().match(), ready));
            }
            tables.put(one.getKey(), new Table(table, log, one.getValue().trusted()));
        }
        return tables;
    }

    private Open listen(Address address, Table table) throws EdgeRefused, InterruptedException {
        Routes routes = new Routes(table.entries, table.log.orElse(null), TrustedProxies.of(table.trusted));
        try {
            return new Open(proxy.listen(address, new Target.Routed(routes)), routes);
        } catch (ListenFailed e) {
            throw new EdgeRefused(PortHolder.explain(address, e.errno()), e);
        }
    }
}
