package io.pm2j.proxy.measure;

import io.pm2j.proxy.measure.LoopLatencies.Taken;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How long requests took, on all event loops, since the start. Each loop records for itself; a
/// reader asks it for what is new and adds that up on its own thread.
public final class Latencies {
    private static final Logger LOG = LoggerFactory.getLogger(Latencies.class);
    private static final long LONGEST_WAIT_MS = 1_000;

    private final RouteMeters routes = new RouteMeters();
    private final List<Executor> executors;
    private final List<LoopLatencies> loops;

    // Guarded by this.
    private final Spares spares = new Spares();
    private final @Nullable Cell[] requests = new Cell[(RouteMeters.MOST + 1) * LoopLatencies.CLASSES];
    private final @Nullable Cell[] heads = new Cell[RouteMeters.MOST + 1];
    private final List<@Nullable CompletableFuture<Taken>> asked = new ArrayList<>();

    /// For these event loops.
    public Latencies(List<? extends Executor> eventLoops) {
        executors = List.copyOf(eventLoops);
        loops = executors.stream().map(_ -> new LoopLatencies()).toList();
        executors.forEach(_ -> asked.add(null));
    }

    public RouteMeters routes() {
        return routes;
    }

    /// What the event loop at `index` records into.
    public LoopLatencies on(int index) {
        return loops.get(index);
    }

    /// What was measured up to now. Waits for the loops: not to be called on one. A loop that
    /// does not answer within a second is told of the next time.
    public synchronized Reading read() throws InterruptedException {
        for (int i = 0; i < loops.size(); i++) {
            if (asked.get(i) == null) {
                asked.set(i, ask(i));
            }
        }
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LONGEST_WAIT_MS);
        for (int i = 0; i < loops.size(); i++) {
            CompletableFuture<Taken> answer = asked.get(i);
            Taken taken = answer == null ? null : await(answer, deadlineNanos - System.nanoTime());
            if (taken != null) {
                asked.set(i, null);
                addUp(taken.requests(), requests);
                addUp(taken.heads(), heads);
            }
        }
        return reading();
    }

    private CompletableFuture<Taken> ask(int index) {
        LoopLatencies loop = loops.get(index);
        CompletableFuture<Taken> answer = new CompletableFuture<>();
        try {
            executors.get(index).execute(() -> answer.complete(loop.take(spares)));
        } catch (RejectedExecutionException e) {
            LOG.debug("the loop has ended and records no more", e);
            answer.complete(loop.take(spares));
        }
        return answer;
    }

    private static @Nullable Taken await(CompletableFuture<Taken> answer, long nanos) throws InterruptedException {
        try {
            return answer.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            LOG.debug("a loop is late", e);
            return null;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a loop could not tell its latencies", e);
        }
    }

    private void addUp(@Nullable Cell[] taken, @Nullable Cell[] totals) {
        for (int i = 0; i < taken.length; i++) {
            Cell more = taken[i];
            if (more == null) {
                continue;
            }
            Cell total = totals[i];
            if (total == null) {
                total = new Cell();
                totals[i] = total;
            }
            total.add(more);
            spares.add(more);
        }
    }

    private Reading reading() {
        List<String> names = routes.names();
        List<Request> ofRequests = new ArrayList<>();
        List<Head> ofHeads = new ArrayList<>();
        for (int route = 0; route < names.size(); route++) {
            for (int code = 0; code < LoopLatencies.CLASSES; code++) {
                Cell cell = requests[route * LoopLatencies.CLASSES + code];
                if (cell != null) {
                    ofRequests.add(new Request(names.get(route), code, Distribution.of(cell)));
                }
            }
            Cell cell = heads[route];
            if (cell != null) {
                ofHeads.add(new Head(names.get(route), Distribution.of(cell)));
            }
        }
        return new Reading(ofRequests, ofHeads);
    }

    /// Everything measured since the start.
    public record Reading(List<Request> requests, List<Head> heads) {
        public Reading {
            requests = List.copyOf(requests);
            heads = List.copyOf(heads);
        }
    }

    /// How long the requests of a route took that were answered with a status of that class;
    /// class 0 went without an answer.
    public record Request(String route, int statusClass, Distribution durations) {}

    /// How long a route's upstreams took to begin their answers.
    public record Head(String route, Distribution durations) {}
}
