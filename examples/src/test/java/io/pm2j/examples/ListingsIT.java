package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What is shown, in which shape.
class ListingsIT {
    @RegisterExtension
    final Product product = new Product();

    @BeforeEach
    void start() throws Exception {
        product.app("talks");
        product.run("start", "talks/app.js", "--name", "beta", "--no-autostart", "--no-treekill", "-s")
                .succeeds();
        product.run("start", "talks/app.js", "--name", "alpha", "--stop-exit-codes", "3", "4", "--no-vizion", "-s")
                .succeeds();
    }

    @Test
    void jlistSaysWhatIsWanted() throws Exception {
        var beta = product.processes("beta").getFirst().path("pm2_env");
        var alpha = product.processes("alpha").getFirst().path("pm2_env");

        assertThat(beta.path("autostart").asBoolean(true)).isFalse();
        assertThat(beta.path("treekill").asBoolean(true)).isFalse();
        assertThat(alpha.path("autostart").asBoolean(false)).isTrue();
        assertThat(alpha.path("merge_logs").asBoolean(false)).isTrue();
        assertThat(alpha.path("stop_exit_codes").toString()).isEqualTo("[3,4]");
        assertThat(List.copyOf(keys(alpha)).subList(0, 4)).containsExactly("name", "filter_env", "namespace", "env");
        assertThat(keys(alpha))
                .containsSubsequence("node_args", "pm_exec_path", "exec_mode", "PATH", "status", "pm_id");
    }

    @Test
    void prettylistIsWhatNodeWouldShow() throws Exception {
        String pretty = product.run("prettylist").succeeds().out();

        assertThat(pretty).startsWith("[\n  {\n    pid: ").endsWith("\n]");
        assertThat(pretty)
                .contains("    name: 'alpha',\n", "restart_time: 0", "exec_mode: 'fork_mode'", "node_args: [],")
                .contains("stop_exit_codes: [ 3, 4 ]", "monit: { memory: ");
        Ran node = product.command(List.of(
                "node",
                "-e",
                "process.stdout.write(require('util').inspect(JSON.parse(process.argv[1]), { depth: null }))",
                product.run("jlist").succeeds().out()));
        assertThat(withoutFigures(pretty))
                .isEqualTo(withoutFigures(node.succeeds().out()));
    }

    @Test
    void theListIsSortedAndShort() throws Exception {
        assertThat(product.run("ls", "--sort", "name:desc").succeeds().out()).containsSubsequence("beta", "alpha");
        assertThat(product.run("ls", "--sort", "name:asc").succeeds().out()).containsSubsequence("alpha", "beta");
        product.run("ls", "--sort", "colour").refusesSaying("colour", "memory");
        assertThat(product.run("ls", "-m").succeeds().out())
                .contains("+--- alpha\n", "+--- beta\n", "pm2 id : 0\n", "status : stopped\n", "PID file : ");
        assertThat(product.run("ls", "--json").succeeds().out()).startsWith("[{\"pid\":");
        product.run("ls", "--watch").refusesSaying("terminal");
        product.run("monit").refusesSaying("terminal");
    }

    @Test
    void idsPidsAndEnvironmentsAreShownAlone() throws Exception {
        assertThat(product.run("id", "alpha").succeeds().out()).isEqualTo("[ 1 ]\n");
        assertThat(product.run("id", "nobody").succeeds().out()).isEqualTo("[]\n");
        String pid = String.valueOf(product.pids("alpha").getFirst());
        assertThat(product.run("pid", "alpha").succeeds().out()).isEqualTo(pid + "\n");
        assertThat(product.run("pid").succeeds().out()).isEqualTo(pid + "\n0\n");
        assertThat(product.run("env", "1").succeeds().out()).contains("status: online\n", "PATH: ");
        product.run("env", "9").refusesSaying("9");
        assertThat(product.run("describe", "1").succeeds().out()).contains("alpha");
        assertThat(product.run("describe", "alpha", "--json").succeeds().out()).startsWith("[{\"pid\":" + pid);
    }

    @Test
    void theMachineAndTheDaemonAreShown() throws Exception {
        assertThat(product.run("slist").succeeds().out())
                .startsWith("{\n")
                .contains("'RAM Total': { value: ", "unit: 'b'", "'fs:size:/': ");
        assertThat(product.run("report").succeeds().out())
                .contains("--- PM2 report ---", "alpha", "--- Daemon logs ---", "App [alpha:1] online");
    }

    @Test
    void updateLeavesEveryAppAsItIs() throws Exception {
        List<Long> before = product.pids("alpha");

        assertThat(product.run("update").succeeds().out()).contains("pm2j daemon updated in place");

        assertThat(product.pids("alpha")).isEqualTo(before);
        assertThat(product.statuses("beta")).containsExactly("stopped");
    }

    @Test
    void aFileToBeginWithIsWrittenOnce() throws Exception {
        product.run("init", "simple").succeeds();
        product.run("ecosystem", "yaml").succeeds();
        product.run("ecosystem", "json").succeeds();
        product.run("init").refusesSaying("ecosystem.config.js", "--force");
        product.run("init", "--force").succeeds();
        product.run("init", "toml").refusesSaying("toml");

        product.write("app.js", "setInterval(() => {}, 1000)\n");
        for (String file : List.of("ecosystem.config.js", "ecosystem.yml", "ecosystem.json")) {
            product.run("startOrRestart", file, "-s").succeeds();
        }
        assertThat(product.statuses("app1")).isNotEmpty().containsOnly("online");
    }

    @Test
    void everyCommandExplainsItself() throws Exception {
        assertThat(product.run("restart", "--help").succeeds().out())
                .contains("usage: pm2j restart", "$ pm2j restart api --max-memory-restart 200M");
        product.run("tigger", "a", "b").refusesSaying("did you mean trigger?");
        product.run("ls", "--mini-lst").refusesSaying("did you mean --mini-list?");
    }

    @Test
    void monitPaintsATerminalUntilQ() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "script(1) is not there");
        String pm2j = Product.ROOT.resolve("pm2j").toString();

        product.with("COLUMNS", 160);
        Ran monit = product.command(
                // The key is pressed once there is something to see.
                List.of(
                        "sh",
                        "-c",
                        "touch painted; (for _ in $(seq 400); do grep -q 'q: quit' painted && break;"
                                + " sleep 0.2; done; printf q; sleep 1) | script -qec '" + pm2j
                                + " monit' /dev/null > painted; code=$?; cat painted; exit $code"));

        assertThat(monit.succeeds().out()).contains("alpha", "beta", "online", "q: quit");
    }

    private static List<String> keys(com.fasterxml.jackson.databind.JsonNode node) {
        List<String> keys = new java.util.ArrayList<>();
        node.fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    /// What changes from one look to the next.
    private static String withoutFigures(String text) {
        return text.replaceAll("memory: \\d+, cpu: [\\d.]+", "memory: 0, cpu: 0");
    }
}
