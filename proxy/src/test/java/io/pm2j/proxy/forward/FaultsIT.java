package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.pm2j.config.spec.edge.AccessSpec;
import io.pm2j.config.spec.edge.BalanceSpec;
import io.pm2j.config.spec.edge.LimitSpec;
import io.pm2j.config.spec.edge.PolicySpec;
import io.pm2j.config.spec.edge.TimeoutSpec;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.forward.Feature.Outcome;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/// Every feature with every fault on every side: the answer is exact or the failure is plain, and nothing is
/// left behind.
@Isolated
@Timeout(600)
final class FaultsIT {
    private static final int AT_ONCE = 24;
    /// How long a side may stall: longer than a busy machine does by itself.
    private static final Duration PATIENCE = Duration.ofSeconds(4);

    /// How long a connection may take: one that is made at once is seen to be later, with so many at a time.
    private static final Duration CONNECTING = Duration.ofSeconds(1);

    /// In the head of whatever comes, and in its body.
    private static final int EARLY = 10;

    private static final int LATE = 2_000;

    private enum Side {
        TOWARDS_ORIGIN,
        FROM_ORIGIN,
        FROM_CLIENT,
        TOWARDS_CLIENT
    }

    private enum Fault {
        LATENCY(new Toxic.Late(40)),
        SINGLE_BYTES(new Toxic.Sliced(1)),
        NARROW(new Toxic.Narrow(20_000)),
        STALL_EARLY(new Toxic.Stalled(EARLY)),
        STALL_LATE(new Toxic.Stalled(LATE)),
        RESET_EARLY(new Toxic.Reset(EARLY)),
        RESET_LATE(new Toxic.Reset(LATE)),
        END_EARLY(new Toxic.Ended(EARLY)),
        END_LATE(new Toxic.Ended(LATE));

        final Toxic toxic;

        Fault(Toxic toxic) {
            this.toxic = toxic;
        }

        boolean slowOnly() {
            return compareTo(STALL_EARLY) < 0;
        }

        boolean early() {
            return this == STALL_EARLY || this == RESET_EARLY || this == END_EARLY;
        }
    }

    /// What happens, and what may come of it.
    private record Case(
            Feature feature,
            String what,
            FaultyLink.Door door,
            Toxic towardsOrigin,
            Toxic fromOrigin,
            Toxic fromClient,
            Toxic towardsClient,
            Set<Outcome> expected) {
        String name() {
            return feature + " " + what;
        }
    }

    private static Case of(Feature feature, Side side, Fault fault, Set<Outcome> expected) {
        return new Case(
                feature,
                side + " " + fault,
                FaultyLink.Door.OPEN,
                side == Side.TOWARDS_ORIGIN ? fault.toxic : Toxic.NONE,
                side == Side.FROM_ORIGIN ? fault.toxic : Toxic.NONE,
                side == Side.FROM_CLIENT ? fault.toxic : Toxic.NONE,
                side == Side.TOWARDS_CLIENT ? fault.toxic : Toxic.NONE,
                expected);
    }

    private static Case of(Feature feature, FaultyLink.Door door, Set<Outcome> expected) {
        return new Case(feature, "endpoint " + door, door, Toxic.NONE, Toxic.NONE, Toxic.NONE, Toxic.NONE, expected);
    }

    private static List<Case> cases() {
        List<Case> all = new ArrayList<>();
        for (Feature feature : Feature.values()) {
            for (Side side : Side.values()) {
                for (Fault fault : Fault.values()) {
                    Set<Outcome> expected =
                            fault.slowOnly() ? EnumSet.of(Outcome.EXACT) : expected(feature, side, fault);
                    if (!expected.isEmpty()) {
                        all.add(of(feature, side, fault, expected));
                    }
                }
            }
            boolean other = feature == Feature.RETRIED || feature == Feature.STICKY;
            Outcome refused = feature == Feature.TCP ? Outcome.ABORTED : Outcome.BAD_GATEWAY;
            Outcome unanswered = feature == Feature.TCP ? Outcome.ABORTED : Outcome.GATEWAY_TIMEOUT;
            all.add(of(feature, FaultyLink.Door.DOWN, Set.of(other ? Outcome.EXACT : refused)));
            all.add(of(feature, FaultyLink.Door.BLACK_HOLE, Set.of(other ? Outcome.EXACT : unanswered)));
            all.add(of(feature, FaultyLink.Door.RESETTING, Set.of(other ? Outcome.EXACT : refused)));
        }
        return all;
    }

    /// Of the faults that end something; empty where there is nothing to end.
    private static Set<Outcome> expected(Feature feature, Side side, Fault fault) {
        boolean tunnel = feature == Feature.TCP || feature == Feature.WEBSOCKET && !fault.early();
        boolean other = feature == Feature.RETRIED || feature == Feature.STICKY;
        boolean stalls = fault == Fault.STALL_EARLY || fault == Fault.STALL_LATE;
        Set<Outcome> expected = switch (side) {
            case FROM_ORIGIN -> {
                if (tunnel || !fault.early()) {
                    yield EnumSet.of(Outcome.ABORTED);
                }
                // A byte of the answer has been seen: it is not asked for again.
                yield EnumSet.of(stalls ? Outcome.GATEWAY_TIMEOUT : Outcome.BAD_GATEWAY);
            }
            case TOWARDS_ORIGIN -> {
                if (!feature.sendsBody() && !fault.early()) {
                    yield EnumSet.noneOf(Outcome.class);
                }
                if (tunnel) {
                    yield EnumSet.of(Outcome.ABORTED);
                }
                if (other && !stalls) {
                    yield EnumSet.of(Outcome.EXACT);
                }
                yield EnumSet.of(stalls ? Outcome.GATEWAY_TIMEOUT : Outcome.BAD_GATEWAY);
            }
            case FROM_CLIENT -> {
                if (!feature.sendsBody() && !fault.early()) {
                    yield EnumSet.noneOf(Outcome.class);
                }
                yield EnumSet.of(stalls && !tunnel ? Outcome.REQUEST_TIMEOUT : Outcome.ABORTED);
            }
            case TOWARDS_CLIENT -> EnumSet.of(stalls ? Outcome.SILENT : Outcome.ABORTED);
        };
        if (other && (side == Side.FROM_ORIGIN || side == Side.TOWARDS_ORIGIN) && !expected.isEmpty()) {
            // Only one of two endpoints is bad.
            expected.add(Outcome.EXACT);
        }
        return expected;
    }

    private static PolicySpec policy(Feature feature) {
        PolicySpec plain = PolicySpec.DEFAULT;
        Duration turn = PATIENCE;
        Optional<BalanceSpec.Sticky> sticky =
                feature == Feature.STICKY ? Optional.of(BalanceSpec.Sticky.DEFAULT) : Optional.empty();
        return new PolicySpec(
                plain.path(),
                plain.requestHeaders(),
                plain.responseHeaders(),
                new TimeoutSpec(CONNECTING, turn, turn, Duration.ZERO, 500),
                new LimitSpec(OptionalLong.empty(), OptionalInt.of(100), OptionalInt.of(50), Optional.empty()),
                AccessSpec.OPEN,
                Optional.empty(),
                Optional.of("X-Request-Id"),
                plain.pages(),
                new BalanceSpec(new BalanceSpec.Policy.RoundRobin(), sticky, Duration.ZERO, OptionalInt.empty()),
                Optional.empty(),
                plain.retries());
    }

    @Test
    void everyFeatureStandsEveryFault() throws Exception {
        Vertx vertx =
                Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(2));
        ProxyOptions hasty = ProxyOptions.defaults()
                .withClientTimeouts(Duration.ofSeconds(30), PATIENCE, Duration.ofSeconds(2))
                .withBodyRate(500, PATIENCE)
                .withClientWrite(PATIENCE)
                .withTunnelIdle(PATIENCE);
        List<String> wrong = new ArrayList<>();
        Complaints complaints = new Complaints();
        Logger root = Logger.getLogger("");
        root.addHandler(complaints);
        try (Proxy proxy = Proxy.start(vertx, hasty);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long pooled = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
            long unpooled = UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
            Semaphore places = new Semaphore(AT_ONCE);
            List<Future<List<String>>> running = new ArrayList<>();
            for (Case one : cases()) {
                running.add(threads.submit(() -> {
                    places.acquire();
                    try {
                        return run(proxy, one);
                    } finally {
                        places.release();
                    }
                }));
            }
            for (Future<List<String>> one : running) {
                wrong.addAll(one.get(500, TimeUnit.SECONDS));
            }
            expect(
                    wrong,
                    "clients' connections are left",
                    () -> proxy.counters().openConnections() == 0);
            expect(wrong, "pooled memory is left", () -> PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() <= pooled);
            // A loop may hold one read buffer more than at first.
            expect(
                    wrong,
                    "memory is left",
                    () -> UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory() <= unpooled + 256 * 1024);
        } finally {
            root.removeHandler(complaints);
            vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
        }
        assertThat(wrong).isEmpty();
        assertThat(complaints.heard).isEmpty();
    }

    /// No fault of somebody else is a surprise to us.
    private static final class Complaints extends Handler {
        final Queue<String> heard = new ConcurrentLinkedQueue<>();

        @Override
        public void publish(LogRecord said) {
            if (said.getLevel().intValue() >= Level.WARNING.intValue()) {
                heard.add(said.getLoggerName() + ": " + said.getMessage() + " " + said.getThrown());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    private static boolean comes(BooleanSupplier wanted) throws InterruptedException {
        long end = System.nanoTime() + 60_000_000_000L;
        while (!wanted.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            Thread.sleep(5);
        }
        return true;
    }

    private static void expect(List<String> wrong, String otherwise, BooleanSupplier wanted)
            throws InterruptedException {
        if (!comes(wanted)) {
            wrong.add(otherwise);
        }
    }

    private static List<String> run(Proxy proxy, Case the) throws Exception {
        List<String> wrong = new ArrayList<>();
        boolean bytes = the.feature() == Feature.TCP;
        boolean two = the.feature() == Feature.RETRIED || the.feature() == Feature.STICKY;
        String app = the.name().replace(' ', '-').toLowerCase(java.util.Locale.ROOT);
        try (ScriptedOrigin origin = Feature.server("bad", bytes);
                ScriptedOrigin well = Feature.server("well", bytes);
                FaultyLink behind = new FaultyLink(origin.port(), the.towardsOrigin(), the.fromOrigin(), the.door());
                RoutedEdge edge = bytes
                        ? RoutedEdge.ofBytes(proxy, app, policy(the.feature()))
                        : RoutedEdge.open(proxy, app, policy(the.feature()));
                FaultyLink before = FaultyLink.to(edge.port(), the.fromClient(), the.towardsClient())) {
            edge.upstream.admit(
                    two
                            ? Set.of(ScriptedOrigin.at(1, behind.port()), well.endpoint(2))
                            : Set.of(ScriptedOrigin.at(1, behind.port())));
            Outcome seen = the.feature().ask(before.port());
            if (!the.expected().contains(seen)) {
                wrong.add("is " + seen + ", not " + the.expected());
            }
            before.cut();
            expect(wrong, "a lease is left", () -> edge.inFlight() == 0);
            expect(wrong, "a ticket is left", () -> edge.admission.inside() == 0);
            // Those that were kept for the next request end with their endpoint.
            edge.upstream.admit(Set.of());
            edge.upstream.awaitIdle(1, Duration.ofSeconds(60));
            edge.upstream.awaitIdle(2, Duration.ofSeconds(60));
            behind.cut();
            expect(wrong, "a connection to an endpoint is left", () -> origin.openConnections() == 0);
            expect(wrong, "a connection to an endpoint is left", () -> well.openConnections() == 0);
            List<String> lines = edge.linesAtEnd();
            told(the, seen, lines, wrong);
            wrong.replaceAll(text -> the.name() + ": " + text + " " + lines);
        }
        return wrong;
    }

    /// Each request is told of once, with what its client saw.
    private static void told(Case the, Outcome seen, List<String> lines, List<String> wrong) {
        int most = the.feature().requests;
        if (lines.size() > most) {
            wrong.add("too many lines");
        }
        if (the.feature() == Feature.TCP) {
            return;
        }
        String ok = the.feature() == Feature.WEBSOCKET
                ? "{\"status\":101,\"cause\":null"
                : "{\"status\":200,\"cause\":null";
        switch (seen) {
            case EXACT -> {
                if (lines.size() != most || !lines.stream().allMatch(line -> line.startsWith(ok))) {
                    wrong.add("told otherwise");
                }
            }
            case BAD_GATEWAY -> last(lines, "\"status\":502,\"cause\":\"", wrong);
            case GATEWAY_TIMEOUT -> last(lines, "\"status\":504,\"cause\":\"no_", wrong);
            case REQUEST_TIMEOUT -> last(lines, "\"status\":408,\"cause\":\"", wrong);
            case ABORTED -> {
                // What was under way is told of; what had left the edge before it was lost is well. With a reset
                // even what came before it may never be read.
                boolean begun =
                        !the.what().startsWith("FROM_CLIENT") || the.what().endsWith("END_LATE");
                if (begun && lines.isEmpty()) {
                    wrong.add("not told");
                }
                boolean ours =
                        the.what().startsWith("FROM_ORIGIN") || the.what().startsWith("TOWARDS_ORIGIN");
                if (ours
                        && lines.stream().noneMatch(line -> line.contains("\"cause\":\"cut_short\""))
                        && the.feature() != Feature.WEBSOCKET) {
                    wrong.add("told of as well");
                }
            }
            case SILENT, WRONG -> {}
        }
    }

    private static void last(List<String> lines, String part, List<String> wrong) {
        if (lines.isEmpty() || lines.stream().noneMatch(line -> line.contains(part))) {
            wrong.add("told otherwise, not " + part);
        }
    }
}
