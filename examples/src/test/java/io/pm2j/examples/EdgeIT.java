package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What an ecosystem file asks of the edge.
class EdgeIT {
    private static final String PYTHON = """
            import os, http.server
            class Handler(http.server.BaseHTTPRequestHandler):
                protocol_version = "HTTP/1.1"
                def do_GET(self):
                    body = ("python " + self.path).encode()
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
            http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
            """;
    private static final String NODE = """
            require('http').createServer((request, response) => {
              response.setHeader('Server', 'secret');
              response.end(JSON.stringify({ url: request.url, headers: request.headers }));
            }).listen(%d);
            """;

    @RegisterExtension
    final Product product = new Product();

    private int edge;

    private void write(String file, String text, Object... values) throws IOException {
        Files.writeString(product.work().resolve(file), text.formatted(values));
    }

    /// The whole answer to a GET of `path` at the edge, as asked of `host`.
    private String ask(String host, String path, String... lines) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", edge)) {
            socket.setSoTimeout(60_000);
            String more = String.join("", List.of(lines));
            String request = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + more + "Connection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    private void startBoth(String more) throws Exception {
        edge = product.freePort();
        write("app.py", PYTHON.replace("%", "%%"));
        write("app.js", NODE, product.freePort());
        write("ecosystem.yaml", """
                apps:
                  - name: web
                    script: app.js
                    edge:
                      host: example.com
                      path: /api
                      strip_prefix: true
                      request_headers: { set: { X-Route: "{method} {path}" } }
                      response_headers: { remove: [Server], add: { X-Edge: "{host}" } }
                  - { name: py, script: app.py, interpreter: python3 }
                edge:
                  listeners: ["127.0.0.1:%d"]
                  routes:
                    - { host: "*.py.example.com", app: py }
                    - { path: /healthz, respond: "well" }
                    - { host: old.example.com, redirect: "https://example.com{uri}" }
                    - { path: /files, static: ./public, strip_prefix: true, response_headers: { set: { Cache-Control: no-store } } }
                %s""", edge, more);
        Files.createDirectories(product.work().resolve("public"));
        Files.writeString(product.work().resolve("public/a.txt"), "a file");
        product.run("start", "ecosystem.yaml").succeeds();
    }

    @Test
    void requestsGoWhereTheirRoutesLead() throws Exception {
        startBoth("");

        String web = ask("example.com:80", "/api/x?y=1", "X_Route: forged\r\n");
        assertThat(web).startsWith("HTTP/1.1 200 ").contains("\"url\":\"/x?y=1\"", "\"x-route\":\"GET /api/x\"");
        assertThat(web).contains("x-edge: example.com\r\n").doesNotContain("secret", "forged");
        assertThat(ask("a.py.example.com", "/zz")).startsWith("HTTP/1.1 200 ").endsWith("python /zz");
        assertThat(ask("any", "/healthz")).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\nwell");
        assertThat(ask("old.example.com", "/p?q")).contains("HTTP/1.1 302 ", "Location: https://example.com/p?q\r\n");
        assertThat(ask("any", "/files/a.txt"))
                .contains("cache-control: no-store\r\n")
                .doesNotContain("no-cache")
                .endsWith("a file");
        assertThat(ask("any", "/else")).startsWith("HTTP/1.1 404 ");
        assertThat(ask("example.com", "/api/../x")).startsWith("HTTP/1.1 400 ").contains("dot segment");
    }

    @Test
    void aChangedFileReplacesTheRoutesAndAnUnservableOneChangesNothing() throws Exception {
        startBoth("");
        write("apps.json", """
                { "apps": [{ "name": "more", "script": "app.js" }],
                  "edge": { "listeners": ["127.0.0.1:%d"], "routes": [{ "path": "/healthz", "respond": "other" }] } }
                """, edge);
        Ran clash = product.run("start", "apps.json");
        assertThat(clash.exit()).isNotZero();
        assertThat(clash.out() + clash.err()).contains("127.0.0.1:" + edge);
        assertThat(product.processes("more")).isEmpty();
        assertThat(ask("any", "/healthz")).endsWith("well");

        String file = Files.readString(product.work().resolve("ecosystem.yaml"));
        Files.writeString(product.work().resolve("ecosystem.yaml"), file.replace("\"well\"", "\"better\""));
        product.run("reload", "ecosystem.yaml").succeeds();
        assertThat(ask("any", "/healthz")).endsWith("better");

        try (ServerSocket taken = new ServerSocket(0)) {
            Files.writeString(
                    product.work().resolve("ecosystem.yaml"),
                    file.replace("127.0.0.1:" + edge, "127.0.0.1:" + taken.getLocalPort()));
            Ran refused = product.run("reload", "ecosystem.yaml");
            assertThat(refused.exit()).isEqualTo(1);
            assertThat(refused.out() + refused.err()).contains("is in use by pid");
        }
        assertThat(ask("any", "/healthz")).endsWith("better");

        product.run("delete", "ecosystem.yaml").succeeds();
        Product.eventually("nobody listens any more", () -> ask("any", "/healthz"), String::isEmpty);
    }

    @Test
    void routesOutliveTheDaemonAndComeBackWithTheList() throws Exception {
        startBoth("");
        Outage.begin(product);
        product.run("ls").succeeds();
        Product.eventually("it serves again", () -> ask("any", "/healthz"), answer -> answer.endsWith("well"));
        Product.eventually(
                "and so does the app", () -> ask("a.py.example.com", "/q"), answer -> answer.endsWith("python /q"));

        product.run("save").succeeds();
        product.run("kill").succeeds();
        assertThat(ask("any", "/healthz")).isEmpty();
        product.run("resurrect").succeeds();
        assertThat(ask("example.com", "/api/back")).contains("\"url\":\"/back\"");
    }

    @Test
    void aRouteLimitsTimesAndBodies() throws Exception {
        edge = product.freePort();
        write("slow.js", """
                require('http').createServer((request, response) => {
                  if (request.url === '/never') return;
                  request.resume().on('end', () => response.end('read'));
                }).listen(%d);
                """, product.freePort());
        write("apps.json", """
                { "name": "slow", "script": "slow.js",
                  "edge": { "port": %d, "timeouts": { "head": "3s" }, "max_body": 10 } }
                """, edge);
        product.run("start", "apps.json").succeeds();

        assertThat(ask("any", "/never")).startsWith("HTTP/1.1 504 ");
        assertThat(post("Content-Length: 11\r\n\r\n12345678901")).startsWith("HTTP/1.1 413 ");
        assertThat(post("Content-Length: 10\r\n\r\n1234567890")).startsWith("HTTP/1.1 200 ");
        assertThat(post("Transfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ");
    }

    private String post(String rest) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", edge)) {
            socket.setSoTimeout(60_000);
            String request = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + rest;
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void anAppWithRoutesRunsInClusterMode() throws Exception {
        edge = product.freePort();
        write("app.js", NODE, product.freePort());
        write("apps.json", """
                { "name": "web", "script": "app.js", "exec_mode": "fork", "edge": { "port": %d } }
                """, edge);
        Ran refused = product.run("start", "apps.json");
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err() + refused.out()).contains("routes lead to web, which runs in fork mode");
        assertThat(product.jlist()).isEmpty();
    }
}
