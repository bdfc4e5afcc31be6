package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.proxy.corpus.ResponseCase;
import io.pm2j.proxy.corpus.ResponseCase.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What origins must not say: no client takes it for a whole answer, the origin's connection is not used
/// again, and the next request goes well.
@Timeout(600)
final class ResponseCorpusIT {
    private static final int WHOLE = 0;
    private static final int BYTE_BY_BYTE = -1;
    private static final int AT_ONCE = 48;
    private static final List<ResponseCase> ALL = ResponseCase.all();
    private static final Collection<String> wrong = new ConcurrentLinkedQueue<>();
    private static ScriptedOrigin origin;
    private static Edge edge;

    @BeforeAll
    static void start() throws Exception {
        origin = new ScriptedOrigin(ResponseCorpusIT::answer);
        edge = Edge.relaying(origin.endpoint(1));
        assertThat(edge.ask("GET /ok HTTP/1.1\r\nHost: a\r\n\r\n")).endsWith("\r\n\r\nfine");
    }

    @AfterAll
    static void stop() throws IOException {
        edge.close();
        origin.close();
    }

    /// `/case/cut` gets the bytes of that case in two pieces; everything else a good answer.
    private static void answer(InputStream in, OutputStream out) throws IOException {
        ResponseCase before = null;
        for (String head = ScriptedOrigin.readHead(in); !head.isEmpty(); head = ScriptedOrigin.readHead(in)) {
            if (before != null && !before.outcome().reusable()) {
                wrong.add("the connection is used again after " + before);
            }
            String[] path = head.substring(head.indexOf('/') + 1, head.indexOf(" HTTP/"))
                    .split("/");
            if (path.length == 1) {
                out.write(ScriptedOrigin.response("200 OK", new byte[] {'f', 'i', 'n', 'e'}));
                before = null;
                continue;
            }
            before = ALL.get(Integer.parseInt(path[0]));
            byte[] bytes = before.text().bytes();
            int cut = Integer.parseInt(path[1]);
            if (cut == BYTE_BY_BYTE) {
                for (byte b : bytes) {
                    out.write(b);
                }
            } else {
                out.write(bytes, 0, cut);
                if (cut > 0) {
                    // Only a pace: mostly long enough for the first piece to be read by itself.
                    LockSupport.parkNanos(500_000);
                }
                out.write(bytes, cut, bytes.length - cut);
            }
            if (before.outcome().ends()) {
                return;
            }
        }
    }

    @Test
    void holdsAtLeastAHundredCasesOfDistinctNames() {
        assertThat(ALL).hasSizeGreaterThanOrEqualTo(100);
        assertThat(ALL.stream().map(ResponseCase::id)).doesNotHaveDuplicates();
    }

    @Test
    void judgesEveryResponseSentWhole() throws Exception {
        for (int i = 0; i < ALL.size(); i++) {
            ResponseCase one = ALL.get(i);
            long before = one.why().map(edge.proxy.counters()::refused).orElse(0L);
            ask(i, WHOLE);
            long after = one.why().map(edge.proxy.counters()::refused).orElse(1L);
            if (after != before + 1) {
                wrong.add(one + ": counted " + (after - before) + " of " + one.why());
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void judgesEveryResponseInPieces() throws Exception {
        Semaphore places = new Semaphore(AT_ONCE);
        List<Future<?>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < ALL.size(); i++) {
                boolean[] inRun = ALL.get(i).text().inRun();
                for (int cut = BYTE_BY_BYTE; cut < inRun.length; cut++) {
                    if (tooLate(ALL.get(i), cut)
                            || cut == WHOLE
                            || cut > 0 && inRun[cut]
                            || cut == BYTE_BY_BYTE && inRun.length > 2000) {
                        continue;
                    }
                    int which = i;
                    int where = cut;
                    places.acquire();
                    all.add(threads.submit(() -> {
                        try {
                            ask(which, where);
                        } finally {
                            places.release();
                        }
                        return null;
                    }));
                }
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(all).hasSizeGreaterThan(4_000);
    }

    /// What comes behind a response is seen only when it comes with it: later it meets a connection that
    /// may serve somebody else already, as with every client of HTTP/1.1.
    private static boolean tooLate(ResponseCase one, int cut) {
        String text = new String(one.text().bytes(), StandardCharsets.ISO_8859_1);
        return one.outcome() == Outcome.PASS_ONCE && (cut == BYTE_BY_BYTE || cut > text.indexOf("\r\n\r\n"));
    }

    private static void ask(int which, int cut) throws IOException {
        ResponseCase one = ALL.get(which);
        try (Edge.Client client = edge.connect()) {
            client.say("GET /" + which + "/" + cut + " HTTP/1.1\r\nHost: a\r\n\r\n");
            String got = read(client);
            String why = judge(one.outcome(), got);
            if (!why.isEmpty()) {
                wrong.add(one + " cut at " + cut + ": " + why + ": " + got);
            }
            boolean open = one.outcome() == Outcome.BAD || one.outcome() == Outcome.PASS;
            if (open && why.isEmpty()) {
                client.say("GET /ok HTTP/1.1\r\nHost: a\r\n\r\n");
                String next = client.response();
                if (!next.startsWith("HTTP/1.1 200 ") || !next.endsWith("\r\n\r\nfine")) {
                    wrong.add("the next request after " + one + ": " + next);
                }
            }
        }
    }

    private static String judge(Outcome outcome, String got) {
        boolean good = switch (outcome) {
            case PASS, PASS_ONCE, PASS_CLOSE -> got.endsWith(" whole: abc");
            case BAD -> got.startsWith("HTTP/1.1 502 ") && got.contains("error=http_protocol_error");
            case CUT_502 -> got.startsWith("HTTP/1.1 502 ");
            case BROKEN, CUT -> got.endsWith(" broken") || got.endsWith(" reset");
        };
        return good ? "" : "not as it must be";
    }

    /// The final head, and what a client that reads strictly makes of the rest.
    private static String read(Edge.Client client) throws IOException {
        String head = "";
        try {
            do {
                head = client.head();
            } while (head.startsWith("HTTP/1.1 10"));
            if (head.isEmpty()) {
                return "nothing, so it is broken";
            }
            String lower = head.toLowerCase(Locale.ROOT);
            int length = lower.indexOf("\r\ncontent-length: ");
            if (length >= 0) {
                int wanted = Integer.parseInt(lower.substring(length + 18, lower.indexOf("\r\n", length + 18))
                        .strip());
                String body = client.read(wanted);
                return head + (body.length() == wanted ? " whole: " + body : " broken");
            }
            return head
                    + (lower.contains("\r\ntransfer-encoding: chunked\r\n")
                            ? chunks(client)
                            : " whole: " + client.rest());
        } catch (IOException e) {
            return head + " reset";
        }
    }

    /// Chunks as strictly as they can be read: nothing but sizes, data and the end.
    private static String chunks(Edge.Client client) throws IOException {
        StringBuilder body = new StringBuilder();
        for (; ; ) {
            StringBuilder size = new StringBuilder();
            for (int c = client.in.read(); c != '\n'; c = client.in.read()) {
                if (c < 0) {
                    return " broken";
                }
                size.append((char) c);
            }
            int length = Integer.parseInt(size.toString().strip(), 16);
            String data = client.read(length + 2);
            if (data.length() < length + 2 || !data.endsWith("\r\n")) {
                return " broken";
            }
            if (length == 0) {
                return " whole: " + body;
            }
            body.append(data, 0, length);
        }
    }
}
