package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.proxy.upstream.EndpointSpec;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
final class UpstreamIT {
    private static ScriptedOrigin naming(String name) throws Exception {
        return new ScriptedOrigin((in, out) -> {
            ScriptedOrigin.readHead(in);
            out.write(("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\n" + name)
                    .getBytes(StandardCharsets.US_ASCII));
        });
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
