package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Error;
import io.pm2j.proxy.Listener;
import io.pm2j.proxy.files.SiteOptions;
import io.pm2j.proxy.files.StaticSite;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients of HTTP/2 that take or send nothing for a while, or break off.
@Timeout(180)
final class Http2FlowIT extends Http2Ground {
    @Test
    void whoTakesNothingStopsItsWorkerAndNobodyElse() throws Exception {
        AtomicLong written = new AtomicLong();
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    while (!ScriptedOrigin.readHead(in).contains("/small")) {
                        out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n"));
                        byte[] piece = new byte[64 * 1024];
                        for (int i = 0; i < 1024; i++) {
                            out.write(piece);
                            written.addAndGet(piece.length);
                        }
                    }
                    out.write(ascii("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            Http2Peer.Stream large = client.get("/large").taking(false);
            Edge.await(() -> written.get() > 0);
            assertThat(client.get("/small").text()).isEqualTo("ok");
            // The window of a stream, what waits for it, and the sockets' buffers on the way.
            assertThat(written.get()).isLessThan(32 * 1024 * 1024);

            large.taking(true);
            assertThat(large.text()).hasSize(67_108_864);
        }
    }

    @Test
    void anUploadThatNobodyTakesStopsNobodyElse() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    String head = ScriptedOrigin.readHead(in);
                    if (head.startsWith("POST /slow")) {
                        await(go);
                    }
                    String body = head.contains("chunked") ? chunks(in) : "";
                    out.write(ScriptedOrigin.response("200 OK", ascii("" + body.length())));
                    out.flush();
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            try {
                Http2Peer.Stream slow = client.open(Http2Peer.head("POST", "/slow"), false);
                int pieces = 512;
                for (int i = 0; i < pieces; i++) {
                    slow.send(text(64 * 1024), false);
                }
                slow.send("", true);
                Http2Peer.Stream quick = client.open(Http2Peer.head("POST", "/quick"), false);
                quick.send(text(64 * 1024), false).send(text(64 * 1024), true);

                assertThat(quick.text()).isEqualTo("131072");
                go.countDown();
                assertThat(slow.text()).isEqualTo("" + pieces * 64 * 1024);
            } finally {
                go.countDown();
            }
        }
    }

    @Test
    void aStreamThatIsResetFreesItsWorker() throws Exception {
        BlockingQueue<String> heads = new LinkedBlockingQueue<>();
        BlockingQueue<Integer> ends = new LinkedBlockingQueue<>();
        try (ScriptedOrigin origin = new ScriptedOrigin((in, _) -> {
                    heads.add(ScriptedOrigin.readHead(in));
                    ends.add(in.read());
                });
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            Http2Peer.Stream stream = client.get("/");
            assertThat(heads.poll(60, TimeUnit.SECONDS)).startsWith("GET / ");
            stream.reset(Http2Error.CANCEL);

            assertThat(ends.poll(60, TimeUnit.SECONDS)).isEqualTo(-1);
            Edge.await(edge.app::quiet);
            Edge.await(() -> edge.count(Count.CLIENT_ABORTS) == 1);
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    void aConnectionThatBreaksEndsItsStreams() throws Exception {
        BlockingQueue<Integer> ends = new LinkedBlockingQueue<>();
        BlockingQueue<String> heads = new LinkedBlockingQueue<>();
        try (ScriptedOrigin origin = new ScriptedOrigin((in, _) -> {
                    heads.add(ScriptedOrigin.readHead(in));
                    ends.add(in.read());
                });
                Edge edge = Edge.relaying(origin.endpoint(1))) {
            try (Http2Peer client = Http2Peer.to(port(listen(edge)))) {
                for (int i = 0; i < 3; i++) {
                    client.get("/");
                    assertThat(heads.poll(60, TimeUnit.SECONDS)).startsWith("GET / ");
                }
            }
            for (int i = 0; i < 3; i++) {
                assertThat(ends.poll(60, TimeUnit.SECONDS)).isEqualTo(-1);
            }
            Edge.await(edge.app::quiet);
            Edge.await(() -> edge.count(Count.CONNECTIONS_CLOSED) == 1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStalledUploadThatBreaksOffFreesItsWorker(boolean alone) throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        try (ScriptedOrigin origin = waiting(go, begun, "");
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            try {
                Http2Peer.Stream slow = client.open(Http2Peer.head("POST", "/slow"), false);
                stall(slow);
                begun.await();
                awaitStalled(edge);
                if (alone) {
                    slow.reset(Http2Error.CANCEL);
                } else {
                    client.breakOff();
                }
                Edge.await(edge.app::quiet);
                Edge.await(() -> edge.count(Count.CLIENT_ABORTS) == 1);
                assertThat(busy(edge)).isZero();
            } finally {
                go.countDown();
            }
        }
    }

    @Test
    void aStalledUploadThatIsAnsweredIsOver() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        String answer = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nno\n";
        try (ScriptedOrigin origin = waiting(go, begun, answer);
                Edge edge = Edge.relaying(origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            try {
                Http2Peer.Stream slow = client.open(Http2Peer.head("POST", "/slow"), false);
                stall(slow);
                begun.await();
                awaitStalled(edge);
                go.countDown();
                assertThat(slow.text()).isEqualTo("no\n");
                assertThat(slow.resetAfterAll()).isEqualTo(Http2Error.NO_ERROR);
                assertThat(busy(edge)).isZero();
            } finally {
                go.countDown();
            }
        }
    }

    @Test
    void uploadsThatWaitInVainAreOver() throws Exception {
        ProxyOptions options = ProxyOptions.defaults().withHold(Duration.ofMillis(500), 1000);
        try (Edge edge = Edge.relaying(options)) {
            Listener listener = listen(edge);
            try (Http2Peer client = Http2Peer.to(port(listener))) {
                List<Http2Peer.Stream> streams = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    Http2Peer.Stream upload = client.open(Http2Peer.head("POST", "/"), false);
                    streams.add(upload.send(text(16_000), false).send(text(16_000), false));
                }
                for (Http2Peer.Stream stream : streams) {
                    assertThat(stream.status()).isEqualTo("503");
                }
            }
            assertThat(busy(edge)).isZero();
        }
    }

    @Test
    void aSteadyReaderOfAFileGetsItWhole() throws Exception {
        Path root = Files.createDirectory(folder.resolve("site"));
        Files.writeString(root.resolve("large.txt"), text(LARGE));
        StaticSite site = StaticSite.open(root, SiteOptions.defaults());
        ProxyOptions options = ProxyOptions.defaults().withClientWrite(Duration.ofSeconds(3));
        try (Edge edge = Edge.serving(options, site);
                Http2Peer client = Http2Peer.to(port(listen(edge, new Target.Site(site))))) {
            Http2Peer.Stream file = client.get("/large.txt").taking(false);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(8);
            while (System.nanoTime() < end) {
                file.takeOne();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
            assertThat(file.received()).isLessThan(LARGE);
            assertThat(file.taking(true).text()).hasSize(LARGE);
        }
    }

    @Test
    void stalledUploadsDoNotCostOthersTheirTime() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        ProxyOptions options = ProxyOptions.defaults().withBodyRate(500, Duration.ofSeconds(3));
        try (ScriptedOrigin origin = new ScriptedOrigin((in, out) -> {
                    if (ScriptedOrigin.readHead(in).startsWith("POST /slow")) {
                        await(go);
                    }
                    out.write(ScriptedOrigin.response(
                            "200 OK", ascii("" + chunks(in).length())));
                    out.flush();
                });
                Edge edge = Edge.relaying(options, origin.endpoint(1));
                Http2Peer client = Http2Peer.to(port(listen(edge)))) {
            try {
                for (int i = 0; i < 20; i++) {
                    stall(client.open(Http2Peer.head("POST", "/slow"), false));
                }
                awaitStalled(edge);
                Http2Peer.Stream quick = client.open(Http2Peer.head("POST", "/quick"), false);
                quick.send(text(64 * 1024), false).send(text(64 * 1024), true);
                assertThat(quick.text()).isEqualTo("131072");
            } finally {
                go.countDown();
            }
        }
    }
}
