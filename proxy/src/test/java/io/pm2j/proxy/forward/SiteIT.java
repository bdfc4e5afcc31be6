package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.proxy.files.SiteOptions;
import io.pm2j.proxy.files.StaticSite;
import io.pm2j.proxy.http.Violation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A static site behind the real listener.
@Timeout(180)
final class SiteIT {
    private static final int LARGE = 5 * 1024 * 1024;

    @TempDir
    Path dir;

    private byte[] large = {};
    private Edge edge;

    @BeforeEach
    void start() throws Exception {
        large = new byte[LARGE];
        new Random(1).nextBytes(large);
        Files.writeString(dir.resolve("small.txt"), "0123456789");
        Files.write(dir.resolve("large.bin"), large);
        edge = Edge.serving(StaticSite.open(dir, SiteOptions.defaults()));
    }

    @AfterEach
    void stop() {
        edge.close();
    }

    private static String get(String path, String... fields) {
        String lines = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
        return "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
    }

    private static String field(String response, String name) {
        Matcher line = Pattern.compile("(?im)^" + name + ": ([^\r]*)").matcher(response);
        assertThat(line.find()).as(name + " in " + response).isTrue();
        return line.group(1);
    }

    /// The open descriptors of this process on the large file.
    private long openOnTheLargeFile() {
        Path file = dir.resolve("large.bin");
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(fd -> pointsAt(fd, file)).count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static boolean pointsAt(Path fd, Path file) {
        try {
            return Files.readSymbolicLink(fd).equals(file);
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    @Test
    void servesASmallFileAgainAndAgain() throws Exception {
        try (Edge.Client client = edge.connect()) {
            for (int i = 0; i < 50; i++) {
                client.say(get("/small.txt"));
                assertThat(client.response()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\n0123456789");
            }
            client.say(get("/none"));
            assertThat(client.response()).startsWith("HTTP/1.1 404 ");
        }
    }

    @Test
    void servesALargeFileWholeAndClosesIt() throws Exception {
        try (Edge.Client client = edge.connect()) {
            for (int i = 0; i < 3; i++) {
                client.say(get("/large.bin"));
                assertThat(field(client.head(), "Content-Length")).isEqualTo(String.valueOf(LARGE));
                assertThat(client.in.readNBytes(LARGE)).isEqualTo(large);
            }
            client.say(get("/small.txt"));
            assertThat(client.response()).endsWith("0123456789");
        }
        Edge.await(() -> openOnTheLargeFile() == 0);
    }

    @Test
    void answersHeadLikeGetWithoutTheBody() throws Exception {
        try (Edge.Client client = edge.connect()) {
            for (String path : new String[] {"/small.txt", "/large.bin", "/none"}) {
                client.say(get(path).replace("GET", "HEAD") + get("/small.txt"));
                assertThat(client.head()).contains("Content-Length: ");
                assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("0123456789");
            }
        }
        Edge.await(() -> openOnTheLargeFile() == 0);
    }

    @Test
    void servesRanges() throws Exception {
        try (Edge.Client client = edge.connect()) {
            client.say(get("/small.txt", "Range: bytes=2-4"));
            assertThat(client.response())
                    .startsWith("HTTP/1.1 206 ")
                    .contains("Content-Range: bytes 2-4/10\r\n")
                    .endsWith("\r\n\r\n234");
            client.say(get("/large.bin", "Range: bytes=-1000"));
            assertThat(client.head())
                    .contains("Content-Range: bytes " + (LARGE - 1000) + "-" + (LARGE - 1) + "/" + LARGE);
            assertThat(client.in.readNBytes(1000)).isEqualTo(java.util.Arrays.copyOfRange(large, LARGE - 1000, LARGE));
            client.say(get("/small.txt", "Range: bytes=20-"));
            assertThat(client.response()).startsWith("HTTP/1.1 416 ").contains("Content-Range: bytes */10\r\n");
        }
        Edge.await(() -> openOnTheLargeFile() == 0);
    }

    @Test
    void servesSeveralRangesOfALargeFile() throws Exception {
        try (Edge.Client client = edge.connect()) {
            client.say(get("/large.bin", "Range: bytes=0-99999,4000000-4299999"));
            String response = client.response();
            assertThat(response).startsWith("HTTP/1.1 206 ").contains("bytes 0-99999/" + LARGE);
            assertThat(field(response, "Content-Type")).startsWith("multipart/byteranges; boundary=");
            assertThat(response)
                    .contains(new String(large, 0, 100_000, StandardCharsets.ISO_8859_1))
                    .contains(new String(large, 4_000_000, 300_000, StandardCharsets.ISO_8859_1));
            client.say(get("/small.txt"));
            assertThat(client.response()).endsWith("0123456789");
        }
        Edge.await(() -> openOnTheLargeFile() == 0);
    }

    @Test
    void answers304ToWhoHasTheFile() throws Exception {
        try (Edge.Client client = edge.connect()) {
            client.say(get("/small.txt"));
            String etag = field(client.response(), "ETag");
            client.say(get("/small.txt", "If-None-Match: " + etag));
            assertThat(client.head()).startsWith("HTTP/1.1 304 ");
            client.say(get("/small.txt"));
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void answers405AfterReadingABodyOfNoUse() throws Exception {
        try (Edge.Client client = edge.connect()) {
            client.say("POST /small.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + get("/small.txt"));
            assertThat(client.response()).startsWith("HTTP/1.1 405 ").contains("Allow: ");
            assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("0123456789");
        }
    }

    @Test
    void refusesABodyItWouldHaveToReadForTooLong() throws Exception {
        try (Edge.Client client = edge.connect()) {
            client.say("POST /small.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n");
            client.say("x".repeat(1_200_000));
            assertThat(client.rest())
                    .startsWith("HTTP/1.1 413 ")
                    .contains("Connection: close\r\n")
                    .endsWith(Violation.BODY_TOO_LARGE.sentence() + "\n");
        }
    }

    @Test
    void answersPipelinedRequestsInOrder() throws Exception {
        try (Edge.Client client = edge.connect()) {
            client.say((get("/large.bin", "Range: bytes=0-199999") + get("/small.txt") + get("/none")).repeat(5));
            client.socket.shutdownOutput();
            for (int i = 0; i < 5; i++) {
                assertThat(client.response())
                        .startsWith("HTTP/1.1 206 ")
                        .endsWith(new String(large, 0, 200_000, StandardCharsets.ISO_8859_1));
                assertThat(client.response()).startsWith("HTTP/1.1 200 ").endsWith("0123456789");
                assertThat(client.response()).startsWith("HTTP/1.1 404 ");
            }
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void closesTheFileWhenTheClientGoesMidway() throws Exception {
        for (int i = 0; i < 8; i++) {
            try (Edge.Client client = edge.connect()) {
                // Pipelined, so that there is something left to begin when the connection ends.
                client.say(get("/large.bin").repeat(3));
                assertThat(client.in.readNBytes(70_000)).hasSize(70_000);
                client.socket.setSoLinger(true, 0);
            }
        }
        Edge.await(() -> edge.proxy.counters().openConnections() == 0);
        Edge.await(() -> openOnTheLargeFile() == 0);
    }

    @Test
    void closesAfterTheAnswerWhenTheClientAsksForThat() throws Exception {
        assertThat(edge.askToTheEnd(get("/small.txt", "Connection: close")))
                .contains("Connection: close\r\n")
                .endsWith("0123456789");
        assertThat(edge.askToTheEnd("GET /small.txt HTTP/1.0\r\n\r\n")).endsWith("0123456789");
    }

    @Test
    void answersAtOnceWhoeverAsksBeforeSendingABody() throws Exception {
        String all = edge.askToTheEnd(
                "PUT /small.txt HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
        assertThat(all).startsWith("HTTP/1.1 405 ").contains("Connection: close\r\n");
    }
}
