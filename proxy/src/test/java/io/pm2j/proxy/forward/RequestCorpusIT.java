package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.Address;
import io.pm2j.proxy.corpus.ReferenceReading;
import io.pm2j.proxy.corpus.ReferenceReading.Reading;
import io.pm2j.proxy.corpus.ReferenceReading.Request;
import io.pm2j.proxy.corpus.RequestCase;
import io.pm2j.proxy.corpus.RequestCase.Kind;
import io.pm2j.proxy.http.Violation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/// The whole corpus against the proxy in front of a real Node worker: what is passed on is seen by the worker
/// just as the reference reads it, and nothing else is seen at all, however the bytes are cut.
///
/// A cut is real: the second piece of a connection is written only when the proxy's own count of bytes
/// read says that it has taken all of the first.
@Timeout(900)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class RequestCorpusIT {
    /// Small, so that what is too large can be cut at every position too.
    private static final ReferenceReading.Limits LIMITS = new ReferenceReading.Limits(1024, 256, 16);

    private static final byte[] BEHIND =
            "GET /behind HTTP/1.1\r\nHost: behind\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
    private static final int AT_ONCE = 250;

    private static RecordingWorker worker;
    private static Edge edge;
    private static int port;
    private static long written;
    private static int connections;
    private static final List<String> wrong = new ArrayList<>();

    private static final String BROKEN_OFF = "The application did not answer.\n";

    /// What one connection must bring about.
    record Expected(RequestCase one, byte[] bytes, List<String> seen, int complete) {
        static Expected of(RequestCase one) {
            byte[] bytes = Arrays.copyOf(one.bytes(), one.bytes().length + BEHIND.length);
            System.arraycopy(BEHIND, 0, bytes, one.bytes().length, BEHIND.length);
            Reading reading = ReferenceReading.of(bytes, LIMITS);
            List<String> seen = new ArrayList<>();
            for (Request request : reading.requests()) {
                boolean refusedByNode = one.end().kind() == Kind.WORKER && seen.isEmpty();
                seen.add(refusedByNode ? "400" : Forwarded.digest(Forwarded.text(request, port)));
            }
            int own = one.end().kind() == Kind.WORKER ? 1 : one.passed();
            boolean behind = one.end().kind() == Kind.OPEN || one.end().kind() == Kind.WORKER;
            if (seen.size() != own + (behind ? 1 : 0)) {
                throw new IllegalStateException(one + ": read as " + reading);
            }
            return new Expected(one, bytes, seen, seen.size() - (one.end().kind() == Kind.WORKER ? 1 : 0));
        }

        /// Nothing more comes, and the connection can only end by us.
        boolean endsShort() {
            return one.end().kind() == Kind.SHORT;
        }

        /// Whether the worker may see the beginning of a request that never gets whole.
        boolean mayBegin() {
            Kind kind = one.end().kind();
            return kind == Kind.SHORT || kind == Kind.BODY || kind == Kind.WORKER;
        }

        /// How many requests the worker must have seen whole: nothing comes after one that it refused before
        /// the end of its body.
        int completeBy(String answer) {
            boolean early = one.end().kind() == Kind.WORKER && refusedEarly(answer);
            return early ? 0 : complete;
        }

        /// Node destroys the connection behind its answer: what it has not read yet makes that a reset, which may
        /// overtake the answer.
        private static boolean refusedByNode(String head) {
            return head.startsWith("HTTP/1.1 400 ")
                    || head.startsWith("HTTP/1.1 502 ") && head.contains("error=connection_terminated");
        }

        private static boolean refusedEarly(String answer) {
            return answer.startsWith("HTTP/1.1 400 ")
                    && answer.contains("\r\nConnection: close\r\n\r\n")
                    && answer.indexOf("\nHTTP/1.1 ") < 0;
        }

        /// What is wrong with all that came back, or nothing.
        String judge(String answer) {
            if (one.end().kind() == Kind.WORKER && refusedEarly(answer)) {
                return "";
            }
            String rest = answer;
            for (String digest : seen) {
                while (rest.startsWith("HTTP/1.1 100 ")) {
                    rest = rest.substring(rest.indexOf("\r\n\r\n") + 4);
                }
                int end = rest.indexOf("\r\n\r\n") + 4;
                if (end < 4) {
                    return "an answer is missing";
                }
                String head = rest.substring(0, end);
                if (digest.equals("400") ? !refusedByNode(head) : !head.contains("X-Saw: " + digest)) {
                    return "the worker saw something else: " + head;
                }
                rest = rest.substring(end);
                rest = rest.startsWith("ok") ? rest.substring(2) : rest;
                rest = rest.startsWith(BROKEN_OFF) ? rest.substring(BROKEN_OFF.length()) : rest;
            }
            return switch (one.end().kind()) {
                case OPEN, CLOSE, SHORT, WORKER -> rest.isEmpty() ? "" : "too much is answered: " + rest;
                case OPAQUE -> rest.startsWith("HTTP/1.1 400 ") ? "" : "Node takes it: " + rest;
                case HEAD, BODY -> {
                    String status = "HTTP/1.1 " + one.end().status() + " ";
                    String sentence = one.end().why().orElseThrow().sentence() + "\n";
                    boolean good = rest.startsWith(status)
                            && rest.contains("\r\nConnection: close\r\n")
                            && rest.endsWith("\r\n\r\n" + sentence)
                            && rest.indexOf("\nHTTP/1.1 ") < 0;
                    yield good ? "" : "not refused as it must be: " + rest;
                }
            };
        }
    }

    @BeforeAll
    static void start() throws Exception {
        worker = new RecordingWorker();
        ProxyOptions options = ProxyOptions.defaults()
                .withHeads(LIMITS.head(), LIMITS.line(), LIMITS.fields())
                .withHold(Duration.ofSeconds(5), 100);
        edge = Edge.relaying(options, worker.endpoint(1));
        port = ((Address.Tcp) edge.listener.address()).port();
        // Whatever begins like text is HTTP where the worker is known to speak it.
        assertThat(edge.ask(Edge.GET)).startsWith("HTTP/1.1 200 ");
        written = edge.count(Count.BYTES_FROM_CLIENTS);
    }

    @AfterAll
    static void stop() throws IOException {
        edge.close();
        worker.close();
    }

    /// Those come last of which the worker may see a beginning: it may do so a little later.
    private static List<Expected> corpus() {
        return RequestCase.all().stream()
                .map(Expected::of)
                .sorted(Comparator.comparing(Expected::mayBegin))
                .toList();
    }

    @Test
    @Order(1)
    void seesEveryCaseSentWhole() throws Exception {
        for (Expected one : corpus()) {
            check(List.of(one), () -> {
                Line line = new Line(one);
                line.write(0, one.bytes.length);
                return List.of(line);
            });
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    @Order(2)
    void seesEveryCaseSentByteByByte() throws Exception {
        List<Expected> all = corpus();
        for (int from = 0; from < all.size(); from += AT_ONCE) {
            List<Expected> some = all.subList(from, Math.min(all.size(), from + AT_ONCE));
            check(some, () -> byteByByte(some));
        }
        assertThat(wrong).isEmpty();
    }

    private static List<Line> byteByByte(List<Expected> some) throws IOException {
        List<Line> lines = new ArrayList<>();
        for (Expected one : some) {
            lines.add(new Line(one));
        }
        int longest = some.stream().mapToInt(e -> e.bytes.length).max().orElseThrow();
        for (int i = 0; i < longest; i++) {
            for (Line line : lines) {
                if (i < line.expected.bytes.length && !line.over()) {
                    line.write(i, i + 1);
                }
            }
            awaitRead(lines);
        }
        return lines;
    }

    @Test
    @Order(3)
    void seesEveryCaseCutAtEveryPosition() throws Exception {
        for (Expected one : corpus()) {
            int length = one.one.bytes().length;
            for (int from = 1; from < length; from += AT_ONCE) {
                cut(one, from, Math.min(length, from + AT_ONCE));
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(connections).as("cases and cuts").isGreaterThan(40_000);
    }

    private static void cut(Expected one, int from, int to) throws IOException {
        List<Integer> cuts = new ArrayList<>();
        for (int cut = from; cut < to; cut++) {
            if (!one.one.text().inRun()[cut]) {
                cuts.add(cut);
            }
        }
        List<Expected> each = cuts.stream().map(c -> one).toList();
        check(each, () -> {
            List<Line> lines = new ArrayList<>();
            for (int cut : cuts) {
                Line line = new Line(one);
                line.write(0, cut);
                lines.add(line);
            }
            awaitRead(lines);
            for (int i = 0; i < cuts.size(); i++) {
                lines.get(i).write(cuts.get(i), one.bytes.length);
            }
            return lines;
        });
    }

    interface Sending {
        List<Line> run() throws IOException;
    }

    /// Sends, reads every answer to its end, and compares what was counted on both sides.
    private static void check(List<Expected> all, Sending sending) throws IOException {
        RecordingWorker.Report before = worker.report();
        Map<Violation, Long> refused = refusals();
        List<Line> lines = sending.run();
        long complete = 0;
        for (Line line : lines) {
            String answer = line.answer();
            complete += line.expected.completeBy(answer);
            String why = line.expected.judge(answer);
            if (!why.isEmpty()) {
                wrong.add(line + ": " + why);
            }
        }
        awaitRead(lines);
        // What came after a request that asked for the end has been read by nobody.
        written = edge.count(Count.BYTES_FROM_CLIENTS);
        RecordingWorker.Report after = worker.report();
        connections += lines.size();
        boolean mayBegin = all.stream().anyMatch(Expected::mayBegin);
        long begun = after.started() - before.started();
        if (after.complete() - before.complete() != complete || !mayBegin && begun != complete) {
            wrong.add("the worker saw %d (%d begun), not %d of %s and %d more: %s"
                    .formatted(
                            after.complete() - before.complete(),
                            begun,
                            complete,
                            all.getFirst().one,
                            all.size() - 1,
                            after.text()));
        }
        for (Expected one : all) {
            one.one.end().why().ifPresent(why -> refused.merge(why, 1L, Long::sum));
        }
        Map<Violation, Long> counted = refusals();
        if (!counted.equals(refused)) {
            wrong.add(all.getFirst().one + " and " + (all.size() - 1) + " more: " + difference(counted, refused));
        }
        assertThat(wrong).as("stops when too much is wrong").hasSizeLessThan(60);
    }

    private static String difference(Map<Violation, Long> counted, Map<Violation, Long> expected) {
        Map<Violation, Long> more = new EnumMap<>(counted);
        expected.forEach((why, n) -> more.merge(why, -n, Long::sum));
        more.values().removeIf(n -> n == 0);
        return more + " too many";
    }

    private static Map<Violation, Long> refusals() {
        Map<Violation, Long> all = new EnumMap<>(Violation.class);
        for (Violation why : Violation.values()) {
            all.put(why, edge.proxy.counters().refused(why));
        }
        return all;
    }

    /// Until the proxy has read all that has been written to it, where it has not said that it reads no more.
    private static void awaitRead(List<Line> lines) throws IOException {
        long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        while (edge.count(Count.BYTES_FROM_CLIENTS) < written - perhapsUnread(lines)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "the proxy has not read " + (written - edge.count(Count.BYTES_FROM_CLIENTS)) + " bytes");
            }
            LockSupport.parkNanos(20_000);
        }
    }

    private static long perhapsUnread(List<Line> lines) throws IOException {
        long bytes = 0;
        for (Line line : lines) {
            if (line.sent > 0 && line.over()) {
                bytes += line.sent;
            }
        }
        return bytes;
    }

    /// One connection of a client.
    static final class Line {
        final Expected expected;
        private final Socket socket;
        private final InputStream in;
        private final ByteArrayOutputStream came = new ByteArrayOutputStream();
        private int sent;

        Line(Expected expected) throws IOException {
            this.expected = expected;
            socket = new Socket("127.0.0.1", port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(120_000);
            in = socket.getInputStream();
        }

        void write(int from, int to) throws IOException {
            try {
                socket.getOutputStream().write(expected.bytes, from, to - from);
            } catch (IOException e) {
                if (!askedForTheEnd()) {
                    throw e;
                }
                return;
            }
            written += to - from;
            sent = to;
            if (to == expected.bytes.length && expected.endsShort()) {
                socket.shutdownOutput();
            }
        }

        /// Whether the proxy has said that it reads no more.
        boolean over() throws IOException {
            if (!socket.isClosed() && in.available() > 0) {
                came.writeBytes(in.readNBytes(in.available()));
            }
            return came.size() > 0 && came.toString(StandardCharsets.ISO_8859_1).contains("\r\nConnection: close\r\n");
        }

        /// All that comes until the proxy ends the connection.
        String answer() throws IOException {
            byte[] piece = new byte[8192];
            try (socket) {
                for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                    came.write(piece, 0, n);
                }
                socket.setSoLinger(true, 0);
            } catch (IOException e) {
                if (!askedForTheEnd()) {
                    came.writeBytes(("[" + e.getMessage() + "]").getBytes(StandardCharsets.ISO_8859_1));
                }
            }
            return came.toString(StandardCharsets.ISO_8859_1);
        }

        /// Who asks for the end of the connection and sends more may be reset behind the answer.
        private boolean askedForTheEnd() throws IOException {
            return over() && came.toString(StandardCharsets.ISO_8859_1).startsWith("HTTP/1.1 200");
        }

        @Override
        public String toString() {
            return expected.one + " (" + expected.one.section() + ", the last piece ends at " + sent + ")";
        }
    }
}
