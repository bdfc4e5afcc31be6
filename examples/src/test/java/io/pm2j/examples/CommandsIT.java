package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What people type all day.
class CommandsIT {
    @RegisterExtension
    final Product product = new Product();

    @Test
    void startShowsTheTableAndTheAppAnswers() throws Exception {
        int port = product.start("hello");

        Ran ls = product.run("ls").succeeds();

        assertThat(ls.out()).contains("id", "name", "mode", "status", "cpu", "mem", "hello", "cluster", "online");
        product.bothAnswer(port);
        assertThat(product.statuses("hello")).containsExactly("online", "online");
    }

    @Test
    void jlistIsOneArrayInPm2sShape() throws Exception {
        product.start("hello");

        var first = product.jlist().get(0);

        assertThat(first.path("pm_id").asInt()).isZero();
        assertThat(first.path("pid").asLong()).isPositive();
        assertThat(first.path("monit").path("memory").asLong()).isPositive();
        assertThat(first.path("pm2_env").path("exec_mode").asText()).isEqualTo("cluster_mode");
        assertThat(first.path("pm2_env").path("restart_time").asInt()).isZero();
        assertThat(first.path("pm2_env").path("pm_exec_path").asText()).endsWith("hello/app.js");
    }

    @Test
    void describeShowsPathsAndStatus() throws Exception {
        product.start("hello");

        Ran describe = product.run("describe", "hello").succeeds();

        assertThat(describe.out()).contains("online", "hello/app.js", "hello-out", "cluster");
        product.run("describe", "nobody").fails();
    }

    @Test
    void logsShowTheLastLinesOfAnApp() throws Exception {
        product.start("hello");

        Ran logs = Product.eventually(
                "the line is in the log",
                () -> product.run("logs", "hello", "--nostream", "--lines", "5"),
                ran -> ran.out().contains("listening"));

        assertThat(logs.succeeds().out()).contains("hello");
    }

    @Test
    void stopKeepsTheEntryAndRestartBringsItBack() throws Exception {
        int port = product.start("hello");

        product.run("stop", "hello").succeeds();
        assertThat(product.statuses("hello")).containsOnly("stopped");
        product.run("restart", "hello").succeeds();

        assertThat(product.statuses("hello")).containsOnly("online");
        Product.eventually("answers again", () -> product.status(port, "/"), status -> status == 200);
    }

    @Test
    void restartReplacesTheProcesses() throws Exception {
        product.start("hello");
        List<Long> before = product.pids("hello");

        product.run("restart", "hello").succeeds();

        assertThat(product.pids("hello")).hasSize(2).doesNotContainAnyElementsOf(before);
    }

    @Test
    void reloadReplacesTheProcesses() throws Exception {
        product.start("hello");
        List<Long> before = product.pids("hello");

        product.run("reload", "hello").succeeds();

        assertThat(product.pids("hello")).hasSize(2).doesNotContainAnyElementsOf(before);
        assertThat(product.statuses("hello")).containsOnly("online");
    }

    @Test
    void anIdSelectsOneProcess() throws Exception {
        product.start("hello");

        product.run("stop", "0").succeeds();

        assertThat(product.statuses("hello")).containsExactlyInAnyOrder("stopped", "online");
    }

    @Test
    void severalSelectorsAndAllAreUnderstood() throws Exception {
        product.start("hello");
        product.start("listen-host");

        product.run("stop", "hello", "listen-host").succeeds();
        assertThat(product.statuses("hello")).containsOnly("stopped");
        assertThat(product.statuses("listen-host")).containsOnly("stopped");
        product.run("restart", "all").succeeds();
        assertThat(product.statuses("listen-host")).containsOnly("online");
        product.run("delete", "all").succeeds();

        assertThat(product.jlist()).isEmpty();
    }

    @Test
    void deleteForgetsTheAppAndFreesThePort() throws Exception {
        int port = product.start("hello");

        product.run("delete", "hello").succeeds();

        assertThat(product.jlist()).isEmpty();
        assertThat(Product.listens(port)).isFalse();
    }

    @Test
    void scaleAddsAndRemoves() throws Exception {
        int port = product.start("hello");

        product.run("scale", "hello", "3").succeeds();
        Product.eventually("three answer", () -> product.bodies(port, 30).size(), size -> size == 3);
        product.run("scale", "hello", "1").succeeds();

        Product.eventually("one is left", () -> product.pids("hello").size(), size -> size == 1);
        assertThat(product.bodies(port, 10)).hasSize(1);
    }

    @Test
    void pingAnswersPong() throws Exception {
        assertThat(product.run("ping").succeeds().out()).contains("{ msg: 'pong' }");
    }

    @Test
    void forkModeRunsOneProcessOnItsOwnPort() throws Exception {
        product.app("hello");
        int port = product.freePort();

        product.with("PORT", port).run("start", "hello/app.js").succeeds();

        Product.eventually("answers", () -> product.status(port, "/"), status -> status == 200);
        assertThat(product.processes("app")
                        .getFirst()
                        .path("pm2_env")
                        .path("exec_mode")
                        .asText())
                .isEqualTo("fork_mode");
    }

    @Test
    void unknownNamesExitOne() throws Exception {
        product.run("ping").succeeds();

        for (String command : List.of("stop", "restart", "reload", "delete")) {
            assertThat(product.run(command, "nobody").fails().err())
                    .startsWith("[PM2][ERROR] ")
                    .contains("nobody");
        }
        product.run("no-such-command").fails();
    }
}
