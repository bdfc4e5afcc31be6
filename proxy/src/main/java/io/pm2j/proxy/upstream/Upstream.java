package io.pm2j.proxy.upstream;

import io.pm2j.config.Address;
import io.pm2j.proxy.admission.Admission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A named set of endpoints. Requests that find none free wait in line until there is one.
///
/// Claims read one volatile picture of the set. Everything that changes it, [#admit], [#describe],
/// an ejection, is done under the lock and publishes a new picture.
public final class Upstream {
    private static final Endpoint[] NONE = {};
    /// An endpoint nobody waited for is forgotten after this time; its idle connections are long gone.
    private static final long FORGET_NANOS = TimeUnit.MINUTES.toNanos(2);
    /// So many for each endpoint are let go at once before a ramp begins.
    private static final int AT_ONCE = 32;
    /// After an ejection an endpoint gets its share back over this time, unless a slow start is wished for.
    private static final long PROBATION_NANOS = TimeUnit.SECONDS.toNanos(10);

    /// Of an endpoint that only keeps what it has.
    private static final Origin NOWHERE = new Origin.At(new Address.Unix("/nowhere"));

    private final List<? extends LoopAgent> loops;
    private final Watch.Maker watches;
    private final Map<Long, Endpoint> known = new HashMap<>();
    private final Lines lines;
    private volatile UpstreamSpec spec;
    private volatile Picture picture;
    private volatile boolean expected = true;
    private volatile @Nullable Sessions sessions;
    private volatile @Nullable Admission closure;
    private List<Endpoint> admitted = List.of();
    private @Nullable Trial trial;
    private long ejections;

    /// What a claim goes by: who is given requests, and who belongs to the set.
    private record Picture(
            Endpoint[] set,
            Endpoint[] members,
            Balancer balancer,
            @Nullable Lanes lanes) {
        @Nullable
        Endpoint pick(int loop, long key, @Nullable Endpoint avoid, boolean onTrial) {
            Lanes two = lanes;
            return two == null ? balancer.pick(loop, set, key, avoid) : two.pick(balancer, loop, key, avoid, onTrial);
        }
    }

    public Upstream(UpstreamSpec spec, List<? extends LoopAgent> loops, Watch.Maker watches) {
        this.spec = spec;
        this.loops = loops;
        this.watches = watches;
        lines = new Lines(this, loops);
        picture = new Picture(NONE, NONE, new Balancer(spec.balance()), null);
    }

    /// With nobody who looks at the endpoints' health.
    public Upstream(UpstreamSpec spec, List<? extends LoopAgent> loops) {
        this(spec, loops, (upstream, endpoint) -> Watch.NONE);
    }

    public String name() {
        return spec.name();
    }

    public UpstreamSpec spec() {
        return spec;
    }

    // ---- what it is ------------------------------------------------------------------------------

    /// Becomes what `wanted` says; its endpoints, their leases and who waits stay.
    public synchronized void describe(UpstreamSpec wanted) {
        boolean sameHealth = spec.health().equals(wanted.health());
        spec = wanted;
        for (Endpoint endpoint : admitted) {
            if (!sameHealth) {
                endpoint.well = true;
                endpoint.watch().admitted(wanted);
            }
        }
        publish(new Balancer(wanted.balance()));
    }

    /// From now on sessions that stick are told by cookies made with `key`.
    public void stick(StickyKey key) {
        sessions = new Sessions(name(), key);
    }

    /// Makes `ready` the exact set that may be given new requests. Once this returns, no new lease
    /// goes to an endpoint left out. The last call wins.
    public void admit(Set<EndpointSpec> ready) {
        admit(ready, null);
    }

    /// As [#admit(Set)], some of them on trial.
    public synchronized void admit(Set<EndpointSpec> ready, @Nullable Trial onTrial) {
        trial = onTrial;
        long now = System.nanoTime();
        List<Endpoint> next = new ArrayList<>(ready.size());
        for (EndpointSpec one : ready) {
            Endpoint endpoint = known.computeIfAbsent(one.id(), id -> endpoint(one));
            endpoint.become(one);
            next.add(endpoint);
        }
        List<Endpoint> before = admitted;
        admitted = next;
        for (Endpoint endpoint : next) {
            if (!endpoint.admitted()) {
                endpoint.well = true;
                endpoint.ejected = false;
                endpoint.warmUp(now, TimeUnit.NANOSECONDS.convert(spec.balance().slowStart()));
                endpoint.admit();
                endpoint.watch().admitted(spec);
            }
        }
        for (Endpoint endpoint : before) {
            if (!next.contains(endpoint)) {
                endpoint.leaveOut(now);
                endpoint.watch().leftOut();
            }
        }
        publish(picture.balancer());
        known.values().removeIf(e -> !e.admitted() && e.inFlight() == 0 && now - e.leftOutAtNanos > FORGET_NANOS);
    }

    private Endpoint endpoint(EndpointSpec one) {
        Endpoint made = new Endpoint(one, loops.size(), lines, name());
        made.watchedBy(watches.of(this, made));
        return made;
    }

    /// Lets nobody in from now on but whom `maintenance` lets in; null opens it again. What is in flight goes on.
    public void close(@Nullable Admission maintenance) {
        closure = maintenance;
    }

    /// Who is let in while it is closed; null when it is open.
    public @Nullable Admission closure() {
        return closure;
    }

    // ---- who may be given requests ---------------------------------------------------------------

    /// Lets those who wait go: some at once, and then more and more of them, so that who waits
    /// now has gone after the queue's `ramp`. Newcomers queue up behind until nobody waits.
    private void rampUp() {
        Duration ramp = spec.queue().ramp();
        int atOnce = AT_ONCE * Math.max(1, admitted.size());
        int waiting = lines.waiting();
        if (waiting > atOnce && ramp.isPositive()) {
            lines.rampUp(new Ramp(System.nanoTime(), TimeUnit.NANOSECONDS.convert(ramp), atOnce, waiting));
        }
    }

    /// Gives `endpoint` nothing for `nanos`, because requests failed there: unless too few would be left.
    public synchronized void eject(Endpoint endpoint, long nanos) {
        if (!endpoint.admitted()) {
            return;
        }
        endpoint.ejected = true;
        endpoint.ejectedUntilNanos = System.nanoTime() + nanos;
        ejections++;
        publish(picture.balancer());
        loops.getFirst().after(nanos, () -> ejectionOver(endpoint));
    }

    private synchronized void ejectionOver(Endpoint endpoint) {
        if (endpoint.ejected && endpoint.ejectedUntilNanos - System.nanoTime() <= 0) {
            endpoint.ejected = false;
            warmUpAgain(endpoint);
            publish(picture.balancer());
        }
    }

    /// Whether probes find `endpoint` well.
    public synchronized void well(Endpoint endpoint, boolean well) {
        if (endpoint.well != well && endpoint.admitted()) {
            endpoint.well = well;
            if (well) {
                warmUpAgain(endpoint);
            }
            publish(picture.balancer());
        }
    }

    private void warmUpAgain(Endpoint endpoint) {
        long wished = TimeUnit.NANOSECONDS.convert(spec.balance().slowStart());
        endpoint.warmUp(System.nanoTime(), wished > 0 ? wished : PROBATION_NANOS);
    }

    /// When fewer than half are well, all count: rather an endpoint that may be bad than the load of
    /// all on a few; and the last one is never taken out.
    private void publish(Balancer balancer) {
        List<Endpoint> weighty =
                admitted.stream().filter(e -> e.spec().weight() > 0).toList();
        boolean all = 2 * weighty.stream().filter(Upstream::fit).count() < weighty.size();
        List<Endpoint> next = new ArrayList<>(admitted.size());
        for (Endpoint endpoint : admitted) {
            boolean may = all || fit(endpoint);
            endpoint.open(may);
            if (may && endpoint.spec().weight() > 0) {
                next.add(endpoint);
            }
        }
        boolean wasEmpty = picture.set().length == 0;
        if (wasEmpty && !next.isEmpty()) {
            rampUp();
        }
        Trial terms = trial;
        picture = new Picture(
                next.toArray(NONE), admitted.toArray(NONE), balancer, terms == null ? null : Lanes.of(terms, next));
        lines.wakeAll();
    }

    private static boolean fit(Endpoint endpoint) {
        return endpoint.well && !endpoint.ejected;
    }

    // ---- draining --------------------------------------------------------------------------------

    /// Waits until nothing is in flight at endpoint `id`, then closes the idle connections to it on every
    /// loop and waits until they are closed. Blocks: virtual threads only.
    public Drained awaitIdle(long id, Duration limit) throws InterruptedException {
        long start = System.nanoTime();
        long deadline = start + limit.toNanos();
        Endpoint endpoint = find(id);
        if (endpoint == null) {
            return new Drained.Idle(Duration.ZERO);
        }
        if (!endpoint.awaitZero(deadline)) {
            return new Drained.TimedOut(endpoint.inFlight());
        }
        CountDownLatch closed = new CountDownLatch(loops.size());
        for (LoopAgent loop : loops) {
            loop.closeIdle(endpoint, closed::countDown);
        }
        // Closing is short work on each loop; a second beyond the limit is better than a false alarm.
        long left = Math.max(deadline - System.nanoTime(), TimeUnit.SECONDS.toNanos(1));
        if (!closed.await(left, TimeUnit.NANOSECONDS)) {
            return new Drained.TimedOut(endpoint.inFlight());
        }
        forget(endpoint);
        return new Drained.Idle(Duration.ofNanos(System.nanoTime() - start));
    }

    /// Waits until nothing but streams is in flight at endpoint `id`: WebSockets, event streams, bytes that are
    /// no HTTP. Blocks: virtual threads only.
    public Drained awaitAnswered(long id, Duration limit) throws InterruptedException {
        long start = System.nanoTime();
        Endpoint endpoint = find(id);
        return endpoint == null || endpoint.awaitAnswered(start + limit.toNanos())
                ? new Drained.Idle(Duration.ofNanos(System.nanoTime() - start))
                : new Drained.TimedOut(endpoint.unanswered());
    }

    /// How many streams endpoint `id` has.
    public int streams(long id) {
        Endpoint endpoint = find(id);
        return endpoint == null ? 0 : endpoint.streams();
    }

    /// Ends the streams of endpoint `id`, spread over that time. A WebSocket is told 1001, going away.
    public void endStreams(long id, Duration over) {
        Endpoint endpoint = find(id);
        if (endpoint != null) {
            loops.forEach(loop -> loop.endStreams(endpoint, over.toNanos()));
        }
    }

    /// Waits until nothing but streams is in flight at any endpoint: that stays so when nothing comes in. Blocks:
    /// virtual threads only.
    public Drained awaitQuiet(Duration limit) throws InterruptedException {
        long start = System.nanoTime();
        int inFlight = 0;
        for (Endpoint endpoint : members()) {
            inFlight += endpoint.awaitAnswered(start + limit.toNanos()) ? 0 : endpoint.unanswered();
        }
        return inFlight == 0
                ? new Drained.Idle(Duration.ofNanos(System.nanoTime() - start))
                : new Drained.TimedOut(inFlight);
    }

    /// Whether nothing is in flight at any endpoint, of now or of before, and nobody waits.
    public synchronized boolean quiet() {
        return lines.waiting() == 0 && known.values().stream().allMatch(endpoint -> endpoint.inFlight() == 0);
    }

    /// Gives nobody anything any more and closes what is idle: nothing leads here. False when something had begun in
    /// the last moment, and then it goes on.
    public boolean end() {
        admit(Set.of());
        List<Endpoint> all;
        synchronized (this) {
            if (!quiet()) {
                return false;
            }
            all = List.copyOf(known.values());
            known.clear();
        }
        all.forEach(endpoint -> loops.forEach(loop -> loop.closeIdle(endpoint, () -> {})));
        return true;
    }

    synchronized List<Endpoint> members() {
        return List.copyOf(admitted);
    }

    private synchronized @Nullable Endpoint find(long id) {
        return known.get(id);
    }

    private synchronized void forget(Endpoint endpoint) {
        if (!endpoint.admitted() && endpoint.inFlight() == 0) {
            known.remove(endpoint.spec().id(), endpoint);
        }
    }

    // ---- claiming --------------------------------------------------------------------------------

    /// Claims a lease on the endpoint that the balancer chooses, one other than `avoid` where there is
    /// one; null when the request has to [#await] its turn: nothing is admitted, all have as many as
    /// they may have, or others wait already. `key` is what a hash goes by. Called on loop number `loop`.
    public @Nullable Endpoint claim(int loop, long key, @Nullable Endpoint avoid) {
        return claim(loop, key, avoid, draw(key, null));
    }

    /// As [#claim(int, long, Endpoint)], when it has been [drawn][#draw] whether it is a request for the trial.
    public @Nullable Endpoint claim(int loop, long key, @Nullable Endpoint avoid, boolean onTrial) {
        return lines.waiting() > 0 ? null : take(loop, key, avoid, onTrial);
    }

    /// Whether a request that comes is one for the endpoints on trial: once for each request, however often it is
    /// tried.
    /// `asked` is the request, where it can bear a mark.
    public boolean draw(long key, @Nullable KeyView asked) {
        Lanes lanes = picture.lanes();
        if (lanes == null) {
            return false;
        }
        Trial.Mark mark = lanes.mark();
        return lanes.draw(key, mark != null && asked != null && mark.isIn(asked.header("cookie")));
    }

    /// Whether `known` is on the side of a trial that a request is for; true when there is no trial.
    public boolean suits(Endpoint known, boolean onTrial) {
        Lanes lanes = picture.lanes();
        return lanes == null || lanes.suits(known, onTrial);
    }

    /// Claims a lease on `wanted` for one who has been there before; false when it is left out,
    /// has as many as it may have, others wait, or the request is for the other side of a trial.
    /// Called on loop number `loop`.
    public boolean claimAgain(int loop, Endpoint wanted, boolean onTrial) {
        Balancer balancer = picture.balancer();
        if (!suits(wanted, onTrial)
                || lines.waiting() > 0
                || !wanted.isOpen()
                || !balancer.free(wanted)
                || !wanted.claim(loop)) {
            return false;
        }
        if (balancer.tooMany(wanted)) {
            wanted.release(loop);
            return false;
        }
        return true;
    }

    /// Has a lease on the endpoint of that id that was claimed in the program before this one, by
    /// a tunnel: nobody else need be able to go there. Called on loop number `loop`.
    public synchronized Endpoint inherit(int loop, long id) {
        Endpoint named = known.computeIfAbsent(id, _ -> endpoint(new EndpointSpec(id, NOWHERE)));
        named.inherit(loop);
        return named;
    }

    /// As [#claim(int, long, Endpoint)], where no key matters.
    public @Nullable Endpoint claim(int loop, @Nullable Endpoint avoid) {
        return claim(loop, 0, avoid);
    }

    /// A claim that does not ask who waits.
    @Nullable
    Endpoint take(int loop, long key, @Nullable Endpoint avoid, boolean onTrial) {
        for (; ; ) {
            Picture now = picture;
            if (now.set().length == 0) {
                return null;
            }
            Endpoint picked = now.pick(loop, key, avoid, onTrial);
            if (picked == null) {
                return null;
            }
            if (picked.claim(loop)) {
                if (!now.balancer().tooMany(picked)) {
                    return picked;
                }
                picked.release(loop);
            }
            // A lost race: another loop was faster, or a newer set is being published. Look again.
            Thread.onSpinWait();
        }
    }

    /// A claim for one whose turn it is.
    @Nullable
    Endpoint take(int loop, Waiter waiter) {
        // Where it has just failed a session need not go once more.
        CharSequence pin = waiter.avoid() == null ? waiter.pin() : null;
        Endpoint pinned = pin == null ? null : takePinned(loop, pin, waiter.onTrial());
        return pinned == null ? take(loop, waiter.key(), waiter.avoid(), waiter.onTrial()) : pinned;
    }

    /// Whether a claim would succeed now.
    boolean hasPlace(int loop) {
        Picture now = picture;
        return now.set().length > 0 && now.balancer().pick(loop, now.set(), 0, null) != null;
    }

    /// Claims a lease on the endpoint that the value of a session's cookie names; null when there is no such
    /// endpoint, or it may not be given requests now, and then any other will do. On loop number `loop`.
    public @Nullable Endpoint claimPinned(int loop, CharSequence cookie, boolean onTrial) {
        return lines.waiting() > 0 ? null : takePinned(loop, cookie, onTrial);
    }

    private @Nullable Endpoint takePinned(int loop, CharSequence cookie, boolean onTrial) {
        Endpoint pinned = pinned(cookie);
        if (pinned == null || !pinned.isOpen()) {
            return null;
        }
        Lanes lanes = picture.lanes();
        if (lanes != null && !lanes.keeps(pinned, onTrial)) {
            return null;
        }
        Balancer balancer = picture.balancer();
        if (!balancer.free(pinned) || !pinned.claim(loop)) {
            return null;
        }
        if (balancer.tooMany(pinned)) {
            pinned.release(loop);
            return null;
        }
        return pinned;
    }

    /// Whether the value of a session's cookie names an endpoint that is still there: if not, the session
    /// gets a new cookie, that of the endpoint which it is given now.
    public boolean isPinned(CharSequence cookie) {
        return pinned(cookie) != null;
    }

    private @Nullable Endpoint pinned(CharSequence cookie) {
        Sessions known = sessions;
        return known == null ? null : known.find(cookie, picture.members());
    }

    /// The value of the cookie that brings a session back to `endpoint`; null where sessions do not stick.
    public @Nullable String cookie(Endpoint endpoint) {
        Sessions known = sessions;
        return known == null ? null : known.value(endpoint.spec().slot());
    }

    // ---- waiting ---------------------------------------------------------------------------------

    /// Whether an endpoint may be expected soon. While there is none and none is expected, nobody else queues up.
    public void expect(boolean somebody) {
        expected = somebody;
    }

    /// Queues `waiter` up, on loop number `loop`; its turn may come before this returns. False when the
    /// queue is full, or there is nothing to wait for: it has no place in it.
    public boolean await(int loop, Waiter waiter) {
        return (expected || picture.set().length > 0) && lines.join(loop, waiter, spec.queue());
    }

    /// Gives up waiting, on loop number `loop`; nothing when `waiter` does not wait.
    public void leave(int loop, Waiter waiter) {
        lines.leave(loop, waiter);
    }

    /// Gives the places that there are to those who wait on `loop`, on that loop: what a wake-up asks for.
    public void serve(int loop) {
        lines.serve(loop);
    }

    /// How many requests wait for an endpoint.
    public int waiting() {
        return lines.waiting();
    }

    /// In how many seconds a client that is refused may find a place, for `Retry-After`.
    public int retryAfterSeconds() {
        return RetryAfter.seconds(
                lines.waiting(), lines.perSecond(), spec.queue().age(), size() > 0);
    }

    // ---- looking ---------------------------------------------------------------------------------

    /// How many endpoints are given requests.
    public int size() {
        return picture.set().length;
    }

    /// How often an endpoint was ejected.
    public synchronized long ejections() {
        return ejections;
    }

    /// How the endpoints stand.
    public synchronized List<EndpointSnapshot> endpoints() {
        long now = System.nanoTime();
        return admitted.stream()
                .map(e -> new EndpointSnapshot(
                        e.spec().id(),
                        e.spec().slot(),
                        e.spec().origin(),
                        e.spec().weight(),
                        e.isOpen(),
                        e.well,
                        Duration.ofNanos(e.ejected ? Math.max(0, e.ejectedUntilNanos - now) : 0),
                        e.inFlight(),
                        Duration.ofNanos(e.usualNanos())))
                .toList();
    }
}
