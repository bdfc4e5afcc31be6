package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// How the edge treats requests on their way, as an ecosystem file says.
class EdgeTreatmentIT {
    private static final String NODE = """
            require('http').createServer((request, response) => {
              if (request.url === '/sick' && process.env.NODE_APP_INSTANCE === '0') return request.socket.destroy();
              response.end(JSON.stringify({ pid: process.pid, url: request.url, headers: request.headers }));
            }).listen(%d);
            """;
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    final Product product = new Product();

    private int edge;

    private void start(int instances, String listeners, String routes) throws Exception {
        edge = product.freePort();
        Files.writeString(product.work().resolve("app.js"), NODE.formatted(product.freePort()));
        Files.writeString(product.work().resolve("ecosystem.yaml"), """
                apps: [{ name: web, script: app.js, instances: %d }]
                edge:
                  trusted_proxies: [127.0.0.0/8]
                  listeners: %s
                  access_log: { file: access.log, format: json }
                  routes:
                %s
                """.formatted(
                        instances, listeners.replace("EDGE", "127.0.0.1:" + edge), routes.indent(4)));
        product.run("start", "ecosystem.yaml").succeeds();
    }

    private String ask(String path, String... lines) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", edge)) {
            return ask(socket, path, lines);
        }
    }

    private static String ask(Socket socket, String path, String... lines) throws IOException {
        socket.setSoTimeout(60_000);
        String more = String.join("", List.of(lines));
        String request = "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + more + "Connection: close\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    private static JsonNode body(String answer) throws IOException {
        return JSON.readTree(answer.substring(answer.indexOf("\r\n\r\n") + 4));
    }

    @Test
    void letsInWhoMayComeIn() throws Exception {
        String ann = Base64.getEncoder().encodeToString("ann:secret".getBytes(StandardCharsets.UTF_8));
        start(1, "[\"EDGE\"]", """
                - { path: /auth, app: web, basic_auth: { users: { ann: secret } }, request_id: true }
                - { path: /few, app: web, rate_limit: { rate: 1/h, burst: 2 } }
                - { path: /in, app: web, allow: [10.1.1.1] }
                - { path: /out, app: web, deny: [127.0.0.1] }
                - { path: /soon, app: web, maintenance: { retry_after: 1m } }
                - { path: /cors, app: web, cors: { origins: ["https://a.example"] } }
                - { app: web }
                """);

        assertThat(ask("/auth")).startsWith("HTTP/1.1 401 ").contains("WWW-Authenticate: Basic ");
        assertThat(ask("/auth", "Authorization: Basic " + ann + "\r\n"))
                .startsWith("HTTP/1.1 200 ")
                .contains("\"x-request-id\":\"");
        assertThat(ask("/few")).startsWith("HTTP/1.1 200 ");
        assertThat(ask("/few")).startsWith("HTTP/1.1 200 ");
        assertThat(ask("/few")).startsWith("HTTP/1.1 429 ").contains("\r\nRetry-After: ");
        assertThat(ask("/few", "X-Forwarded-For: 10.9.9.9\r\n")).startsWith("HTTP/1.1 200 ");
        assertThat(ask("/in")).startsWith("HTTP/1.1 403 ");
        String named = ask("/in", "X-Forwarded-For: 10.1.1.1\r\n");
        assertThat(named).startsWith("HTTP/1.1 200 ");
        assertThat(body(named).path("headers").path("x-forwarded-for").asText()).isEqualTo("10.1.1.1, 127.0.0.1");
        assertThat(ask("/out")).startsWith("HTTP/1.1 403 ");
        assertThat(ask("/soon")).startsWith("HTTP/1.1 503 ").contains("\r\nRetry-After: 60\r\n");
        assertThat(ask("/cors", "Origin: https://a.example\r\n"))
                .contains("Access-Control-Allow-Origin: https://a.example\r\n");
        assertThat(ask("/any")).startsWith("HTTP/1.1 200 ");

        Path log = product.work().resolve("access.log");
        List<String> lines = Product.eventually("told", () -> Files.readAllLines(log), all -> all.size() == 12);
        // Each loop hands its lines over for itself: those of two are in no order.
        assertThat(told(lines, "/auth", 401).path("user").asText("")).isEmpty();
        JsonNode proven = told(lines, "/auth", 200);
        assertThat(proven.path("user").asText()).isEqualTo("ann");
        assertThat(proven.path("app").asText()).isEqualTo("web");
        assertThat(proven.path("duration_ms").asDouble()).isPositive();
        assertThat(told(lines, "/in", 200).path("client_ip").asText()).isEqualTo("10.1.1.1");
    }

    private static JsonNode told(List<String> lines, String path, int status) throws IOException {
        for (String line : lines) {
            JsonNode told = JSON.readTree(line);
            if (told.path("path").asText().equals(path) && told.path("status").asInt() == status) {
                return told;
            }
        }
        throw new AssertionError("nothing of " + path + " " + status + " in " + lines);
    }

    @Test
    void bringsASessionBackToItsWorkerAndSpreadsTheOthers() throws Exception {
        start(3, "[\"EDGE\"]", """
                - { path: /sticky, app: web, sticky: { cookie: backend, max_age: 1h } }
                - { path: /hash, app: web, balance: "hash:header:x-user" }
                - { app: web, balance: round_robin }
                """);

        Product.eventually("all serve", () -> pids("/", 12).size(), size -> size == 3);
        String first = ask("/sticky");
        assertThat(first).contains("Set-Cookie: backend=").contains("; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600");
        String cookie = first.substring(first.indexOf("backend="));
        cookie = cookie.substring(0, cookie.indexOf(';'));
        int pid = body(first).path("pid").asInt();
        for (int i = 0; i < 10; i++) {
            String again = ask("/sticky", "Cookie: x=y; " + cookie + "\r\n");
            assertThat(body(again).path("pid").asInt()).isEqualTo(pid);
            assertThat(again).doesNotContain("Set-Cookie");
        }
        assertThat(ask("/sticky", "Cookie: backend=forged\r\n")).contains("Set-Cookie: backend=");

        assertThat(pids("/hash", 12, "X-User: ann\r\n")).hasSize(1);
        assertThat(pids("/", 12)).hasSize(3);
    }

    private Set<Integer> pids(String path, int times, String... lines) throws IOException {
        Set<Integer> pids = new HashSet<>();
        for (int i = 0; i < times; i++) {
            pids.add(body(ask(path, lines)).path("pid").asInt());
        }
        return pids;
    }

    @Test
    void asksAnotherWorkerWhenOneBreaks() throws Exception {
        start(2, "[\"EDGE\"]", "- { app: web }");
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            answers.add(ask("/sick"));
        }
        assertThat(answers).allMatch(answer -> answer.startsWith("HTTP/1.1 200 "));
    }

    @Test
    void leadsToServersOutsideAndKeepsFromTheSickOnes() throws Exception {
        int good = product.freePort();
        int bad = product.freePort();
        Files.writeString(product.work().resolve("outside.js"), """
                const serve = (port, status) => require('http').createServer((request, response) => {
                  response.statusCode = status;
                  response.end(request.url + ' ' + port);
                }).listen(port, '127.0.0.1');
                serve(%d, 200);
                serve(%d, 500);
                """.formatted(good, bad));
        product.run("start", "outside.js", "--name", "outside").succeeds();
        Product.eventually("it listens", () -> product.status(good, "/"), status -> status == 200);
        start(1, "[\"EDGE\"]", """
                - path: /out
                  upstream: ["http://127.0.0.1:%d", "http://localhost:%d"]
                  balance: round_robin
                  health: { path: /well, interval: 3s, timeout: 3s, unhealthy: 1, status: "200" }
                - { path: /nobody, upstream: "http://127.0.0.1:1", timeouts: { connect: 1s } }
                """.formatted(good, bad));

        Product.eventually("only the good one answers", () -> statuses("/out", 6), seen -> seen.equals(Set.of("200")));
        assertThat(ask("/out/x?y")).endsWith("/out/x?y " + good);
        assertThat(ask("/nobody")).startsWith("HTTP/1.1 502 ");
    }

    private Set<String> statuses(String path, int times) throws IOException {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < times; i++) {
            seen.add(ask(path).substring(9, 12));
        }
        return seen;
    }

    /// What comes back for a datagram; empty when nothing does.
    private static String echoed(DatagramSocket socket, int port) throws IOException {
        byte[] data = "ping".getBytes(StandardCharsets.US_ASCII);
        socket.send(new DatagramPacket(data, data.length, InetAddress.getLoopbackAddress(), port));
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        try {
            socket.receive(answer);
        } catch (SocketTimeoutException e) {
            return "";
        }
        return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII);
    }

    @Test
    void passesOnBytesAndDatagramsAndTellsWhoTheClientIs() throws Exception {
        Files.writeString(product.work().resolve("echo.js"), """
                const net = require('net');
                net.createServer({ allowHalfOpen: true }, socket => {
                  let all = '';
                  socket.on('data', data => all += data).on('end', () => socket.end('said ' + all));
                }).listen(%d);
                """.formatted(product.freePort()));
        Files.writeString(product.work().resolve("udp.py"), """
                import os, socket
                server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                server.bind(("127.0.0.1", int(os.environ["PORT"])))
                while True:
                    data, client = server.recvfrom(2048)
                    server.sendto(b"back " + data, client)
                """);
        int tcp = product.freePort();
        int udp = product.freePort();
        int announced = product.freePort();
        edge = announced;
        Files.writeString(product.work().resolve("app.js"), NODE.formatted(product.freePort()));
        Files.writeString(product.work().resolve("ecosystem.yaml"), """
                apps:
                  - { name: echo, script: echo.js }
                  - { name: udp, script: udp.py, interpreter: python3, instances: 2, listen_timeout: 2000 }
                  - { name: web, script: app.js }
                edge:
                  trusted_proxies: [127.0.0.1]
                  listeners:
                    - { address: "127.0.0.1:%d", protocol: tcp, app: echo, send_proxy: v1 }
                    - { address: "127.0.0.1:%d", protocol: udp, app: udp }
                    - { address: "127.0.0.1:%d", proxy_protocol: true }
                  routes: [{ app: web }]
                """.formatted(tcp, udp, announced));
        product.run("start", "ecosystem.yaml").succeeds();

        try (Socket socket = new Socket("127.0.0.1", tcp)) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            String said = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(said)
                    .isEqualTo(
                            "said PROXY TCP4 127.0.0.1 127.0.0.1 " + socket.getLocalPort() + " " + tcp + "\r\nhello");
        }
        try (DatagramSocket socket = new DatagramSocket()) {
            // Nobody keeps a datagram for a worker that still boots.
            socket.setSoTimeout(500);
            assertThat(Product.eventually("a datagram comes back", () -> echoed(socket, udp), said -> !said.isEmpty()))
                    .isEqualTo("back ping");
        }
        try (Socket socket = new Socket("127.0.0.1", announced)) {
            socket.getOutputStream()
                    .write("PROXY TCP4 192.0.2.7 198.51.100.1 5555 443\r\n".getBytes(StandardCharsets.US_ASCII));
            JsonNode headers = body(ask(socket, "/")).path("headers");
            assertThat(headers.path("x-forwarded-for").asText()).isEqualTo("192.0.2.7");
            assertThat(headers.path("x-forwarded-port").asText()).isEqualTo("443");
        }
        try (Socket socket = new Socket("127.0.0.1", announced);
                InputStream in = socket.getInputStream()) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(in.read()).isEqualTo(-1);
        }
    }
}
