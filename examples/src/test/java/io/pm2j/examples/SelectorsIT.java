package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What commands act on, and with which options.
class SelectorsIT {
    @RegisterExtension
    final Product product = new Product();

    @BeforeEach
    void start() throws Exception {
        product.app("talks");
        product.ecosystem(
                "name: 'web-a', script: 'talks/app.js', namespace: 'shop'",
                "name: 'web-b', script: 'talks/app.js', env_production: { LEVEL: 'prod' }",
                "name: 'job', script: 'talks/app.js', namespace: 'shop'");
        product.run("start", "ecosystem.config.js", "-s").succeeds();
    }

    @Test
    void aRegularExpressionChoosesByName() throws Exception {
        product.run("stop", "/^web-/").succeeds();

        assertThat(statuses()).containsExactly("stopped", "stopped", "online");
        product.run("stop", "/^zzz/").refusesSaying("/^zzz/ not found");
        product.run("stop", "/[/").refusesSaying("/[/");
        product.run("start", "/b$/").succeeds();
        assertThat(product.statuses("web-b")).containsExactly("online");
    }

    @Test
    void aNamespaceChoosesAloneAndNarrows() throws Exception {
        product.run("stop", "--namespace", "shop").succeeds();
        assertThat(statuses()).containsExactly("stopped", "online", "stopped");

        product.run("restart", "/^web-/", "--namespace", "shop").succeeds();
        assertThat(statuses()).containsExactly("online", "online", "stopped");
        assertThat(product.numbers("web-b", "restart_time")).containsExactly(0);
        product.run("restart", "all", "--namespace", "none").refusesSaying("none");
    }

    @Test
    void aNamespaceNarrowsWhatIsStartedSignalledAndFlushed() throws Exception {
        product.run("stop", "all").succeeds();
        product.run("delete", "web-b").succeeds();
        product.run("start", "talks/app.js", "--name", "web-b").succeeds();
        product.run("stop", "web-b").succeeds();
        Files.delete(product.work().resolve("ecosystem.config.js"));
        product.run("start", "--namespace", "shop").succeeds();
        assertThat(product.statuses("web-b")).containsExactly("stopped");
        assertThat(product.statuses("web-a")).containsExactly("online");
        assertThat(product.statuses("job")).containsExactly("online");

        assertThat(product.run("sendSignal", "SIGUSR2", "--namespace", "shop")
                        .succeeds()
                        .out())
                .contains("web-a", "job")
                .doesNotContain("process name all");
        assertThat(product.run("flush", "--namespace", "shop").succeeds().out())
                .contains("web-a-out.log", "job-out.log")
                .doesNotContain("web-b-out.log", "pm2.log");
        product.run("flush", "--namespace", "none").refusesSaying("none");
    }

    /// Files are applied with what they ask of the edge, whichever command names them.
    @Test
    void everyCommandThatNamesAFileTellsItsEdge() throws Exception {
        int port = product.freePort();
        product.write(
                "edge.json",
                "{\"apps\": [{\"name\": \"edged\", \"script\": \"talks/app.js\", \"edge\": {\"port\": " + port
                        + "}}]}");
        String pm2j = Product.ROOT.resolve("pm2j").toString();
        product.command(List.of("sh", "-c", pm2j + " startOrReload - < edge.json"))
                .refusesSaying("standard input", "edge");
        assertThat(Product.listens(port)).isFalse();

        product.run("startOrReload", "edge.json").succeeds();
        assertThat(Product.listens(port)).isTrue();
        assertThat(product.statuses("edged")).containsExactly("online");
    }

    @Test
    void aFileChoosesWithOnlyAndEnv() throws Exception {
        product.run("restart", "ecosystem.config.js", "--only", "web-b", "--env", "production")
                .succeeds();

        Product.eventually("the block is used", () -> product.log("web-b-out.log"), log -> log.contains("LEVEL=prod"));
        assertThat(product.numbers("web-a", "restart_time")).containsExactly(0);
        product.run("restart", "web-a", "--env", "production").refusesSaying("--env", "web-a");
    }

    @Test
    void standardInputIsAFile() throws Exception {
        String pm2j = Product.ROOT.resolve("pm2j").toString();
        String json = "{\"apps\": [{\"name\": \"piped\", \"script\": \"talks/app.js\", \"args\": \"one two\"}]}";

        product.command(List.of("sh", "-c", "echo '" + json + "' | " + pm2j + " start -"))
                .succeeds();

        assertThat(product.statuses("piped")).containsExactly("online");
        product.command(List.of("sh", "-c", "echo '" + json + "' | " + pm2j + " delete -"))
                .succeeds();
        assertThat(product.processes("piped")).isEmpty();
        product.command(List.of("sh", "-c", "echo 'no json' | " + pm2j + " start -"))
                .refusesSaying("standard input");
    }

    @Test
    void optionsOfARestartAreMergedAndTheRestStays() throws Exception {
        product.run("restart", "web-a", "--max-memory-restart", "200M", "--kill-timeout", "900", "--", "fast", "now")
                .succeeds();

        var env = product.processes("web-a").getFirst().path("pm2_env");
        assertThat(env.path("max_memory_restart").asLong()).isEqualTo(200L << 20);
        assertThat(env.path("kill_timeout").asInt()).isEqualTo(900);
        assertThat(env.path("namespace").asText()).isEqualTo("shop");
        assertThat(env.path("args").get(1).asText()).isEqualTo("now");
        product.run("restart", "web-a", "-i", "2").succeeds();
        assertThat(product.statuses("web-a")).containsExactly("online", "online");
        assertThat(product.processes("web-a")
                        .getFirst()
                        .path("pm2_env")
                        .path("kill_timeout")
                        .asInt())
                .isEqualTo(900);
    }

    @Test
    void anOptionThatCannotBeChangesNothing() throws Exception {
        List<Long> before = product.pids("web-a");

        product.run("restart", "web-a", "--max-memory-restart", "lots").refusesSaying("lots");
        product.run("restart", "web-a", "--name", "job").refusesSaying("an app of that name");
        product.run("restart", "web-a", "--cron", "never").fails();
        product.run("restart", "nobody", "--kill-timeout", "900").refusesSaying("nobody not found");

        assertThat(product.pids("web-a")).isEqualTo(before);
    }

    @Test
    void theOldNamesWork() throws Exception {
        List<Long> before = product.pids("web-a");

        product.run("gracefulReload", "web-a").succeeds();
        assertThat(product.pids("web-a")).doesNotContainAnyElementsOf(before);
        product.run("delete", "job").succeeds();
        assertThat(product.run("startOrGracefulReload", "ecosystem.config.js")
                        .succeeds()
                        .out())
                .contains("Applications job not running, starting...");
        assertThat(product.statuses("job")).containsExactly("online");
        product.run("startOrRestart", "web-a").refusesSaying("ecosystem file");
        product.run("startOrRestart", "ecosystem.config.js", "--only", "job").succeeds();
    }

    @Test
    void resetCountsFromNoughtAgain() throws Exception {
        product.run("sendSignal", "SIGKILL", "job").succeeds();
        Product.eventually("it was restarted", () -> product.numbers("job", "restart_time"), List.of(1)::equals);

        product.run("reset", "job").succeeds();

        assertThat(product.numbers("job", "restart_time")).containsExactly(0);
        product.run("reset", "nobody").refusesSaying("nobody");
    }

    private List<String> statuses() throws Exception {
        return List.of(
                product.statuses("web-a").getFirst(),
                product.statuses("web-b").getFirst(),
                product.statuses("job").getFirst());
    }
}
