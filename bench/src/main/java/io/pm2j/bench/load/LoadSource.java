package io.pm2j.bench.load;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.BooleanSupplier;

/// Makes the traffic of a [LoadPlan] from one thread and one selector, and records every outcome.
///
/// Nothing is retried: a request that meets a closed connection has failed, also where RFC 9110 §9.2.2 would let a
/// client send it again, because what is measured is the server.
public final class LoadSource implements AutoCloseable {
    private static final int MOST_CONNECTIONS = 1000;
    private static final int MOST_RESTING = 64;
    private static final int RESTS_ONE_IN = 50;
    private static final long SWEEP_NANOS = 100_000_000L;
    private static final long LEAVES_WITHIN_NANOS = 1_000_000_000L;

    private final LoadPlan plan;
    private final InetSocketAddress server;
    private final Selector selector;
    private final Random random = new Random();
    private final String run = Long.toString(System.nanoTime(), 36) + Integer.toString(random.nextInt(46_656), 36);
    private final ByteBuffer input = ByteBuffer.allocateDirect(256 * 1024);
    private final ArrayDeque<Caller> idle = new ArrayDeque<>();
    private final PriorityQueue<Caller> resting =
            new PriorityQueue<>(Comparator.comparingLong(caller -> caller.restsUntilNanos));
    private final Tally tally = new Tally();
    private final long startNanos = System.nanoTime();
    private long begun;
    private long sweptNanos = startNanos;

    private final BooleanSupplier goesOn;

    private LoadSource(LoadPlan plan, BooleanSupplier goesOn) throws IOException {
        this.plan = plan;
        this.goesOn = goesOn;
        server = new InetSocketAddress(plan.url().getHost(), plan.port());
        selector = Selector.open();
    }

    /// Runs the plan to its end. Blocks; interruption ends the run early with what is known by then.
    ///
    /// @throws IOException when no selector or socket can be made here
    public static LoadReport run(LoadPlan plan) throws IOException, InterruptedException {
        return run(plan, () -> false);
    }

    /// As [#run(LoadPlan)], and further as long as `goesOn`: the plan's number of requests is the least.
    ///
    /// @throws IOException when no selector or socket can be made here
    public static LoadReport run(LoadPlan plan, BooleanSupplier goesOn) throws IOException, InterruptedException {
        try (var source = new LoadSource(plan, goesOn)) {
            var slow = SlowReaders.start(plan);
            try {
                source.loop();
            } finally {
                slow.finish();
            }
            return source.tally.report(slow);
        }
    }

    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }

    private void loop() throws IOException {
        while ((tally.settled() < begun || more()) && !Thread.currentThread().isInterrupted()) {
            long now = System.nanoTime();
            beginDue(now);
            sweep(now);
            long wait = untilNextDue(System.nanoTime());
            if (wait > 0) {
                selector.select(this::ready, Math.max(1, wait / 1_000_000));
            } else {
                selector.selectNow(this::ready);
            }
        }
    }

    private boolean more() {
        return begun < plan.requests() || goesOn.getAsBoolean();
    }

    /// Starts what is due by now, as far as connections allow; what must wait keeps the moment it was due.
    private void beginDue(long now) throws IOException {
        while (more()) {
            long due = due(now);
            if (due > now || inUse() >= limit()) {
                return;
            }
            begin(due);
        }
    }

    private long due(long now) {
        return switch (plan.pace()) {
            case Pace.OpenLoop open -> startNanos + begun * 1_000_000_000L / open.perSecond();
            case Pace.ClosedLoop closed -> now;
        };
    }

    private int inUse() {
        return (int) (begun - tally.settled());
    }

    private int limit() {
        return switch (plan.pace()) {
            case Pace.OpenLoop open -> MOST_CONNECTIONS;
            case Pace.ClosedLoop closed -> closed.connections();
        };
    }

    private long untilNextDue(long now) {
        boolean waits = !more() || inUse() >= limit();
        return waits ? SWEEP_NANOS : Math.min(SWEEP_NANOS, due(now) - now);
    }

    private void begin(long due) throws IOException {
        begun++;
        boolean post = random.nextInt(100) < plan.postShare();
        boolean fresh = random.nextInt(100) < plan.freshShare();
        var call = new Call(run + "-" + begun, post, fresh, due);
        Caller caller = fresh ? null : idle.pollLast();
        if (caller != null) {
            send(caller, call);
        } else {
            connect(call);
        }
    }

    private void connect(Call call) throws IOException {
        var channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        var caller = new Caller(channel);
        caller.call = call;
        try {
            boolean connected = channel.connect(server);
            caller.registered(channel.register(selector, SelectionKey.OP_CONNECT, caller));
            if (connected) {
                send(caller, call);
            }
        } catch (IOException e) {
            broken(caller, e);
        }
    }

    private void send(Caller caller, Call call) {
        caller.call = call;
        caller.toWrite = ByteBuffer.wrap(call.bytes(plan, random));
        write(caller);
    }

    private void write(Caller caller) {
        try {
            caller.channel.write(caller.toWrite);
            caller.interest(
                    caller.toWrite.hasRemaining()
                            ? SelectionKey.OP_READ | SelectionKey.OP_WRITE
                            : SelectionKey.OP_READ);
        } catch (IOException e) {
            broken(caller, e);
        }
    }

    private void ready(SelectionKey key) {
        var caller = (Caller) key.attachment();
        if (key.isValid() && key.isConnectable()) {
            connected(caller);
        }
        if (key.isValid() && key.isReadable()) {
            read(caller);
        }
        if (key.isValid() && key.isWritable()) {
            write(caller);
        }
    }

    private void connected(Caller caller) {
        Call call = caller.call;
        try {
            if (call != null && caller.channel.finishConnect()) {
                send(caller, call);
            }
        } catch (IOException e) {
            broken(caller, e);
        }
    }

    private void read(Caller caller) {
        try {
            input.clear();
            int count = caller.channel.read(input);
            if (count < 0) {
                ended(caller);
                return;
            }
            if (caller.call == null) {
                unasked(caller, count);
                return;
            }
            switch (caller.reader.feed(input.flip())) {
                case NEEDS_MORE -> {}
                case COMPLETE -> complete(caller);
                case MALFORMED -> fail(caller, Failure.Kind.MALFORMED, caller.reader.problem());
            }
        } catch (IOException e) {
            broken(caller, e);
        }
    }

    private void complete(Caller caller) {
        ResponseReader reader = caller.reader;
        Call call = caller.call;
        if (call == null) {
            return;
        }
        boolean keep = reader.keepAlive() && !call.fresh() && !caller.toWrite.hasRemaining();
        settle(call, reader);
        caller.call = null;
        caller.reused = true;
        reader.reset();
        if (!keep) {
            caller.leaving = true;
            caller.leavesByNanos = System.nanoTime() + LEAVES_WITHIN_NANOS;
        } else if (resting.size() < MOST_RESTING && random.nextInt(RESTS_ONE_IN) == 0) {
            long longest = Math.max(1, plan.longestThink().toNanos());
            caller.restsUntilNanos = System.nanoTime() + random.nextLong(longest);
            resting.add(caller);
        } else {
            idle.addLast(caller);
        }
    }

    private void settle(Call call, ResponseReader reader) {
        if (reader.status() < 200 || reader.status() > 299) {
            tally.failed(call, Failure.Kind.STATUS, reader.status(), reader.status() + " " + firstLine(reader.body()));
        } else if (plan.echo() && !reader.body().contains(call.id())) {
            tally.failed(call, Failure.Kind.WRONG_BODY, reader.status(), firstLine(reader.body()));
        } else {
            tally.answered(call);
        }
    }

    /// The end of the stream: of no interest on a connection without a request, else a broken promise.
    private void ended(Caller caller) {
        if (caller.call == null) {
            forget(caller);
        } else if (caller.reader.completeAtEnd()) {
            complete(caller);
            forget(caller);
        } else if (caller.reader.untouched()) {
            Failure.Kind kind = caller.reused ? Failure.Kind.STALE : Failure.Kind.RESET;
            fail(caller, kind, "closed before any byte of an answer");
        } else {
            fail(caller, Failure.Kind.TRUNCATED, "closed inside the answer");
        }
    }

    private void unasked(Caller caller, int count) {
        tally.unasked(count);
        forget(caller);
    }

    private void broken(Caller caller, IOException cause) {
        if (caller.call == null) {
            forget(caller);
            return;
        }
        boolean stale = caller.reused && caller.reader.untouched();
        Failure.Kind kind = cause instanceof ConnectException
                ? Failure.Kind.REFUSED
                : stale ? Failure.Kind.STALE : Failure.Kind.RESET;
        fail(caller, kind, String.valueOf(cause.getMessage()));
    }

    private void fail(Caller caller, Failure.Kind kind, String detail) {
        Call call = caller.call;
        if (call != null) {
            tally.failed(call, kind, caller.reader.status(), detail);
            caller.call = null;
        }
        forget(caller);
    }

    private void forget(Caller caller) {
        idle.remove(caller);
        resting.remove(caller);
        try {
            caller.channel.close();
        } catch (IOException e) {
            // Closed is what it was to be.
        }
    }

    /// Wakes the rested, ends the overdue, closes what the server left open.
    private void sweep(long now) {
        if (now - sweptNanos < SWEEP_NANOS) {
            return;
        }
        sweptNanos = now;
        while (!resting.isEmpty() && resting.element().restsUntilNanos < now) {
            idle.addLast(resting.remove());
        }
        for (SelectionKey key : new ArrayList<>(selector.keys())) {
            var caller = (Caller) key.attachment();
            Call call = caller.call;
            if (call != null && now - call.dueNanos() > plan.timeout().toNanos()) {
                fail(caller, Failure.Kind.TIMEOUT, "no whole answer within " + plan.timeout());
            } else if (call == null && caller.leaving && caller.leavesByNanos < now) {
                forget(caller);
            }
        }
    }

    private static String firstLine(String body) {
        int end = body.indexOf('\n');
        String line = end < 0 ? body : body.substring(0, end);
        return line.length() > 120 ? line.substring(0, 120) : line;
    }
}
