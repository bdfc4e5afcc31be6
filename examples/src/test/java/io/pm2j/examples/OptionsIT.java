package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Options and variables that PM2's users type: what they do is seen from outside.
class OptionsIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String CHATTY = """
            console.log('said out'); console.error('said err');
            setInterval(() => console.log('tick'), 200);
            """;

    /// Writes down what it was given, and how it was told to end.
    private static final String WITNESS = """
            const fs = require('fs');
            const file = `seen-${process.env.NR}.json`;
            fs.writeFileSync(file + '.new', JSON.stringify({ env: process.env, flags: process.execArgv }));
            fs.renameSync(file + '.new', file);
            console.log('not to be written');
            process.on('message', m => { if (m === 'shutdown') { fs.writeFileSync(`told-${process.env.NR}`, m); process.exit(0); } });
            process.on('SIGINT', () => { fs.writeFileSync(`signalled-${process.env.NR}`, ''); process.exit(0); });
            setInterval(() => {}, 1000);
            """;

    @RegisterExtension
    final Product product = new Product();

    @Test
    void logsComeInEveryForm() throws Exception {
        product.write("chatty.js", CHATTY);
        product.run("start", "chatty.js", "--name", "chatty", "-s").succeeds();
        Product.eventually("it ticks", () -> product.log("chatty-out.log"), log -> log.contains("tick"));
        Product.eventually("it complains", () -> product.log("chatty-error.log"), log -> log.contains("said err"));

        assertThat(logs("--raw").lines()).contains("tick").noneMatch(line -> line.contains("|"));
        assertThat(logs("--err")).contains("said err").doesNotContain("tick");
        assertThat(logs("--out", "--lines", "2"))
                .contains("last 2 lines", "tick")
                .doesNotContain("said err");
        assertThat(logs("--lines", "1").lines().filter(line -> line.contains("tick")))
                .hasSize(1);
        assertThat(JSON.readTree(logs("--json", "--err", "--lines", "1"))
                        .path("message")
                        .asText())
                .isEqualTo("said err");
        assertThat(logs("--format", "--err", "--lines", "1").strip())
                .isEqualTo("app=chatty id=0 type=error message=said err");

        assertThat(followed("--json").lines().limit(1)).allSatisfy(line -> {
            JsonNode said = JSON.readTree(line);
            assertThat(said.path("message").asText()).isEqualTo("tick");
            assertThat(said.path("app_name").asText()).isEqualTo("chatty");
            assertThat(said.path("timestamp").asText()).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
        });
        assertThat(followed("--timestamp", "--lines", "0", "--highlight", "tick"))
                .containsPattern("\\d{4}-\\d\\d-\\d\\d-\\d\\d:\\d\\d:\\d\\d 0\\|chatty +\\| tick");
    }

    @Test
    void attachShowsWhatTheStartedAppPrints() throws Exception {
        product.write("chatty.js", CHATTY);

        String attached = seen("tick", "start", "chatty.js", "--attach");

        assertThat(attached).contains("[PM2]", "0|chatty");
        assertThat(product.statuses("chatty")).containsExactly("online");
    }

    @Test
    void withoutADaemonOfItsOwnItEndsWithTheCommand() throws Exception {
        product.write("chatty.js", CHATTY);
        Path out = product.home().resolve("out");
        ProcessBuilder builder = new ProcessBuilder(
                        Product.ROOT.resolve("pm2j").toString(), "start", "chatty.js", "--no-daemon")
                .directory(product.work().toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        builder.environment().put("PM2J_HOME", product.home().toString());
        Process stays = builder.start();
        try {
            Product.eventually("it shows", () -> Files.readString(out), text -> text.contains("| tick"));
            stays.destroy();
            assertThat(stays.waitFor(90, TimeUnit.SECONDS)).isTrue();
            Product.eventually(
                    "the daemon has ended", () -> Files.exists(product.home().resolve("pm2.pid")), there -> !there);
        } finally {
            stays.destroyForcibly().waitFor();
        }
    }

    @Test
    void whatIsTypedReachesTheProgram() throws Exception {
        product.write("witness.js", WITNESS);
        product.with("SECRET_KEY", "x")
                .run(
                        "start",
                        "witness.js",
                        "-i",
                        "2",
                        "--instance-var",
                        "NR",
                        "--filter-env",
                        "SECRET",
                        "--source-map-support",
                        "--disable-logs",
                        "--shutdown-with-message",
                        "--kill-timeout",
                        "30000",
                        "--no-vizion")
                .succeeds();

        JsonNode second = Product.eventually(
                "both have written",
                () -> Files.exists(product.work().resolve("seen-1.json"))
                        ? JSON.readTree(Files.readString(product.work().resolve("seen-1.json")))
                        : JSON.createObjectNode(),
                seen -> seen.has("env"));
        assertThat(second.path("env").path("NR").asText()).isEqualTo("1");
        assertThat(second.path("env").has("SECRET_KEY")).isFalse();
        assertThat(second.path("flags").toString()).contains("--enable-source-maps");
        product.run("stop", "witness").succeeds();
        assertThat(product.work().resolve("told-1")).exists();
        assertThat(product.log("witness-out-1.log")).isEmpty();
    }

    @Test
    void aChangeIsWaitedOutAndSomeAreNone() throws Exception {
        product.write("site/app.js", "console.log('begun'); setInterval(() => {}, 1000)");
        product.run(
                        "start",
                        "app.js",
                        "--cwd",
                        "site",
                        "--watch",
                        "--watch-delay",
                        "1500ms",
                        "--ignore-watch",
                        "notes,*.md")
                .succeeds();

        product.write("site/notes/today", "x");
        product.write("site/readme.md", "x");
        product.write("site/other.js", "1");
        product.write("site/other.js", "2");

        Product.eventually("it was restarted", () -> product.numbers("app", "restart_time"), List.of(1)::equals);
        // Why is told when the restart is over.
        String described =
                Product.eventually("why", () -> product.run("describe", "app").out(), out -> out.contains("other.js"));
        assertThat(described).doesNotContain("readme.md");
        assertThat(product.numbers("app", "restart_time")).containsExactly(1);
    }

    @Test
    void silenceIsKeptButForWhatWasAskedFor() throws Exception {
        product.write("app.js", "setInterval(() => {}, 1000)");

        assertThat(product.run("start", "app.js", "--silent").succeeds().all()).isEmpty();
        product.with("PM2_SILENT", "true");
        assertThat(product.run("restart", "app").succeeds().all()).isEmpty();
        assertThat(product.run("jlist").succeeds().out()).startsWith("[{\"pid\":");
    }

    @Test
    void theHomesOwnOptionsAndTheCallersVariablesCount() throws Exception {
        int port = product.freePort();
        Files.writeString(
                product.home().resolve("custom_options.sh"),
                "PM2_API_PORT=" + port + "\nexport PM2J_JAVA_OPTIONS='-Dpm2j.said=so -Dpm2j.more=1'\n");
        product.with("PM2_LOG_DATE_FORMAT", "[at] YYYY");

        product.run("web").succeeds();

        assertThat(Product.listens(port)).isTrue();
        assertThat(Processes.of(product.home()).stream().map(Processes::commandLine))
                .anyMatch(line -> line.contains("-Dpm2j.said=so") && line.contains("-Dpm2j.more=1"));
        Product.eventually(
                "the daemon's log has that time",
                () -> Files.readString(product.home().resolve("pm2.log")),
                log -> log.lines().anyMatch(line -> line.matches("at \\d{4}: PM2 log: .*")));
    }

    @Test
    void whatIsOfPm2AloneIsAnsweredInOneSentence() throws Exception {
        product.run("install", "pm2-logrotate").refusesSaying("install", "modules", "log_rotate");
        product.run("link", "a", "b").refusesSaying("dashboard");
        product.run("start", "app.js", "--container").refusesSaying("--container", "pm2j runtime");
        product.run("serve", ".", "8080", "--ftp").refusesSaying("--ftp", "index.html");
        assertThat(product.home().resolve("pm2.pid")).doesNotExist();
    }

    @Test
    void pm2sOwnAgentIsMissedWithAWarning() throws Exception {
        product.write("app.js", "setInterval(() => {}, 1000)");

        assertThat(product.run("start", "app.js", "--trace", "--v8").succeeds().out())
                .contains("[PM2][WARN] --trace does nothing", "[PM2][WARN] --v8 does nothing");
        product.run("restart", "app", "--ext", "js").refusesSaying("--ext", "--ignore-watch");
    }

    @Test
    void theInspectorOfNodeIsOpened() throws Exception {
        product.write("app.js", "console.log('up'); setInterval(() => {}, 1000)");
        product.run("start", "app.js", "--node-args", "--inspect-port=0").succeeds();
        // One that still boots would die of the signal that opens it.
        Product.eventually("it is up", () -> product.log("app-out.log"), log -> log.contains("up"));
        product.run("start", "/bin/sleep", "--name", "snooze", "--", "600").succeeds();

        product.run("inspect", "app").succeeds();

        Product.eventually(
                "Node says so", () -> product.log("app-error.log"), log -> log.contains("Debugger listening"));
        product.run("inspect", "snooze").refusesSaying("snooze", "Node");
        assertThat(product.statuses("snooze")).containsExactly("online");
        assertThat(product.run("examples").succeeds().out()).contains("$ pm2j scale api +2");
    }

    @Test
    void aScriptThatRunsIsStartedAgainByForceOnly() throws Exception {
        product.write("app.js", "setInterval(() => {}, 1000)");
        product.run("start", "app.js").succeeds();
        List<Long> before = product.pids("app");

        product.run("start", "app.js").refusesSaying("Script already launched, add -f option to force re-execution");
        assertThat(product.pids("app")).isEqualTo(before);
        product.run("start", "app.js", "-f").succeeds();
        assertThat(product.pids("app")).hasSize(1).doesNotContainAnyElementsOf(before);
        assertThat(product.run("-v").succeeds().out()).matches("\\d+\\.\\d+\\.\\d+.*\\R");
    }

    private String logs(String... options) throws Exception {
        List<String> typed = new ArrayList<>(List.of("logs", "chatty", "--nostream"));
        typed.addAll(List.of(options));
        return product.run(typed.toArray(String[]::new)).succeeds().out();
    }

    private String followed(String... options) throws Exception {
        List<String> typed = new ArrayList<>(List.of("logs", "chatty"));
        typed.addAll(List.of(options));
        return seen("tick", typed.toArray(String[]::new));
    }

    /// What a command prints that does not end by itself, until `text` and a line break are there.
    private String seen(String text, String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(Product.ROOT.resolve("pm2j").toString()));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(product.work(), "seen", ".txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(product.work().toFile()).redirectOutput(out.toFile());
        builder.environment().put("PM2J_HOME", product.home().toString());
        Process running = builder.start();
        try {
            return Product.eventually(
                    text,
                    () -> Files.readString(out),
                    said -> said.contains(text) && said.endsWith("\n") && said.indexOf(text) < said.length() - 1);
        } finally {
            running.destroy();
            running.waitFor();
        }
    }
}
