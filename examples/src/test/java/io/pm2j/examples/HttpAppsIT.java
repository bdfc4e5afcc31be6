package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Unmodified HTTP apps behind the edge.
class HttpAppsIT {
    @RegisterExtension
    final Product product = new Product();

    @Test
    void theAppSeesWhoCalled() throws Exception {
        int port = product.start("hello");

        var seen = product.json(port);

        assertThat(seen.path("forwardedFor").asText()).isEqualTo("127.0.0.1");
        assertThat(seen.path("remoteAddress").asText()).endsWith("127.0.0.1");
        assertThat(seen.path("host").asText()).isEqualTo("127.0.0.1:" + port);
    }

    @Test
    void aForgedForwardedForDoesNotReachTheAppAlone() throws Exception {
        int port = product.start("hello");

        String body = product.get(port, "/", "X-Forwarded-For", "6.6.6.6").body();

        assertThat(body).contains("127.0.0.1");
    }

    @Test
    void theTargetArrivesAsSent() throws Exception {
        int port = product.start("hello");

        assertThat(product.get(port, "/a%20b/%2F?x=%25&y").body()).contains("/a%20b/%2F?x=%25&y");
    }

    @Test
    void esModulesWithTopLevelAwaitAreServed() throws Exception {
        int port = product.start("esm");

        product.bothAnswer(port);
        assertThat(product.bodies(port, 20)).allMatch(body -> body.startsWith("hello from esm"));
    }

    @Test
    void expressIsServed() throws Exception {
        npm("express", "express@4");
        int port = product.start("express");

        assertThat(product.json(port).path("ip").asText()).endsWith("127.0.0.1");
        assertThat(product.post(port, "/echo", "{\"a\":1}").body()).isEqualTo("{\"a\":1}");
    }

    @Test
    void fastifyIsServed() throws Exception {
        npm("fastify", "fastify@5");
        int port = product.start("fastify");

        product.bothAnswer(port);
        assertThat(product.post(port, "/echo", "{\"a\":1}").body()).isEqualTo("{\"a\":1}");
    }

    @Test
    void bothPortsOfAnAppAreServed() throws Exception {
        product.app("several-ports");
        int first = product.freePort();
        int second = product.freePort();

        product.with("FIRST_PORT", first)
                .with("SECOND_PORT", second)
                .run("start", "several-ports/app.js", "-i", "2")
                .succeeds();

        Product.eventually("first answers", () -> product.status(first, "/"), status -> status == 200);
        Product.eventually("second answers", () -> product.status(second, "/"), status -> status == 200);
        assertThat(product.get(first, "/").body()).startsWith("FIRST_PORT");
        assertThat(product.get(second, "/").body()).startsWith("SECOND_PORT");
    }

    @Test
    void aHostGivenToListenIsKept() throws Exception {
        int port = product.start("listen-host");

        product.bothAnswer(port);
    }

    @Test
    void listeningOnPortZeroGivesAPortThatAnswers() throws Exception {
        product.app("listen-port-0");

        product.run("start", "listen-port-0/app.js", "--name", "zero", "-i", "2")
                .succeeds();

        String logs = Product.eventually(
                "the port is in the log",
                () -> product.run("logs", "zero", "--nostream", "--lines", "5").out(),
                out -> out.contains("port="));
        int port = Integer.parseInt(logs.substring(logs.indexOf("port=") + 5).split("\\D", 2)[0]);
        assertThat(port).isPositive();
        assertThat(product.status(port, "/")).isEqualTo(200);
    }

    @Test
    void pythonWorkersShareThePublicPort() throws Exception {
        product.app("python");
        int port = product.freePort();

        product.run("start", "python/app.py", "--interpreter", "python3", "--port", "" + port, "-i", "2")
                .succeeds();

        Product.eventually("answers", () -> product.status(port, "/"), status -> status == 200);
        product.bothAnswer(port);
        product.run("reload", "app").succeeds();
        assertThat(product.status(port, "/")).isEqualTo(200);
    }

    /// Installs a package once, into a folder above every home, where Node finds it by walking up.
    private void npm(String name, String wanted) throws Exception {
        Path target = Product.ROOT.resolve("examples/target");
        if (!target.resolve("node_modules/" + name).toFile().isDirectory()) {
            product.command(List.of(
                            "npm",
                            "install",
                            "--no-audit",
                            "--no-fund",
                            "--silent",
                            "--prefix",
                            target.toString(),
                            wanted))
                    .succeeds();
        }
    }
}
