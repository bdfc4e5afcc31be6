package io.pm2j.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Static files and the page about the daemon.
class ServeIT {
    @RegisterExtension
    final Product product = new Product();

    @Test
    void filesAreServedWithTheirTypes() throws Exception {
        int port = serve();

        assertThat(product.get(port, "/").body()).contains("<title>home");
        assertThat(type(port, "/")).startsWith("text/html");
        assertThat(type(port, "/assets/style.css")).startsWith("text/css");
        assertThat(product.get(port, "/docs/").body()).contains("<title>docs");
        assertThat(product.status(port, "/gone.js")).isEqualTo(404);
    }

    @Test
    void headHasTheLengthAndNoBody() throws Exception {
        int port = serve();

        var head = product.send("HEAD", port, "/assets/style.css");

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValueAsLong("Content-Length")).hasValue(21);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void anUnchangedFileIsNotSentAgain() throws Exception {
        int port = serve();
        String etag = product.get(port, "/").headers().firstValue("ETag").orElseThrow();

        var again = product.get(port, "/", "If-None-Match", etag);

        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
    }

    @Test
    void aRangeIsAPart() throws Exception {
        int port = serve();

        var part = product.get(port, "/assets/style.css", "Range", "bytes=0-3");

        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo("body");
        assertThat(product.get(port, "/assets/style.css", "Range", "bytes=900-").statusCode())
                .isEqualTo(416);
    }

    @Test
    void aDeepLinkFallsBackOnlyForPages() throws Exception {
        int port = serve("--spa");

        var deep = product.get(port, "/orders/42", "Accept", "text/html");

        assertThat(deep.statusCode()).isEqualTo(200);
        assertThat(deep.body()).contains("<title>home");
        assertThat(product.get(port, "/assets/gone.js", "Accept", "*/*").statusCode())
                .isEqualTo(404);
    }

    @Test
    void nothingHiddenOrOutsideIsServed() throws Exception {
        int port = serve();

        assertThat(product.status(port, "/.env")).isEqualTo(404);
        assertThat(product.status(port, "/%2eenv")).isEqualTo(404);
        for (String target :
                new String[] {"/../hello/app.js", "/%2e%2e/hello/app.js", "/..%2fhello/app.js", "/%", "//"}) {
            assertThat(raw(port, target)).as(target).doesNotContain("http.createServer", "500");
        }
        assertThat(product.status(port, "/")).isEqualTo(200);
    }

    @Test
    void otherMethodsAreRefused() throws Exception {
        int port = serve();

        assertThat(product.post(port, "/", "{}").statusCode()).isEqualTo(405);
    }

    @Test
    void theWebPageAndTheMetricsTellOfTheApps() throws Exception {
        product.start("hello");
        int port = product.freePort();

        product.run("web", "" + port).succeeds();

        Product.eventually("answers", () -> product.status(port, "/"), status -> status == 200);
        assertThat(product.get(port, "/").body()).contains("hello");
        assertThat(product.get(port, "/metrics").body()).contains("# TYPE ", "hello");
    }

    private int serve(String... more) throws Exception {
        product.app("hello");
        product.app("site");
        int port = product.freePort();
        var arguments = new java.util.ArrayList<>(java.util.List.of("serve", "site", "" + port));
        arguments.addAll(java.util.List.of(more));
        product.run(arguments.toArray(String[]::new)).succeeds();
        Product.eventually("answers", () -> product.status(port, "/"), status -> status == 200);
        return port;
    }

    private String type(int port, String path) throws Exception {
        return product.get(port, path).headers().firstValue("Content-Type").orElse("");
    }

    /// A target as no client library would send it.
    private static String raw(int port, String target) throws Exception {
        try (var socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream()
                    .write(("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                            .getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }
}
