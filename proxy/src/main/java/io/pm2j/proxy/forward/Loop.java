package io.pm2j.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import io.netty.channel.unix.FileDescriptor;
import io.pm2j.proxy.http.HeadScanner;
import io.pm2j.proxy.http.RequestHead;
import io.pm2j.proxy.http.ResponseHead;
import io.pm2j.proxy.http.Tokens;
import io.pm2j.proxy.measure.LoopLatencies;
import io.pm2j.proxy.preface.ProxyHeader;
import io.pm2j.proxy.tls.Tls;
import io.pm2j.proxy.transport.Transport;
import io.pm2j.proxy.upstream.Endpoint;
import io.pm2j.proxy.upstream.LoopAgent;
import io.pm2j.proxy.upstream.Upstream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What one event loop owns: buffers, pools, the clock. Touched by that loop alone,
/// except where a method says otherwise.
public final class Loop implements LoopAgent {
    static final Logger LOG = LoggerFactory.getLogger(Loop.class);
    /// A tick that comes later than this says that the whole process was stopped, or the loop starved.
    private static final long MOST_MISSED_MS = 2_000;
    private static final int TICKS_TO_SWEEP = 64;
    /// With more than this waiting to be sent, reads become small: thousands of slow readers must not fill the memory.
    private static final long MOST_KEPT = 8 * 1024 * 1024;

    final int index;
    final EventLoop events;
    final ProxyOptions options;
    final Transport transport;
    final Tally tally = new Tally();
    final RetryBudget retries;
    final EpollTcpInfo tcpInfo = new EpollTcpInfo();
    final Limits limits;
    final Deadlines deadlines;
    /// How often a queue that does not empty is looked at.
    final long writeLookMs;
    /// A copy of the head being scanned.
    final byte[] scratch;
    /// The head being built, with as much of the body as is at hand.
    final ByteBuf out = Unpooled.directBuffer(256 * 1024, 256 * 1024);

    final RequestHead request = new RequestHead();
    final ResponseHead response = new ResponseHead();
    final HeadScanner scanner;
    /// The request head at hand, as routes and rules look at it.
    final RequestReading reading = new RequestReading();
    final Splice splice;
    private final SharedReadBuffer readBuffer = new SharedReadBuffer(this::isLaden);
    private final Map<Endpoint, ArrayDeque<UpstreamConnection>> pools = new HashMap<>();
    private final List<ClientConnection> clients = new ArrayList<>();
    /// What stands in the place of a client, or of several.
    final Set<Front> fronts = new HashSet<>();
    /// Idle connections that belong to one client each, because they began with its name.
    private final Map<Endpoint, Set<UpstreamConnection>> owned = new HashMap<>();
    /// Connections on which something goes on until somebody ends it.
    private final Map<Endpoint, Set<UpstreamConnection>> streams = new HashMap<>();
    private long nowMs = 1_000_000;
    private long tickedNanos = System.nanoTime();
    private int ticks;
    private @Nullable ScheduledFuture<?> ticking;
    private @Nullable LoopLatencies latencies;
    /// Memory of what waits to be sent on all connections.
    private long kept;
    /// No request is begun: all is to be handed to the next program.
    boolean resting;
    /// What cannot be handed on is to end with its next answer.
    boolean leaving;

    public Loop(int index, EventLoop events, ProxyOptions options, Transport transport) {
        this.index = index;
        this.events = events;
        this.options = options;
        this.transport = transport;
        splice = new Splice(options.splice());
        limits = Limits.of(options);
        deadlines = new Deadlines(nowMs);
        retries = new RetryBudget(nowMs);
        writeLookMs = Math.max(
                1, Math.min(limits.clientWriteMs(), Math.min(limits.steps().idleMs(), 60_000)) / 4);
        scratch = new byte[options.maxHeadBytes() + Tokens.PADDING];
        scanner = new HeadScanner(options.maxRequestLine(), options.maxFields());
    }

    /// Any thread, before the first connection; what takes long is recorded into `into`.
    public void start(LoopLatencies into) {
        latencies = into;
        ticking =
                events.scheduleWithFixedDelay(this::tick, Deadlines.TICK_MS, Deadlines.TICK_MS, TimeUnit.MILLISECONDS);
    }

    /// Any thread: stops the clock and closes every connection of this loop.
    public void close() {
        ScheduledFuture<?> tick = ticking;
        if (tick != null) {
            tick.cancel(false);
        }
        try {
            events.execute(() -> {
                List.copyOf(fronts).forEach(Front::close);
                new ArrayList<>(clients).forEach(Wire::cut);
                closePools();
                splice.close();
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("the loop has ended with its connections", e);
        }
    }

    // ---- handing on ----------------------------------------------------------------------------------

    /// On this loop: begins no request from now on; what is under way goes on, but for event
    /// streams, whose clients come back by themselves.
    public void rest() {
        resting = true;
        List.copyOf(clients).forEach(ClientConnection::rest);
        List.copyOf(fronts).forEach(front -> front.rest(true));
        for (Set<UpstreamConnection> some : List.copyOf(streams.values())) {
            List.copyOf(some).stream().filter(UpstreamConnection::eventStream).forEach(UpstreamConnection::endStream);
        }
    }

    /// Any thread: has connections of TLS end with their next answer, or not any more; how many there are. The next
    /// program cannot go on with them.
    public CompletionStage<Integer> leave(boolean on) {
        CompletableFuture<Integer> count = new CompletableFuture<>();
        try {
            events.execute(() -> {
                leaving = on;
                List<Front> several = fronts.stream().filter(Front::toLeave).toList();
                if (on) {
                    several.forEach(Front::leave);
                }
                count.complete(several.size()
                        + (int) clients.stream()
                                .filter(ClientConnection::toLeave)
                                .count());
            });
        } catch (RejectedExecutionException e) {
            count.complete(0);
        }
        return count;
    }

    /// On this loop: as before the rest.
    public void goOn() {
        resting = false;
        leaving = false;
        fronts.forEach(front -> front.rest(false));
        List.copyOf(clients).forEach(ClientConnection::goOn);
    }

    /// On this loop: how many connections have something under way.
    public int busy() {
        int count = 0;
        for (ClientConnection client : clients) {
            count += client.isOpen() && !client.rests() ? 1 : 0;
        }
        for (Front front : fronts) {
            count += front.isOpen() && !front.rests() ? 1 : 0;
        }
        return count;
    }

    /// On this loop: ends the connections that have something under way.
    public void cutBusy() {
        for (ClientConnection client : List.copyOf(clients)) {
            if (!client.rests()) {
                client.cut();
            }
        }
        List.copyOf(fronts).stream().filter(front -> !front.rests()).forEach(Front::close);
    }

    /// On this loop: its connections, each with the listener it came by.
    public void handOn(BiConsumer<ListenerState, Resting> to) {
        for (Front front : fronts) {
            if (front.isOpen()) {
                to.accept(front.listener, front.handOn());
            }
        }
        for (ClientConnection client : clients) {
            if (client.isOpen()) {
                to.accept(client.listener(), client.handOn());
            }
        }
    }

    /// On this loop: goes on with a connection of the program before; `find` finds an upstream
    /// by its name.
    public void takeUp(Resting from, ListenerState listener, Function<String, Upstream> find) {
        Channel channel;
        try {
            channel = from.unix() ? new EpollDomainSocketChannel(from.fd()) : new EpollSocketChannel(from.fd());
        } catch (RuntimeException e) {
            close(from.fd());
            closeOther(from.through().orElse(null));
            throw e;
        }
        channel.config().setAutoRead(false);
        try {
            takeUp(from, channel, listener, find);
        } catch (RuntimeException e) {
            channel.unsafe().closeForcibly();
            throw e;
        }
    }

    private void takeUp(Resting from, Channel channel, ListenerState listener, Function<String, Upstream> find) {
        if (from.at() == Resting.At.PREFACE) {
            PrefaceGate gate = new PrefaceGate(this, listener);
            channel.pipeline().addLast(gate);
            events.register(channel);
            if (channel.isActive()) {
                gate.takeUp(from.held());
                channel.config().setAutoRead(true);
            } else {
                channel.close();
            }
            return;
        }
        ProxyHeader.Named named = from.told()
                .map(told -> new ProxyHeader.Named(0, told.source(), told.destination()))
                .orElse(null);
        ClientConnection client = new ClientConnection(this, listener, named, null);
        client.handedOn = true;
        channel.pipeline().addLast(client);
        events.register(channel);
        Resting.Through through = from.through().orElse(null);
        if (!channel.isActive()) {
            // Its client has reset it meanwhile.
            channel.close();
            closeOther(through);
        } else if (through == null) {
            client.takeUp(from);
        } else {
            takeUp(through, client, find.apply(through.upstream()));
        }
    }

    private void takeUp(Resting.Through through, ClientConnection client, Upstream upstream) {
        Endpoint endpoint = upstream.inherit(index, through.endpoint());
        UpstreamConnection other;
        try {
            other = UpstreamConnection.takeUp(this, endpoint, client, through);
        } catch (RuntimeException e) {
            endpoint.release(index);
            closeOther(through);
            throw e;
        }
        if (other.channel().isActive()) {
            client.takeUp(through, other);
        } else {
            other.abandon();
            client.channel().close();
        }
    }

    private static void closeOther(Resting.@Nullable Through through) {
        if (through != null) {
            close(through.fd());
        }
    }

    private static void close(int fd) {
        try {
            new FileDescriptor(fd).close();
        } catch (IOException e) {
            LOG.debug("descriptor {}", fd, e);
        }
    }

    /// Any thread: does it on this loop, or not at all when that has ended.
    void run(Runnable what) {
        try {
            events.execute(what);
        } catch (RejectedExecutionException e) {
            LOG.debug("the loop has ended with its connections", e);
        }
    }

    /// Its number among the loops.
    public int index() {
        return index;
    }

    LoopLatencies latencies() {
        LoopLatencies known = latencies;
        if (known == null) {
            throw new IllegalStateException("not started");
        }
        return known;
    }

    public EventLoop events() {
        return events;
    }

    public Tally tally() {
        return tally;
    }

    /// Has `channel` read into the buffer of this loop where it can; `wire` is whose splicing comes before a read.
    void reads(Channel channel, @Nullable Wire wire) {
        if (transport.readsAtOnce()) {
            channel.config().setRecvByteBufAllocator(readBuffer.of(wire));
        }
    }

    /// So many more bytes, or fewer, wait to be sent.
    void kept(long more) {
        kept += more;
    }

    private boolean isLaden() {
        return kept > MOST_KEPT;
    }

    /// Adds a freshly accepted channel of this loop.
    public void accepted(Channel channel, ListenerState listener) {
        Tls tls = listener.options().tls().orElse(null);
        channel.pipeline()
                .addLast(
                        listener.options().acceptProxy()
                                ? new PrefaceGate(this, listener)
                                : tls != null
                                        ? new TlsGate(this, listener, tls, null)
                                        : new ClientConnection(this, listener, null, null));
    }

    /// Milliseconds of a monotonic clock, as of the last tick: coarse and free.
    long nowMs() {
        return nowMs;
    }

    /// The clock at the next tick: what begins now counts from here, so that no deadline comes early.
    long soonMs() {
        return nowMs + Deadlines.TICK_MS;
    }

    void add(ClientConnection client) {
        client.slot = clients.size();
        clients.add(client);
    }

    /// The last client takes the place of the one that leaves.
    void remove(ClientConnection client) {
        int slot = client.slot;
        if (slot < 0) {
            return;
        }
        client.slot = -1;
        ClientConnection last = clients.removeLast();
        if (last != client) {
            clients.set(slot, last);
            last.slot = slot;
        }
    }

    private void tick() {
        long nanos = System.nanoTime();
        long passedMs = (nanos - tickedNanos) / 1_000_000;
        tickedNanos += passedMs * 1_000_000;
        if (passedMs > MOST_MISSED_MS) {
            // Nobody out there is to blame for the time we were away; but workers may have closed idle connections.
            closePools();
            passedMs = MOST_MISSED_MS;
        }
        nowMs += passedMs;
        deadlines.advance(nowMs);
        if (++ticks % TICKS_TO_SWEEP == 0) {
            pools.values().removeIf(ArrayDeque::isEmpty);
        }
    }

    private void closePools() {
        List.copyOf(pools.values())
                .forEach(pool -> List.copyOf(pool).forEach(u -> u.channel().close()));
        List.copyOf(owned.values())
                .forEach(some -> List.copyOf(some).forEach(u -> u.channel().close()));
    }

    /// Any thread: how many clients have a request under way, streams aside; none when the loop has ended.
    public CompletionStage<Integer> underWay() {
        CompletableFuture<Integer> count = new CompletableFuture<>();
        try {
            events.execute(() -> count.complete(
                    (int) clients.stream().filter(ClientConnection::underWay).count()));
        } catch (RejectedExecutionException e) {
            count.complete(0);
        }
        return count;
    }

    /// Any thread: how many clients have a request under way that began before `nanos`, streams aside; none when the
    /// loop has ended.
    public CompletionStage<Integer> underWaySince(long nanos) {
        CompletableFuture<Integer> count = new CompletableFuture<>();
        try {
            events.execute(() -> count.complete((int) clients.stream()
                    .filter(client -> client.underWaySince(nanos))
                    .count()));
        } catch (RejectedExecutionException e) {
            count.complete(0);
        }
        return count;
    }

    /// Any thread: how many streams there are; none when the loop has ended.
    public CompletionStage<Integer> streams() {
        CompletableFuture<Integer> count = new CompletableFuture<>();
        try {
            events.execute(() ->
                    count.complete(streams.values().stream().mapToInt(Set::size).sum()));
        } catch (RejectedExecutionException e) {
            count.complete(0);
        }
        return count;
    }

    /// Any thread: ends all streams, now.
    public void endStreams() {
        run(() -> List.copyOf(streams.values())
                .forEach(some -> List.copyOf(some).forEach(UpstreamConnection::endStream)));
    }

    /// Any thread: closes the connections of `listener` on which nothing is under way.
    public void closeIdle(ListenerState listener) {
        try {
            events.execute(() -> {
                fronts.stream()
                        .filter(front -> front.listener == listener)
                        .toList()
                        .forEach(Front::leave);
                List.copyOf(clients).forEach(client -> client.listenerClosing(listener));
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("the loop has ended with its connections", e);
        }
    }

    /// The idle connection to `endpoint` used last, idle for less than `maxIdleMs`; null when there is none.
    @Nullable
    UpstreamConnection takeIdle(Endpoint endpoint, long maxIdleMs) {
        ArrayDeque<UpstreamConnection> pool = pools.get(endpoint);
        if (pool == null) {
            return null;
        }
        UpstreamConnection last = pool.peekLast();
        if (last == null || last.expired(nowMs) || nowMs - last.idleSince() >= maxIdleMs) {
            return null;
        }
        return pool.pollLast();
    }

    void putIdle(Endpoint endpoint, UpstreamConnection connection) {
        pools.computeIfAbsent(endpoint, e -> new ArrayDeque<>()).addLast(connection);
    }

    void putOwned(Endpoint endpoint, UpstreamConnection connection) {
        owned.computeIfAbsent(endpoint, e -> new HashSet<>()).add(connection);
    }

    void removeOwned(Endpoint endpoint, UpstreamConnection connection) {
        Set<UpstreamConnection> some = owned.get(endpoint);
        if (some != null && some.remove(connection) && some.isEmpty()) {
            owned.remove(endpoint);
        }
    }

    void putStream(Endpoint endpoint, UpstreamConnection connection) {
        streams.computeIfAbsent(endpoint, e -> new HashSet<>()).add(connection);
    }

    void removeStream(Endpoint endpoint, UpstreamConnection connection) {
        Set<UpstreamConnection> some = streams.get(endpoint);
        if (some != null && some.remove(connection) && some.isEmpty()) {
            streams.remove(endpoint);
        }
    }

    @Override
    public void endStreams(Endpoint endpoint, long overNanos) {
        run(() -> List.copyOf(streams.getOrDefault(endpoint, Set.of()))
                .forEach(stream -> after(
                        overNanos <= 0 ? 0 : ThreadLocalRandom.current().nextLong(overNanos), stream::endStream)));
    }

    void removeIdle(Endpoint endpoint, UpstreamConnection connection) {
        removeOwned(endpoint, connection);
        ArrayDeque<UpstreamConnection> pool = pools.get(endpoint);
        if (pool != null) {
            pool.remove(connection);
        }
    }

    @Override
    public void closeIdle(Endpoint endpoint, Runnable closed) {
        try {
            events.execute(() -> {
                ArrayDeque<UpstreamConnection> pool = pools.remove(endpoint);
                if (pool != null) {
                    // On its own loop a channel is closed when close() returns.
                    List.copyOf(pool).forEach(c -> c.channel().close());
                }
                Set<UpstreamConnection> ofClients = owned.remove(endpoint);
                if (ofClients != null) {
                    List.copyOf(ofClients).forEach(c -> c.channel().close());
                }
                closed.run();
            });
        } catch (RejectedExecutionException e) {
            closed.run();
        }
    }

    @Override
    public void wake(Upstream upstream) {
        try {
            events.execute(() -> upstream.serve(index));
        } catch (RejectedExecutionException e) {
            LOG.debug("nothing waits on a loop that has ended", e);
        }
    }

    @Override
    public void after(long nanos, Runnable task) {
        try {
            events.schedule(task, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("nothing is due on a loop that has ended", e);
        }
    }
}
