package io.pm2j.daemon.traffic;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import io.pm2j.config.spec.RolloutSpec;
import io.pm2j.proxy.Listener;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.admission.Admission;
import io.pm2j.proxy.forward.Target;
import io.pm2j.proxy.health.ProbeResult;
import io.pm2j.proxy.listen.ListenFailed;
import io.pm2j.proxy.upstream.EndpointSpec;
import io.pm2j.proxy.upstream.Origin;
import io.pm2j.proxy.upstream.QueueSpec;
import io.pm2j.proxy.upstream.Upstream;
import io.pm2j.supervisor.traffic.Drained;
import io.pm2j.supervisor.traffic.Endpoint;
import io.pm2j.supervisor.traffic.Reach;
import io.pm2j.supervisor.traffic.Share;
import io.pm2j.supervisor.traffic.TrafficGate;
import io.pm2j.supervisor.traffic.Trial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Opens the apps' listeners on the edge, and keeps their upstreams as the supervisor wants them: one upstream for each
/// listener of an app, since each of its workers may have a different server behind each.
///
/// Calls for one app come from its owner alone; calls for different apps may come at the same time.
public final class ProxyTrafficGate implements TrafficGate, AppUpstreams {
    private final Proxy proxy;
    private final Map<AppName, Map<Address, Door>> doors = new ConcurrentHashMap<>();
    /// What the routes of the edge lead to, by app.
    private final Map<AppName, AppRoutes> routed = new ConcurrentHashMap<>();

    /// How long requests wait, where that is not the usual time.
    private final Map<AppName, Duration> holds = new ConcurrentHashMap<>();
    /// What is closed for maintenance.
    private final Map<AppName, Admission> closed = new ConcurrentHashMap<>();

    /// Held by those who close doors and those who have opened one: so none stays as was said before.
    private final Object closing = new Object();

    /// The daemon is stopping.
    private volatile boolean shut;

    /// A listener with what stands behind it.
    private record Door(Listener listener, Upstream upstream) {}

    private final Supplier<Leaving> leaving;

    public ProxyTrafficGate(Proxy proxy) {
        this(proxy, () -> new Leaving(proxy));
    }

    ProxyTrafficGate(Proxy proxy, Supplier<Leaving> leaving) {
        this.proxy = proxy;
        this.leaving = leaving;
    }

    @Override
    public String noHandover() {
        return proxy.transport().adopts()
                ? ""
                : "the daemon's transport " + proxy.transport() + " cannot hand connections to Node's cluster workers"
                        + " (expected: a daemon started with PM2J_TRANSPORT=epoll, or exec_mode fork)";
    }

    @Override
    public Address open(AppName app, Address wanted) throws AddressTaken {
        Map<Address, Door> own = doors.computeIfAbsent(app, _ -> new ConcurrentHashMap<>());
        Door open = own.get(wanted);
        if (open != null) {
            return open.listener().address();
        }
        if (shut) {
            throw new AddressTaken(wanted + " was not opened: the daemon is stopping", 4);
        }
        refuseOtherAppsPort(app, wanted);
        Upstream upstream = proxy.upstream(app + " " + wanted);
        treat(app, upstream);
        try {
            Listener listener = proxy.listen(wanted, new Target.App(upstream));
            own.put(listener.address(), new Door(listener, upstream));
            closeAsSaid(app, upstream);
            return listener.address();
        } catch (ListenFailed e) {
            proxy.retire(upstream);
            proxy.forget(upstream);
            throw new AddressTaken(PortHolder.explain(wanted, e.errno()), e.errno());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AddressTaken(wanted + " was not opened: the daemon is stopping", 4);
        }
    }

    /// What was said of the app before it had this door.
    private void treat(AppName app, Upstream upstream) {
        closeAsSaid(app, upstream);
        Duration limit = holds.get(app);
        if (limit != null) {
            hold(upstream, limit);
        }
        AppRoutes known = routed.get(app);
        upstream.expect(known == null || known.expecting());
    }

    /// Again when the door is known: maintenance may have begun or ended while it was being opened.
    private void closeAsSaid(AppName app, Upstream upstream) {
        synchronized (closing) {
            upstream.close(closed.get(app));
        }
    }

    /// The app's workers, whatever they listen on: see [AppRoutes].
    @Override
    public Upstream of(Wanted wanted) {
        List<Upstream> made = new ArrayList<>(1);
        routes(wanted.app(), to -> made.add(to.of(wanted)));
        return made.getFirst();
    }

    @Override
    public void become(Set<Wanted> all) {
        Map<AppName, Set<Wanted>> byApp = all.stream().collect(Collectors.groupingBy(Wanted::app, Collectors.toSet()));
        Set<AppName> touched = new HashSet<>(routed.keySet());
        touched.addAll(byApp.keySet());
        touched.forEach(app -> routes(app, to -> to.become(byApp.getOrDefault(app, Set.of()))));
    }

    /// Does it in one step; an app of which nothing is left is forgotten.
    private void routes(AppName app, Consumer<AppRoutes> what) {
        routed.compute(app, (name, known) -> {
            AppRoutes to = known == null ? routesOf(name) : known;
            what.accept(to);
            return to.unused() ? null : to;
        });
    }

    private AppRoutes routesOf(AppName app) {
        return new AppRoutes(
                proxy,
                "app " + app,
                leaving.get(),
                Optional.ofNullable(closed.get(app)),
                Optional.ofNullable(holds.get(app)));
    }

    @Override
    public void admit(AppName app, Set<Endpoint> ready) {
        admit(app, ready, Optional.empty());
    }

    @Override
    public void admit(AppName app, Set<Endpoint> ready, Optional<Trial> trial) {
        io.pm2j.proxy.upstream.Trial onTrial =
                trial.map(ProxyTrafficGate::trial).orElse(null);
        routes(app, to -> to.admit(ready, onTrial));
        doors.getOrDefault(app, Map.of())
                .forEach((address, door) -> door.upstream().admit(at(address, ready), onTrial));
    }

    private static io.pm2j.proxy.upstream.Trial trial(Trial trial) {
        return switch (trial.share()) {
            case Share.Percent(int percent) -> new io.pm2j.proxy.upstream.Trial(trial.workers(), percent / 100.0, null);
            case Share.Cookie(String name, String value) ->
                new io.pm2j.proxy.upstream.Trial(
                        trial.workers(), 0, new io.pm2j.proxy.upstream.Trial.Mark(name, value));
        };
    }

    @Override
    public boolean isUnwell(AppName app, long worker) {
        return upstreams(app).stream()
                .flatMap(upstream -> upstream.endpoints().stream())
                .anyMatch(endpoint -> endpoint.id() == worker
                        && (!endpoint.well() || endpoint.ejectedFor().isPositive()));
    }

    @Override
    public void hold(AppName app, Duration limit) {
        holds.put(app, limit);
        routes(app, to -> to.hold(limit));
        doors.getOrDefault(app, Map.of()).values().forEach(door -> hold(door.upstream(), limit));
    }

    @Override
    public void forget(AppName app) {
        // Routes to it may stay; who owns an app of that name later says only what is not usual.
        hold(app, RolloutSpec.USUAL_HOLD);
        holds.remove(app);
    }

    static void hold(Upstream upstream, Duration limit) {
        QueueSpec now = upstream.spec().queue();
        upstream.describe(upstream.spec().withQueue(new QueueSpec(now.most(), now.mostBytes(), limit, now.ramp())));
    }

    /// Lets nobody in to `app`, by whatever listener or route, but whom `maintenance` lets in; nothing opens it again.
    public void close(AppName app, Optional<Admission> maintenance) {
        Admission closure = maintenance.orElse(null);
        synchronized (closing) {
            maintenance.ifPresentOrElse(how -> closed.put(app, how), () -> closed.remove(app));
            routes(app, to -> to.close(closure));
            doors.getOrDefault(app, Map.of())
                    .values()
                    .forEach(door -> door.upstream().close(closure));
        }
    }

    static Set<EndpointSpec> at(Address listener, Set<Endpoint> ready) {
        return ready.stream()
                .filter(endpoint -> endpoint.listener().equals(listener))
                .map(ProxyTrafficGate::spec)
                .collect(Collectors.toSet());
    }

    @Override
    public void expect(AppName app, boolean somebody) {
        routes(app, to -> to.expect(somebody));
        doors.getOrDefault(app, Map.of())
                .values()
                .forEach(door -> door.upstream().expect(somebody));
    }

    @Override
    public Drained awaitIdle(AppName app, long worker, Duration limit) throws InterruptedException {
        long startNanos = System.nanoTime();
        int inFlight = 0;
        for (Upstream upstream : upstreams(app)) {
            Duration left = limit.minusNanos(System.nanoTime() - startNanos);
            switch (upstream.awaitIdle(worker, left.isNegative() ? Duration.ZERO : left)) {
                case io.pm2j.proxy.upstream.Drained.Idle _ -> {
                    // this one has nothing left
                }
                case io.pm2j.proxy.upstream.Drained.TimedOut(int count) -> inFlight += count;
            }
        }
        return inFlight == 0
                ? new Drained.Idle(Duration.ofNanos(System.nanoTime() - startNanos))
                : new Drained.TimedOut(inFlight);
    }

    @Override
    public Drained awaitAnswered(AppName app, long worker, Duration limit) throws InterruptedException {
        long startNanos = System.nanoTime();
        int inFlight = 0;
        int streams = 0;
        for (Upstream upstream : upstreams(app)) {
            Duration left = limit.minusNanos(System.nanoTime() - startNanos);
            if (upstream.awaitAnswered(worker, left.isNegative() ? Duration.ZERO : left)
                    instanceof io.pm2j.proxy.upstream.Drained.TimedOut(int count)) {
                inFlight += count;
            }
            streams += upstream.streams(worker);
        }
        if (streams > 0) {
            return new Drained.Streaming(streams);
        }
        // What is idle is to be closed too.
        return inFlight == 0
                ? awaitIdle(app, worker, limit.minusNanos(System.nanoTime() - startNanos))
                : new Drained.TimedOut(inFlight);
    }

    @Override
    public void endStreams(AppName app, long worker, Duration over) {
        upstreams(app).forEach(upstream -> upstream.endStreams(worker, over));
    }

    @Override
    public int ask(Endpoint endpoint, String path, Duration limit) throws InterruptedException {
        CompletableFuture<ProbeResult> answer =
                proxy.prober().ask(origin(endpoint), path, limit).toCompletableFuture();
        try {
            return answer.get(limit.toMillis() + 1_000, TimeUnit.MILLISECONDS)
                            instanceof ProbeResult.Answered(int status, Duration _)
                    ? status
                    : 0;
        } catch (ExecutionException | TimeoutException e) {
            return 0;
        }
    }

    private List<Upstream> upstreams(AppName app) {
        AppRoutes to = routed.get(app);
        List<Upstream> all = to == null ? new ArrayList<>() : to.upstreams();
        doors.getOrDefault(app, Map.of()).values().forEach(door -> all.add(door.upstream()));
        return all;
    }

    /// Opens nothing any more and closes what is open, then waits until what is in flight is answered: the daemon is
    /// to stop.
    public void shut(Duration limit) throws InterruptedException {
        shut = true;
        proxy.stopAccepting();
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        List<Upstream> all = new ArrayList<>();
        routed.values().forEach(to -> all.addAll(to.upstreams()));
        doors.values().forEach(own -> own.values().forEach(door -> all.add(door.upstream())));
        for (Upstream upstream : all) {
            long left = Math.max(0, deadlineNanos - System.nanoTime());
            io.pm2j.proxy.upstream.Drained _ = upstream.awaitQuiet(Duration.ofNanos(left));
        }
        // Those that servers outside, files or the edge itself answer, and the last bytes of all.
        int _ = proxy.awaitAnswered(Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime())));
    }

    @Override
    public void keep(AppName app, Set<Address> listeners) {
        Map<Address, Door> own = doors.get(app);
        if (own == null) {
            return;
        }
        Map<Address, Door> gone = new HashMap<>(own);
        gone.keySet().removeAll(listeners);
        gone.forEach((address, door) -> {
            // Still admitted where a worker listens on there, and waited for: what is under way goes on.
            routes(app, to -> to.closed(address, door.upstream()));
            own.remove(address);
            door.listener().close();
        });
        if (own.isEmpty()) {
            doors.remove(app);
        }
    }

    /// The kernel would say no more than "in use", and name this daemon as the holder.
    private void refuseOtherAppsPort(AppName app, Address wanted) throws AddressTaken {
        for (Map.Entry<AppName, Map<Address, Door>> other : doors.entrySet()) {
            if (!other.getKey().equals(app) && clashes(other.getValue().keySet(), wanted)) {
                throw new AddressTaken(wanted + " is in use by the app " + other.getKey(), 98);
            }
        }
    }

    private static boolean clashes(Set<Address> open, Address wanted) {
        return open.stream().anyMatch(address -> switch (address) {
            case Address.Unix _ -> address.equals(wanted);
            case Address.Tcp(String host, int port) ->
                wanted instanceof Address.Tcp(String wantedHost, int wantedPort)
                        && port == wantedPort
                        && (host.equals(wantedHost) || isAny(host) || isAny(wantedHost));
        });
    }

    private static boolean isAny(String host) {
        return host.equals("::") || host.equals("0.0.0.0");
    }

    static EndpointSpec spec(Endpoint endpoint) {
        return new EndpointSpec(endpoint.worker(), origin(endpoint), 1, String.valueOf(endpoint.instance()));
    }

    private static Origin origin(Endpoint endpoint) {
        return switch (endpoint.reach()) {
            case Reach.At(Address address) -> new Origin.At(address);
            case Reach.Handed(Reach.Handover handover) -> new Origin.Dialed(handover::connect);
        };
    }
}
