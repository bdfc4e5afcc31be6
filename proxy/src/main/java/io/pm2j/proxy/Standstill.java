package io.pm2j.proxy;

import io.pm2j.proxy.datagram.DatagramListener;
import io.pm2j.proxy.forward.ListenerState;
import io.pm2j.proxy.forward.Loop;
import io.pm2j.proxy.forward.Resting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/// The edge coming to rest, so that another program can go on from there. Nobody is refused and
/// nothing is closed: new connections wait in the kernel, and so do the next requests on those
/// that are open.
///
/// ```
/// begin ─► awaitIdle ─► freeze ─► (the next program)
///   └──────────┴──────────┴─────► goOn
/// ```
/// Blocks: virtual threads only.
public final class Standstill {
    private static final long LOOK_EACH_MILLIS = 2;

    private final List<Loop> loops;
    private final List<Listener> listeners;
    private final List<DatagramListener> datagrams;
    private final Runnable after;
    private final CountDownLatch over = new CountDownLatch(1);

    /// `listeners` and `datagrams` go on changing; `after` is done when all goes on.
    Standstill(List<Loop> loops, List<Listener> listeners, List<DatagramListener> datagrams, Runnable after) {
        this.loops = loops;
        this.listeners = listeners;
        this.datagrams = datagrams;
        this.after = after;
    }

    /// Accepts nothing and begins no request from now on.
    void begin() throws InterruptedException {
        listeners.forEach(listener -> listener.accepting(false));
        // What was accepted before may be on its way from one loop to another.
        onEach(_ -> {});
        onEach(_ -> {});
        onEach(Loop::rest);
    }

    /// Waits until nothing is under way on any connection, or that is `off`.
    ///
    /// @return on how many something is, when `limit` has passed
    public int awaitIdle(Duration limit, BooleanSupplier off) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        int busy;
        while ((busy = busy()) > 0 && System.nanoTime() < deadlineNanos && !off.getAsBoolean()) {
            TimeUnit.MILLISECONDS.sleep(LOOK_EACH_MILLIS);
        }
        return busy;
    }

    private int busy() throws InterruptedException {
        AtomicInteger count = new AtomicInteger();
        onEach(loop -> count.addAndGet(loop.busy()));
        return count.get();
    }

    /// Ends the connections on which something is under way.
    public void cutBusy() throws InterruptedException {
        onEach(Loop::cutBusy);
    }

    /// Stops the loops and tells what is to be handed on; nothing when something came under way
    /// once more, and nothing is stopped for long then. `last` is done on each loop, by its number,
    /// before it stops.
    public Optional<HandedEdge> freeze(IntConsumer last) throws InterruptedException {
        // Some may have been opened meanwhile.
        listeners.forEach(listener -> listener.accepting(false));
        onEach(_ -> {});
        onEach(_ -> {});
        Map<ListenerState, List<Resting>> clients = new IdentityHashMap<>();
        AtomicInteger busy = new AtomicInteger();
        CountDownLatch told = new CountDownLatch(loops.size());
        for (Loop loop : loops) {
            loop.events().execute(() -> {
                try {
                    busy.addAndGet(loop.busy());
                    if (busy.get() == 0) {
                        synchronized (clients) {
                            loop.handOn((by, resting) -> clients.computeIfAbsent(by, _ -> new ArrayList<>())
                                    .add(resting));
                        }
                        last.accept(loop.index());
                    }
                } catch (RuntimeException e) {
                    busy.incrementAndGet();
                    throw e;
                } finally {
                    told.countDown();
                }
                awaitOver();
            });
        }
        told.await();
        if (busy.get() > 0) {
            return Optional.empty();
        }
        synchronized (clients) {
            List<HandedEdge.Door> doors = new ArrayList<>();
            for (Listener listener : listeners) {
                if (listener.open()) {
                    List<Resting> own = clients.remove(listener.state());
                    doors.add(new HandedEdge.Door(listener.handOn(), own == null ? List.of() : own));
                }
            }
            // Of a listener that was closed nothing is left but tunnels, and requests that will not be begun.
            List<Resting> stranded = clients.values().stream()
                    .flatMap(List::stream)
                    .filter(client -> client.through().isPresent())
                    .toList();
            return Optional.of(new HandedEdge(
                    doors,
                    stranded,
                    datagrams.stream()
                            .filter(DatagramListener::open)
                            .map(DatagramListener::handOn)
                            .toList()));
        }
    }

    private void awaitOver() {
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Everything goes on as before.
    public void goOn() throws InterruptedException {
        over.countDown();
        after.run();
        try {
            onEach(Loop::goOn);
        } finally {
            listeners.forEach(listener -> listener.accepting(true));
        }
    }

    private void onEach(Consumer<Loop> what) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(loops.size());
        for (Loop loop : loops) {
            loop.events().execute(() -> {
                try {
                    what.accept(loop);
                } finally {
                    done.countDown();
                }
            });
        }
        done.await();
    }
}
