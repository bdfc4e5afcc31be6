package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The names of PM2's programs, above all `pm2-runtime` as the first process of a container.
class RuntimeIT {
    private static final String POLITE = """
            process.on('SIGINT', () => { console.log('last line'); process.exit(0); });
            console.log('first line');
            console.error('first complaint');
            setInterval(() => {}, 1000);
            """;

    @RegisterExtension
    final Product product = new Product();

    private Path out = Path.of("");
    private Path err = Path.of("");

    @BeforeEach
    void names() throws IOException {
        for (String name : List.of("pm2", "pm2-runtime", "pm2-docker", "pm2-dev")) {
            Files.createSymbolicLink(product.work().resolve(name), Product.ROOT.resolve("pm2j"));
        }
        product.with("PM2_HOME", product.home()).with("PM2J_HOME", product.home() + "-not-used");
        out = product.home().resolve("stdout");
        err = product.home().resolve("stderr");
    }

    @Test
    void calledAsPm2ItLivesInPm2HomeAndSaysSo() throws Exception {
        Ran listed = product.command(List.of(link("pm2"), "ls")).succeeds();

        assertThat(listed.out()).contains("Spawning PM2 daemon with pm2_home=" + product.home());
        assertThat(product.home().resolve("pm2.pid")).exists();
        assertThat(product.command(List.of(link("pm2"), "--help")).out()).startsWith("usage: pm2 <command>");
        product.command(List.of(link("pm2"), "kill")).succeeds();
    }

    @Test
    void aSignalStopsEverythingInOrderWithExitCodeNought() throws Exception {
        product.write("app.js", POLITE);
        Process runtime = run(link("pm2-runtime"), "start", "app.js");
        try {
            seen(out, "first line");
            seen(err, "first complaint");
            assertThat(commands(product.home())).as("no daemon of its own").noneMatch(c -> c.contains("daemon.args"));

            runtime.destroy();

            assertThat(runtime.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(runtime.exitValue()).isZero();
            assertThat(Files.readString(out)).isEqualTo("first line\nlast line\n");
            assertThat(product.home().resolve("logs")).doesNotExist();
        } finally {
            runtime.destroyForcibly().waitFor();
        }
    }

    @Test
    void itEndsWithTwoWhenEveryAppIsGone() throws Exception {
        Process runtime = run(link("pm2-docker"), "/bin/echo", "--no-autorestart", "--json", "--", "all is said");
        try {
            assertThat(runtime.waitFor(90, TimeUnit.SECONDS)).isTrue();
            assertThat(runtime.exitValue()).isEqualTo(2);
            assertThat(Files.readString(out))
                    .startsWith("{\"message\":\"all is said\",\"timestamp\":\"")
                    .endsWith("\"type\":\"out\",\"process_id\":0,\"app_name\":\"echo\"}\n");
        } finally {
            runtime.destroyForcibly().waitFor();
        }
    }

    @Test
    void asFirstProcessItReapsWhatItsAppsLeave() throws Exception {
        List<String> unshare = List.of("unshare", "-pf", "--mount-proc", "--kill-child");
        assumeTrue(product.command(with(unshare, "true")).exit() == 0, "no pid namespace is permitted here");
        product.app("leaves-orphans");
        Process container =
                run(with(unshare, link("pm2-runtime"), "leaves-orphans/app.py", "--name", "parent", "--format")
                        .toArray(String[]::new));
        try {
            seen(out, "app=parent id=0 type=out message=left 20 orphans");
            ProcessHandle first = container.children().findFirst().orElseThrow();
            Product.eventually(
                    "only the app is left, no zombie",
                    () -> first.children().map(ProcessHandle::pid).toList(),
                    children -> children.size() == 1);

            first.destroy();

            assertThat(container.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(container.exitValue()).isZero();
        } finally {
            container.destroyForcibly().waitFor();
        }
    }

    @Test
    void refusesBeforeAnythingIsStarted() throws Exception {
        product.command(List.of(link("pm2-runtime"), "missing.js")).refusesSaying("missing.js");
        product.command(List.of(link("pm2-runtime"), "/bin/true", "--json", "--format"))
                .refusesSaying("--json", "--format", "exclude");
        product.command(List.of(link("pm2-runtime"), "/bin/true", "--web", "99999"))
                .refusesSaying("--web", "65535");
        assertThat(product.home().resolve("pm2.log")).doesNotExist();

        product.command(List.of(link("pm2"), "ping")).succeeds();
        product.command(List.of(link("pm2-runtime"), "/bin/true")).refusesSaying("daemon runs already");
        product.command(List.of(link("pm2"), "kill")).succeeds();
    }

    @Test
    void devRestartsAtAChangeAndRunsItsCommandThen() throws Exception {
        product.write("app.js", "console.log('one'); setInterval(() => {}, 1000);");
        Process dev = run(link("pm2-dev"), "app.js", "--post-exec", "echo executed", "--ignore", "tmp");
        try {
            seen(out, "0|app  | one");
            product.write("app.js", "console.log('two'); setInterval(() => {}, 1000);");
            seen(out, "0|app  | two");
            seen(out, "executed");
            dev.destroy();
            assertThat(dev.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(dev.exitValue()).isZero();
        } finally {
            dev.destroyForcibly().waitFor();
        }
    }

    @Test
    void devInTestModeEndsByItself() throws Exception {
        product.write("app.js", POLITE);
        Ran ran = product.command(List.of(link("pm2-dev"), "app.js", "--test-mode"))
                .succeeds();
        assertThat(ran.err()).contains("Starting", "app.js");
        assertThat(Path.of(product.home() + "-dev", "pm2.pid")).doesNotExist();
    }

    @Test
    void theRestOfPm2sOptionsIsUnderstood() throws Exception {
        product.write("app.js", POLITE);
        int port = product.freePort();
        Process runtime = run(
                link("pm2-runtime"),
                "app.js",
                "--formatted",
                "--timestamp",
                "--delay",
                "1",
                "--web",
                String.valueOf(port),
                "--no-auto-exit",
                "--machine-name",
                "m");
        try {
            seen(out, " 0|app  | first line");
            assertThat(Files.readString(out)).containsPattern("\\d{4}-\\d\\d-\\d\\d-\\d\\d:\\d\\d:\\d\\d 0\\|app");
            assertThat(Files.readString(err)).contains("--machine-name is for PM2's dashboard");
            assertThat(product.status(port, "/")).isEqualTo(200);
            runtime.destroy();
            assertThat(runtime.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(runtime.exitValue()).isZero();
        } finally {
            runtime.destroyForcibly().waitFor();
        }
    }

    @Test
    void devEndsWithItsAppsWhenToldTo() throws Exception {
        Process dev = run(link("pm2-dev"), "/bin/echo", "--no-autorestart", "--auto-exit", "--silent-exec", "--", "hi");
        try {
            seen(out, "0|echo  | hi");
            assertThat(dev.waitFor(90, TimeUnit.SECONDS)).isTrue();
            assertThat(dev.exitValue()).isEqualTo(2);
        } finally {
            dev.destroyForcibly().waitFor();
        }
    }

    private String link(String name) {
        return product.work().resolve(name).toString();
    }

    private Process run(String... command) throws IOException {
        var builder = new ProcessBuilder(command)
                .directory(product.work().toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("PM2_HOME", product.home().toString());
        builder.environment().put("PM2J_HOME", product.home() + "-not-used");
        builder.environment().put("NO_COLOR", "1");
        return builder.start();
    }

    private static void seen(Path file, String text) throws Exception {
        Product.eventually(text, () -> Files.readString(file), printed -> printed.contains(text));
    }

    private static List<String> commands(Path home) throws IOException {
        return Processes.of(home).stream().map(Processes::commandLine).toList();
    }

    private static List<String> with(List<String> before, String... command) {
        var all = new ArrayList<>(before);
        all.addAll(List.of(command));
        return all;
    }
}
