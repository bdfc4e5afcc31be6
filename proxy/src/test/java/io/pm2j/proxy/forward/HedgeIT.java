package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.Address;
import io.pm2j.config.spec.edge.ActionSpec;
import io.pm2j.config.spec.edge.BalanceSpec;
import io.pm2j.config.spec.edge.MatchSpec;
import io.pm2j.config.spec.edge.PolicySpec;
import io.pm2j.config.spec.edge.RetrySpec;
import io.pm2j.config.spec.edge.RouteSpec;
import io.pm2j.proxy.Listener;
import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.admission.Admission;
import io.pm2j.proxy.client.TrustedProxies;
import io.pm2j.proxy.route.RouteTable;
import io.pm2j.proxy.upstream.Upstream;
import io.vertx.core.Vertx;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A request that takes long goes to a second endpoint too, where its route says so.
@Timeout(180)
class HedgeIT {
    private final Vertx vertx = Vertx.vertx();
    private final Proxy proxy = Proxy.start(vertx, ProxyOptions.defaults());
    private final Upstream upstream = proxy.upstream("two");
    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();

    private Listener listener(Duration hedge) throws Exception {
        upstream.describe(upstream.spec()
                .withBalance(new BalanceSpec(
                        new BalanceSpec.Policy.RoundRobin(), Optional.empty(), Duration.ZERO, OptionalInt.empty())));
        PolicySpec usual = PolicySpec.DEFAULT;
        PolicySpec policy = new PolicySpec(
                usual.path(),
                usual.requestHeaders(),
                usual.responseHeaders(),
                usual.timeouts(),
                usual.limits(),
                usual.access(),
                usual.cors(),
                usual.requestId(),
                usual.pages(),
                usual.balance(),
                usual.health(),
                new RetrySpec(0, Set.of(), false, hedge));
        Address address = new Address.Tcp("127.0.0.1", 0);
        RouteSpec spec = new RouteSpec(
                "hedged", List.of(address), MatchSpec.ALL, new ActionSpec.Respond(200, "text/plain", ""), policy);
        Route route = Route.of(spec, new Action.Forward(upstream), Admission.OPEN, 0, null);
        Routes routes = new Routes(List.of(new RouteTable.Entry<>(MatchSpec.ALL, route)), null, TrustedProxies.NONE);
        return proxy.listen(address, new Target.Routed(routes));
    }

    /// The first one asked answers when it is released, the second at once.
    private ScriptedOrigin origin() throws Exception {
        return new ScriptedOrigin((in, out) -> {
            while (!ScriptedOrigin.readHead(in).isEmpty()) {
                if (asked.incrementAndGet() == 1) {
                    try {
                        released.await();
                    } catch (InterruptedException e) {
                        return;
                    }
                    out.write(ScriptedOrigin.response("200 OK", "slow".getBytes(StandardCharsets.US_ASCII)));
                } else {
                    out.write(ScriptedOrigin.response("200 OK", "fast".getBytes(StandardCharsets.US_ASCII)));
                }
            }
        });
    }

    private static Edge.Client client(Listener listener) throws Exception {
        Socket socket = new Socket("127.0.0.1", ((Address.Tcp) listener.address()).port());
        socket.setSoTimeout(60_000);
        return new Edge.Client(socket);
    }

    @AfterEach
    void close() {
        released.countDown();
        proxy.close();
        vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void takesTheAnswerOfTheSecondWhenTheFirstTakesLong() throws Exception {
        try (ScriptedOrigin one = origin();
                ScriptedOrigin two = origin()) {
            upstream.admit(Set.of(one.endpoint(1), two.endpoint(2)));
            // Longer than the second answer takes on a busy machine.
            Listener listener = listener(Duration.ofSeconds(2));
            try (Edge.Client client = client(listener)) {
                client.say(Edge.GET);
                assertThat(client.response()).endsWith("fast");
                Edge.await(() -> upstream.endpoints().stream().allMatch(e -> e.inFlight() == 0));
                client.say(Edge.GET);
                assertThat(client.response()).endsWith("fast");
            }
            assertThat(proxy.counters().of(Count.HEDGES)).isEqualTo(1);
        }
    }

    @Test
    void sendsNothingTwiceThatMayHaveAnEffect() throws Exception {
        try (ScriptedOrigin one = origin();
                ScriptedOrigin two = origin()) {
            upstream.admit(Set.of(one.endpoint(1), two.endpoint(2)));
            Listener listener = listener(Duration.ofMillis(20));
            try (Edge.Client client = client(listener);
                    Edge.Client other = client(listener)) {
                client.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
                Edge.await(() -> asked.get() == 1);
                other.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
                assertThat(other.response()).endsWith("fast");
                LockSupport.parkNanos(200_000_000); // time to go wrong in
                released.countDown();
                assertThat(client.response()).endsWith("slow");
            }
            assertThat(proxy.counters().of(Count.HEDGES)).isZero();
        }
    }

    @Test
    void goesOnWithTheFirstWhenTheSecondBreaks() throws Exception {
        try (ScriptedOrigin slow = new ScriptedOrigin((in, out) -> {
            ScriptedOrigin.readHead(in);
            asked.incrementAndGet();
            try {
                released.await();
            } catch (InterruptedException e) {
                return;
            }
            out.write(ScriptedOrigin.response("200 OK", "slow".getBytes(StandardCharsets.US_ASCII)));
        })) {
            upstream.admit(Set.of(slow.endpoint(1), ScriptedOrigin.at(2, 1)));
            Listener listener = listener(Duration.ofMillis(20));
            for (int i = 0; i < 20; i++) {
                int failed = i;
                try (Edge.Client client = client(listener)) {
                    client.say(Edge.GET);
                    Edge.await(() -> asked.get() > 0 || proxy.counters().of(Count.BAD_GATEWAYS) > failed);
                    if (asked.get() > 0) {
                        Edge.await(() -> proxy.counters().of(Count.HEDGES) > 0);
                        Edge.await(() -> proxy.counters().of(Count.UPSTREAM_CONNECT_FAILURES) > failed);
                        released.countDown();
                        assertThat(client.response()).endsWith("slow");
                        return;
                    }
                }
            }
            throw new AssertionError("the slow one was never asked");
        }
    }
}
