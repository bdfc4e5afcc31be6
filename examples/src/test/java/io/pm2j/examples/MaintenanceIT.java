package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `pm2j maintenance`: an app answers 503 with a page while its processes go on.
class MaintenanceIT {
    @RegisterExtension
    final Product product = new Product();

    @Test
    void everyRequestGetsThePageUntilItIsOver() throws Exception {
        int port = product.start("hello");
        List<Long> before = product.pids("hello");
        product.write("soon.html", "<h1>Back at noon</h1>");

        assertThat(product.run("maintenance", "hello", "on", "--page", "soon.html", "--retry-after", "600")
                        .succeeds()
                        .all())
                .contains("App [hello] is closed for maintenance: 503, page ");

        HttpResponse<String> closed = product.get(port, "/");
        assertThat(closed.statusCode()).isEqualTo(503);
        assertThat(closed.body()).isEqualTo("<h1>Back at noon</h1>");
        assertThat(closed.headers().firstValue("Retry-After")).contains("600");
        assertThat(closed.headers().firstValue("Content-Type").orElse("")).startsWith("text/html");
        assertThat(product.post(port, "/", "{}").statusCode()).isEqualTo(503);
        assertThat(product.pids("hello")).isEqualTo(before);
        assertThat(product.run("ls").succeeds().all()).contains("hello is closed for maintenance: 503, page ");
        assertThat(product.run("describe", "hello").succeeds().out())
                .contains("maintenance")
                .contains("retry after 600 s");

        product.run("reload", "hello").succeeds();
        assertThat(product.status(port, "/")).isEqualTo(503);
        product.run("maintenance", "hello", "off").succeeds();
        assertThat(product.status(port, "/")).isEqualTo(200);
    }

    @Test
    void itHoldsBehindRoutesAndOverRestartsOfTheDaemon() throws Exception {
        product.app("hello");
        int own = product.freePort();
        int edge = product.freePort();
        product.ecosystem(
                "name: 'hello', script: 'hello/app.js', instances: 1, env: {PORT: " + own + "}, edge: " + edge);
        product.run("start", "ecosystem.config.js").succeeds();
        product.answers(edge);

        product.run("maintenance", "hello").succeeds();
        assertThat(product.status(own, "/")).isEqualTo(503);
        assertThat(product.status(edge, "/")).isEqualTo(503);

        Outage.begin(product);
        product.run("ping").succeeds();
        Product.eventually("closed again", () -> product.status(edge, "/"), status -> status == 503);
        Product.eventually("closed again", () -> product.status(own, "/"), status -> status == 503);

        product.run("maintenance", "hello", "off").succeeds();
        product.answers(edge);
        product.answers(own);
    }

    @Test
    void whoIsAllowedStillGetsIn() throws Exception {
        int port = product.start("hello");
        product.run("maintenance", "hello", "on", "--allow", "127.0.0.0/8").succeeds();
        assertThat(product.status(port, "/")).isEqualTo(200);
        product.run("maintenance", "hello", "on", "--allow", "10.0.0.0/8,192.0.2.1")
                .succeeds();
        assertThat(product.status(port, "/")).isEqualTo(503);

        product.run("delete", "hello").succeeds();
        product.run("start", "hello/app.js", "--name", "hello", "-i", "2").succeeds();
        product.answers(port);
    }

    @Test
    void badInputIsRefusedAndNothingIsClosed() throws Exception {
        int port = product.start("hello");

        assertThat(product.run("maintenance", "hello", "on", "--page", "gone.html")
                        .fails()
                        .all())
                .contains("App [hello] was not closed: ")
                .contains("gone.html");
        assertThat(product.run("maintenance", "hello", "on", "--allow", "nowhere")
                        .fails()
                        .all())
                .contains("--allow ");
        assertThat(product.run("maintenance", "hello", "on", "--retry-after", "soon")
                        .fails()
                        .all())
                .contains("--retry-after soon (expected: seconds, at least 1)");
        assertThat(product.run("maintenance", "nobody").fails().all()).contains("Application nobody not found");
        assertThat(product.run("maintenance").fails().all()).contains("expected: pm2j maintenance <app> [on|off]");
        assertThat(product.status(port, "/")).isEqualTo(200);
    }
}
