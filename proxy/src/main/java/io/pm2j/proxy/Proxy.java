package io.pm2j.proxy;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.EventExecutor;
import io.pm2j.config.Address;
import io.pm2j.config.spec.edge.AccessLogSpec;
import io.pm2j.proxy.accesslog.AccessLog;
import io.pm2j.proxy.accesslog.LineSink;
import io.pm2j.proxy.admission.Means;
import io.pm2j.proxy.client.TrustedProxies;
import io.pm2j.proxy.datagram.DatagramListener;
import io.pm2j.proxy.datagram.DatagramOptions;
import io.pm2j.proxy.forward.ListenerOptions;
import io.pm2j.proxy.forward.ListenerState;
import io.pm2j.proxy.forward.Loop;
import io.pm2j.proxy.forward.ProxyOptions;
import io.pm2j.proxy.forward.Resting;
import io.pm2j.proxy.forward.Routes;
import io.pm2j.proxy.forward.Target;
import io.pm2j.proxy.health.HealthWatch;
import io.pm2j.proxy.health.Prober;
import io.pm2j.proxy.listen.InheritedSockets;
import io.pm2j.proxy.listen.InheritedSockets.Opened;
import io.pm2j.proxy.listen.ListenFailed;
import io.pm2j.proxy.listen.ServerSockets;
import io.pm2j.proxy.listen.SocketKeeper;
import io.pm2j.proxy.measure.Latencies;
import io.pm2j.proxy.tls.TlsContexts;
import io.pm2j.proxy.transport.Transport;
import io.pm2j.proxy.upstream.QueueSpec;
import io.pm2j.proxy.upstream.StickyKey;
import io.pm2j.proxy.upstream.Upstream;
import io.pm2j.proxy.upstream.UpstreamSpec;
import io.pm2j.proxy.upstream.Watch;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The data path: listeners on Vert.x's own event loops, upstreams behind them.
public final class Proxy implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Proxy.class);
    private static final long LOOK_MS = 20;
    /// A request that takes longer may take very long.
    private static final Duration QUICK = Duration.ofMillis(200);

    private final Vertx vertx;
    private @Nullable Means means;
    private volatile @Nullable StickyKey stickyKey;
    private final List<Loop> loops;
    private final Transport transport;
    private final ProxyOptions options;
    private final Map<String, Upstream> upstreams = new ConcurrentHashMap<>();
    /// Those that have no name any more, until they are forgotten.
    private final Set<Upstream> retired = ConcurrentHashMap.newKeySet();

    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final List<DatagramListener> datagramListeners = new CopyOnWriteArrayList<>();
    private final ProxyCounters counters;
    private final Latencies latencies;
    private final List<Prober> probers;
    private final Watch.Maker health;
    private final InheritedSockets inherited;
    private final SocketKeeper keeper;
    private final TlsContexts tls;
    /// What is opened now accepts nothing yet.
    private volatile boolean standsStill;

    private Proxy(
            Vertx vertx,
            List<Loop> loops,
            Transport transport,
            ProxyOptions options,
            InheritedSockets inherited,
            SocketKeeper keeper) {
        this.inherited = inherited;
        this.keeper = keeper;
        standsStill = inherited.any();
        this.vertx = vertx;
        this.loops = loops;
        this.transport = transport;
        this.options = options;
        tls = new TlsContexts(loops.stream().map(Loop::events).toList());
        counters = new ProxyCounters(loops);
        latencies = new Latencies(loops.stream().map(Loop::events).toList());
        loops.forEach(loop -> loop.start(latencies.on(loop.index())));
        probers =
                loops.stream().map(loop -> new Prober(loop.events(), transport)).toList();
        health = HealthWatch.among(probers);
    }

    public static Proxy start(Vertx vertx, ProxyOptions options) {
        return start(vertx, options, InheritedSockets.none(), SocketKeeper.NONE);
    }

    /// One that listens with the sockets of the program before where it has some for an address;
    /// at those nothing is accepted before [#goOn]. `keeper` has all sockets as well.
    public static Proxy start(Vertx vertx, ProxyOptions options, InheritedSockets inherited, SocketKeeper keeper) {
        EventLoopGroup group = ((VertxInternal) vertx).nettyEventLoopGroup();
        Transport transport = Transport.of(vertx);
        List<Loop> loops = new ArrayList<>();
        for (EventExecutor executor : group) {
            loops.add(new Loop(loops.size(), (EventLoop) executor, options, transport));
        }
        return new Proxy(vertx, List.copyOf(loops), transport, options, inherited, keeper);
    }

    /// The upstream of that name; made on first use, always the same object.
    public Upstream upstream(String name) {
        return upstreams.computeIfAbsent(name, this::made);
    }

    /// Frees the name of an upstream to which nothing new leads; what it has under way goes on.
    public void retire(Upstream upstream) {
        retired.add(upstream);
        upstreams.remove(upstream.name(), upstream);
    }

    /// Of an upstream that was retired nothing is left.
    public void forget(Upstream upstream) {
        retired.remove(upstream);
    }

    /// How many upstreams there are, with those that have no name any more.
    public int upstreams() {
        return upstreams.size() + retired.size();
    }

    private Upstream made(String name) {
        Upstream upstream = new Upstream(described(name), loops, health);
        StickyKey key = stickyKey;
        if (key != null) {
            upstream.stick(key);
        }
        return upstream;
    }

    /// Signs the cookies of sessions with `key` from now on; for upstreams that are made later.
    public void stickBy(StickyKey key) {
        stickyKey = key;
    }

    /// As the options say, until it is described otherwise.
    private UpstreamSpec described(String name) {
        QueueSpec usual = QueueSpec.DEFAULT;
        return UpstreamSpec.named(name)
                .withQueue(new QueueSpec(options.maxWaiting(), usual.mostBytes(), options.holdTimeout(), usual.ramp()));
    }

    /// Who asks endpoints on the side, for a readiness check or a first request to warm up.
    public Prober prober() {
        return probers.getFirst();
    }

    /// Listens at `wanted`. Blocks: virtual threads only.
    ///
    /// @throws ListenFailed when the address cannot be had, with the system's error number
    public Listener listen(Address wanted, Target target) throws ListenFailed, InterruptedException {
        return listen(wanted, target, ListenerOptions.PLAIN);
    }

    /// As [#listen(Address, Target)], with PROXY headers on either side.
    ///
    /// @throws ListenFailed when the address cannot be had, with the system's error number
    public Listener listen(Address wanted, Target target, ListenerOptions with)
            throws ListenFailed, InterruptedException {
        ListenerState state = new ListenerState(target, with, latencies.routes());
        Optional<Opened> opened = inherited.take(wanted);
        ServerSockets sockets = opened.isPresent()
                ? ServerSockets.takeUp(opened.get(), loops, state)
                : ServerSockets.open(wanted, loops, transport, state);
        Listener listener = new Listener(sockets, state, loops, keeper);
        listener.keep();
        listeners.removeIf(former -> !former.open());
        listeners.add(listener);
        listener.accepting(!standsStill);
        if (!standsStill) {
            // It may have been over in between.
            listener.accepting(true);
        }
        return listener;
    }

    /// Receives datagrams at `wanted` and passes them to `upstream`, each client's to one
    /// endpoint, and the answers back. Blocks: virtual threads only.
    ///
    /// @throws ListenFailed when the address cannot be had, with the system's error number
    public DatagramListener datagrams(Address.Tcp wanted, Upstream upstream, DatagramOptions with)
            throws ListenFailed, InterruptedException {
        Optional<Opened> opened = inherited.takeDatagrams(wanted);
        DatagramListener listener = opened.isPresent()
                ? DatagramListener.takeUp(opened.get(), loops, transport, upstream, with)
                : DatagramListener.open(wanted, loops, transport, upstream, with);
        listener.keep(keeper);
        datagramListeners.removeIf(former -> !former.open());
        datagramListeners.add(listener);
        if (!standsStill) {
            listener.receiving(true);
        }
        return listener;
    }

    /// Makes what listeners speak TLS with.
    public TlsContexts tls() {
        return tls;
    }

    /// Has connections of TLS end with their next answer, since no other program can go on with
    /// them, and waits until those that have had one are gone, it is `off`, or `limit` has passed.
    /// It ends with [Standstill#goOn]. Blocks: virtual threads only.
    public void leave(Duration limit, BooleanSupplier off) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        try {
            while (leave(true) > 0 && System.nanoTime() - deadlineNanos < 0 && !off.getAsBoolean()) {
                Thread.sleep(LOOK_MS);
            }
        } catch (InterruptedException e) {
            int _ = leave(false);
            throw e;
        }
    }

    private int leave(boolean on) {
        int left = 0;
        for (Loop loop : loops) {
            left += loop.leave(on).toCompletableFuture().join();
        }
        return left;
    }

    /// How sockets are driven.
    public Transport transport() {
        return transport;
    }

    /// Waits, while everything goes on, for a moment in which no request is under way that takes long: at a standstill
    /// those that come would have to wait for it. Blocks: virtual threads only.
    ///
    /// @return whether there was one before `limit` had passed, or it was `off`
    public boolean awaitCalm(Duration limit, BooleanSupplier off) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        for (; ; ) {
            long now = System.nanoTime();
            int slow = 0;
            for (Loop loop : loops) {
                slow += loop.underWaySince(now - QUICK.toNanos())
                        .toCompletableFuture()
                        .join();
            }
            if (slow == 0) {
                return true;
            }
            if (now - deadlineNanos >= 0 || off.getAsBoolean()) {
                return false;
            }
            Thread.sleep(LOOK_MS);
        }
    }

    /// Has the edge come to rest, to be handed to the next program. Blocks: virtual threads only.
    public Standstill standStill() throws InterruptedException {
        Standstill still = new Standstill(loops, listeners, datagramListeners, () -> standsStill = false);
        standsStill = true;
        try {
            still.begin();
        } catch (InterruptedException | RuntimeException e) {
            still.goOn();
            throw e;
        }
        return still;
    }

    /// Of what was handed on, the addresses at which nothing is open here. Call it before
    /// [#goOn].
    public List<Address> missing(HandedEdge handed) {
        Set<Address> streams = new HashSet<>();
        listeners.stream().filter(Listener::open).forEach(one -> streams.add(one.address()));
        Set<Address> datagrams = new HashSet<>();
        datagramListeners.stream().filter(DatagramListener::open).forEach(one -> datagrams.add(one.address()));
        List<Address> missing = new ArrayList<>();
        handed.doors().stream()
                .map(door -> door.opened().address())
                .filter(address -> !streams.contains(address))
                .forEach(missing::add);
        handed.datagrams().stream()
                .map(Opened::address)
                .filter(address -> !datagrams.contains(address))
                .forEach(missing::add);
        return missing;
    }

    /// Goes on with the connections that the program before has handed on, and accepts from now
    /// on. Call it once all listeners are open and what they lead to is admitted.
    public void goOn(HandedEdge handed) {
        Map<Address, ListenerState> by = new HashMap<>();
        listeners.forEach(listener -> by.put(listener.address(), listener.state()));
        standsStill = false;
        for (HandedEdge.Door door : handed.doors()) {
            ListenerState state = by.get(door.opened().address());
            door.clients().forEach(client -> takeUp(client, state));
        }
        ListenerState closed = closed();
        handed.stranded().forEach(client -> takeUp(client, closed));
        goOn();
        closeLeft();
    }

    /// Accepts from now on, after a program that was killed. Listeners may still be opened with
    /// its sockets, until [#closeLeft].
    public void goOn() {
        standsStill = false;
        listeners.forEach(listener -> listener.accepting(true));
        datagramListeners.forEach(listener -> listener.receiving(true));
    }

    /// Closes the sockets of the program before that nobody has listened with.
    public void closeLeft() {
        inherited
                .left()
                .forEach((kind, all) -> all.forEach(opened -> {
                    LOG.warn("nobody listens at {} any more", opened.address());
                    keeper.release(kind, opened.address());
                    opened.sockets().forEach(fd -> close(fd));
                }));
    }

    /// What those have in common whose listener was closed before: nothing but that it is.
    private ListenerState closed() {
        Routes none = new Routes(List.of(), null, TrustedProxies.NONE);
        ListenerState state = new ListenerState(new Target.Routed(none), ListenerOptions.PLAIN, latencies.routes());
        state.startClosing();
        return state;
    }

    private void takeUp(Resting client, @Nullable ListenerState state) {
        Loop loop = loops.get(client.loop() % loops.size());
        loop.events().execute(() -> takeUp(client, state, loop));
    }

    private void takeUp(Resting client, @Nullable ListenerState state, Loop loop) {
        if (state == null) {
            close(client.fd());
            client.through().ifPresent(through -> close(through.fd()));
            return;
        }
        try {
            loop.takeUp(client, state, this::known);
        } catch (RuntimeException e) {
            LOG.warn("a client's connection could not be taken up", e);
        }
    }

    /// The upstream of that name, or, where it has none any more, one that nothing new leads to.
    private Upstream known(String name) {
        Upstream upstream = upstreams.get(name);
        return upstream == null ? made(name) : upstream;
    }

    private static void close(int fd) {
        try {
            new FileDescriptor(fd).close();
        } catch (IOException e) {
            LOG.debug("descriptor {}", fd, e);
        }
    }

    public ProxyCounters counters() {
        return counters;
    }

    /// How long requests took.
    public Latencies latencies() {
        return latencies;
    }

    /// An access log with a part for each event loop, by the loops' index.
    public AccessLog openAccessLog(AccessLogSpec spec, LineSink sink) {
        return AccessLog.open(spec, sink, loops.stream().map(Loop::events).toList());
    }

    /// What admission needs of the process; made for the first route.
    public synchronized Means means() {
        Means known = means;
        if (known == null) {
            known = Means.start(vertx);
            means = known;
        }
        return known;
    }

    /// How many requests wait for an endpoint, in all upstreams.
    public int waiting() {
        return upstreams.values().stream().mapToInt(Upstream::waiting).sum()
                + retired.stream().mapToInt(Upstream::waiting).sum();
    }

    /// Accepts nothing more. Idle connections are closed at once, the others when their request is answered.
    public void stopAccepting() {
        listeners.forEach(Listener::close);
        datagramListeners.forEach(DatagramListener::endSoon);
    }

    /// Waits until all requests of all clients are answered, whoever answers them, and the answers have left; streams
    /// are not waited for. After [#stopAccepting] that stays so. Blocks: virtual threads only.
    ///
    /// @return how many were not answered when `limit` had passed
    public int awaitAnswered(Duration limit) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        for (; ; ) {
            int underWay = 0;
            for (Loop loop : loops) {
                underWay += loop.underWay().toCompletableFuture().join();
            }
            if (underWay == 0 || System.nanoTime() - deadlineNanos >= 0) {
                return underWay;
            }
            Thread.sleep(LOOK_MS);
        }
    }

    /// Ends all streams, whoever is at their other end: a WebSocket is told 1001, going away, an event stream ends
    /// between two events. Blocks: virtual threads only.
    ///
    /// @return how many had not ended when `limit` had passed
    public int endStreams(Duration limit) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        loops.forEach(Loop::endStreams);
        for (; ; ) {
            int left = 0;
            for (Loop loop : loops) {
                left += loop.streams().toCompletableFuture().join();
            }
            long leftNanos = deadlineNanos - System.nanoTime();
            if (left == 0) {
                // The last bytes may not have left yet.
                return awaitAnswered(Duration.ofNanos(Math.max(0, leftNanos)));
            }
            if (leftNanos <= 0) {
                return left;
            }
            Thread.sleep(LOOK_MS);
        }
    }

    /// Closes the listeners and every connection.
    @Override
    public synchronized void close() {
        if (means != null) {
            means.close();
        }
        listeners.forEach(Listener::close);
        datagramListeners.forEach(DatagramListener::close);
        loops.forEach(Loop::close);
    }
}
