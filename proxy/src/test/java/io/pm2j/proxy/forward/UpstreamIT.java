package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.proxy.upstream.EndpointSpec;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class UpstreamIT {
    private static ScriptedOrigin naming(String name) throws Exception {
        return new ScriptedOrigin((in, out) -> {
            ScriptedOrigin.readHead(in);
            out.write(("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\n" + name)
                    .getBytes(StandardCharsets.US_ASCII));
        });
    }

    @Test
    void sparesAWorkerThatAnswersSlowly() throws Exception {
        ScriptedOrigin.Script slow = (in, out) -> {
            ScriptedOrigin.readHead(in);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(60)); // what it does is slow
            out.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nslo"
                    .getBytes(StandardCharsets.US_ASCII));
        };
        try (ScriptedOrigin quick = naming("new");
                ScriptedOrigin tired = new ScriptedOrigin(slow);
                Edge edge = Edge.relaying(quick.endpoint(1), tired.endpoint(2))) {
            int slows = 0;
            for (int i = 0; i < 60; i++) {
                slows += edge.ask(Edge.GET).endsWith("slo") ? 1 : 0;
            }
            // Each event loop learns it for itself; without that every second request would be slow.
            assertThat(slows).isBetween(1, 15);
        }
    }

    @Test
    void dialsTheNewestOriginOfAnEndpoint() throws Exception {
        try (ScriptedOrigin old = naming("old");
                ScriptedOrigin fresh = naming("new");
                Edge edge = Edge.relaying(old.endpoint(1))) {
            assertThat(edge.ask(Edge.GET)).endsWith("old");
            edge.app.admit(Set.of(fresh.endpoint(1)));
            assertThat(edge.ask(Edge.GET)).endsWith("new");
        }
    }

    @Test
    void dialsTheNewestOriginOfAnEndpointThatWasLeftOutMeanwhile() throws Exception {
        EndpointSpec gone;
        try (ScriptedOrigin closed = naming("old")) {
            gone = closed.endpoint(1);
        }
        try (ScriptedOrigin fresh = naming("new");
                Edge edge = Edge.relaying(gone)) {
            edge.app.admit(Set.of());
            edge.app.admit(Set.of(fresh.endpoint(1)));
            assertThat(edge.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"))
                    .endsWith("new");
        }
    }
}
