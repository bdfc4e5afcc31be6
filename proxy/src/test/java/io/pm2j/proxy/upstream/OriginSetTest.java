package io.pm2j.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.config.spec.edge.OriginSpec;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
final class OriginSetTest {
    private final Upstream upstream = new Upstream(UpstreamSpec.named("legacy"), List.of());

    private static List<OriginSpec> origins(String... texts) {
        return Stream.of(texts).map(OriginSpec::parse).toList();
    }

    private List<String> addresses() {
        return upstream.endpoints().stream()
                .map(e -> e.slot() + " " + e.weight())
                .sorted()
                .toList();
    }

    /// Each look-up waits for its answer: nothing is an answer too.
    private static OriginSet.Resolver answers(BlockingQueue<List<String>> queue) {
        return name -> {
            try {
                List<String> texts = queue.take();
                if (texts.isEmpty()) {
                    throw new UnknownHostException(name);
                }
                return texts.stream().map(InetAddress::ofLiteral).toList();
            } catch (InterruptedException e) {
                throw new UnknownHostException("interrupted");
            }
        };
    }

    @Test
    void addressesAreEndpointsAtOnce() {
        OriginSet.Resolver none = name -> {
            throw new AssertionError("looked up " + name);
        };
        List<OriginSpec> origins = Stream.concat(
                        origins("http://[::1]:8080", "unix:/run/a.sock").stream(),
                        Stream.of(OriginSpec.parse("10.0.0.5:81").withWeight(3)))
                .toList();
        try (OriginSet set = OriginSet.of(upstream, origins, none, Duration.ofSeconds(30))) {
            assertThat(set).isNotNull();
            assertThat(addresses()).containsExactly("10.0.0.5:81 3", "[0:0:0:0:0:0:0:1]:8080 1", "unix:/run/a.sock 1");
        }
    }

    @Test
    void everyAddressOfANameIsOneAndTheLastKnownStay() throws Exception {
        BlockingQueue<List<String>> queue = new SynchronousQueue<>();
        try (OriginSet set = OriginSet.of(
                upstream, origins("http://a.example", "10.0.0.9:80"), answers(queue), Duration.ofMillis(1))) {
            assertThat(set).isNotNull();
            assertThat(addresses()).containsExactly("10.0.0.9:80 1");
            // An answer that is taken says that the one before has had its effect.
            put(queue, List.of("10.0.0.1", "10.0.0.2"));
            put(queue, List.of());
            assertThat(addresses()).containsExactly("10.0.0.1:80 1", "10.0.0.2:80 1", "10.0.0.9:80 1");
            long before = upstream.endpoints().stream()
                    .filter(e -> e.slot().equals("10.0.0.2:80"))
                    .findFirst()
                    .orElseThrow()
                    .id();
            put(queue, List.of("10.0.0.2", "10.0.0.3"));
            put(queue, List.of());
            assertThat(addresses()).containsExactly("10.0.0.2:80 1", "10.0.0.3:80 1", "10.0.0.9:80 1");
            assertThat(upstream.endpoints()).anyMatch(e -> e.id() == before);
        }
    }

    private static void put(BlockingQueue<List<String>> queue, List<String> answer) throws InterruptedException {
        assertThat(queue.offer(answer, 60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void stopsLookingWhenClosed() throws Exception {
        BlockingQueue<List<String>> queue = new LinkedBlockingQueue<>();
        OriginSet set = OriginSet.of(upstream, origins("http://a.example"), answers(queue), Duration.ofMillis(1));
        set.close();
        queue.add(List.of("10.0.0.1"));
        Thread.yield();
        assertThat(addresses()).isEmpty();
    }

    @Test
    void refusesTls() {
        assertThatThrownBy(() -> OriginSet.of(upstream, origins("https://a.example")))
                .hasMessage("https://a.example:443 is not supported yet (expected: http://host:port)");
    }
}
