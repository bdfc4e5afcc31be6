package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What PM2 lacks: completion in three shells, a manual page, a schema, a doctor.
class ComfortIT {
    @RegisterExtension
    final Product product = new Product();

    @BeforeEach
    void inPath() throws Exception {
        Path bin = Files.createDirectory(product.work().resolve("bin"));
        Files.createSymbolicLink(bin.resolve("pm2j"), Product.ROOT.resolve("pm2j"));
        product.with("PATH", bin + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    }

    @Test
    void bashCompletesCommandsOptionsAndNames() throws Exception {
        snooze();
        assertThat(bash("pm2j", "relo")).contains("reload", "reloadLogs").doesNotContain("restart");
        assertThat(bash("pm2j", "stop", "sn")).containsExactly("snooze");
        assertThat(bash("pm2j", "start", "--max-mem")).containsExactly("--max-memory-restart");
        assertThat(bash("pm2j", "startup", "open")).containsExactly("openrc");
    }

    @Test
    void tabInATerminalKnowsTheName() throws Exception {
        assumeTrue(has("tmux"), "no tmux");
        snooze();
        Path script = product.write(
                "c.bash", product.run("completion", "bash").succeeds().out());
        String socket = product.work().resolve("tmux").toString();
        product.command(List.of("tmux", "-S", socket, "new-session", "-d", "-x", "150", "bash --norc --noprofile"))
                .succeeds();
        try {
            keys(socket, "PS1='ready> '; source " + script, "Enter");
            screen(socket, "\nready>");
            keys(socket, "pm2j describe snoo", "Tab");
            screen(socket, "pm2j describe snooze");
        } finally {
            product.command(List.of("tmux", "-S", socket, "kill-server"));
            Files.deleteIfExists(Path.of(socket));
        }
    }

    @Test
    void fishCompletesCommandsAndNames() throws Exception {
        assumeTrue(has("fish"), "no fish");
        snooze();
        product.write("c.fish", product.run("completion", "fish").succeeds().out());
        Ran completed = product.with("HOME", product.work())
                .command(List.of("fish", "-c", "source c.fish; complete -C 'pm2j stop sn'; complete -C 'pm2j unst'"))
                .succeeds();
        assertThat(completed.out().lines().map(line -> line.replaceFirst("\t.*", "")))
                .contains("snooze", "unstartup");
    }

    @Test
    void zshTakesItsScript() throws Exception {
        assumeTrue(has("zsh"), "no zsh");
        product.write("c.zsh", product.run("completion", "zsh").succeeds().out());
        String script = "autoload -Uz compinit; compinit -u; source ./c.zsh; echo $_comps[pm2j]";
        Ran taken = product.with("HOME", product.work())
                .command(List.of("zsh", "-fc", script))
                .succeeds();
        assertThat(taken.out().strip()).isEqualTo("_pm2j");
        assertThat(taken.err()).isEmpty();
    }

    @Test
    void namesAreAskedForWithoutStartingADaemon() throws Exception {
        assertThat(product.run("completion-words").succeeds().all()).isEmpty();
        assertThat(product.home().resolve("pm2.pid")).doesNotExist();
        assertThat(product.run("--help").out()).doesNotContain("completion-words");
        product.run("completion", "tcsh").refusesSaying("tcsh", "bash, zsh, fish");
    }

    @Test
    void theManualPageAndTheSchemaAreMadeOfTheModel() throws Exception {
        String page = product.run("help", "--man").succeeds().out();
        assertThat(page).startsWith(".TH PM2J 1").contains(".SH COMMANDS", "startOrReload", "\\-\\-watch");
        if (has("groff")) {
            String file = product.write("pm2j.1", page).toString();
            assertThat(product.command(List.of("groff", "-man", "-ww", "-z", file))
                            .succeeds()
                            .err())
                    .isEmpty();
        }
        if (has("man")) {
            String file = product.work().resolve("pm2j.1").toString();
            Files.writeString(Path.of(file), page);
            Ran shown = product.command(
                    List.of("sh", "-c", "MANWIDTH=100 man --warnings -E UTF-8 -l " + file + " | col -b"));
            assertThat(shown.err()).isEmpty();
            assertThat(shown.out()).contains("NAME", "PM2J_JAVA_OPTIONS", "custom_options.sh");
        }
        assertThat(product.run("help", "scale").succeeds().out()).contains("usage: pm2j scale");
        product.run("help", "scal").refusesSaying("scale");

        JsonNode schema =
                new ObjectMapper().readTree(product.run("schema").succeeds().out());
        assertThat(schema.at("/definitions/app/properties/maxMemoryRestart").isMissingNode())
                .isFalse();
    }

    @Test
    void theDoctorNamesWhatIsStaleAndOpen() throws Exception {
        Ran healthy = product.run("doctor").succeeds();
        assertThat(healthy.out()).contains("ok    java: ", "ok    daemon: none runs", "disk: ");
        assertThat(product.home().resolve("pm2.pid")).as("it starts nothing").doesNotExist();

        Files.writeString(product.home().resolve("pm2.pid"), "1");
        Files.setPosixFilePermissions(product.home(), PosixFilePermissions.fromString("rwxr-xr-x"));
        JsonNode findings = new ObjectMapper()
                .readTree(product.run("doctor", "--json").succeeds().out());
        Files.delete(product.home().resolve("pm2.pid"));

        assertThat(finding(findings, "daemon").path("grade").asText()).isEqualTo("warn");
        assertThat(finding(findings, "daemon").path("seen").asText()).contains("pid file");
        assertThat(finding(findings, "home's permissions").path("advice").asText())
                .contains("chmod 700");
    }

    private static JsonNode finding(JsonNode findings, String what) {
        for (JsonNode finding : findings) {
            if (finding.path("what").asText().equals(what)) {
                return finding;
            }
        }
        throw new AssertionError(what + " is not in " + findings);
    }

    private void snooze() throws Exception {
        product.run("start", "/bin/sleep", "--name", "snooze", "--", "600").succeeds();
    }

    private List<String> bash(String... words) throws Exception {
        String script = "source <(pm2j completion bash); COMP_WORDS=('" + String.join("' '", words) + "'); COMP_CWORD="
                + (words.length - 1) + "; _pm2j_complete; printf '%s\\n' \"${COMPREPLY[@]}\"";
        return product.command(List.of("bash", "--norc", "-c", script))
                .succeeds()
                .out()
                .lines()
                .toList();
    }

    private void keys(String socket, String... keys) throws Exception {
        var command = new ArrayList<>(List.of("tmux", "-S", socket, "send-keys"));
        command.addAll(List.of(keys));
        product.command(command).succeeds();
    }

    private void screen(String socket, String text) throws Exception {
        Product.eventually(
                text,
                () -> "\n"
                        + product.command(List.of("tmux", "-S", socket, "capture-pane", "-p"))
                                .out(),
                shown -> shown.contains(text));
    }

    private boolean has(String program) throws Exception {
        return product.command(List.of("sh", "-c", "command -v " + program)).exit() == 0;
    }
}
