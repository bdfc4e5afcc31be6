package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The daemon as process 1, as in a container without an init.
class DaemonAsFirstProcessIT {
    private static final List<String> UNSHARE = List.of("unshare", "-pf", "--mount-proc", "--kill-child");

    @RegisterExtension
    final Product product = new Product();

    @Test
    void reapsTheOrphansOfItsAppsAndSavesWhenItIsAskedToEnd() throws Exception {
        assumeTrue(product.command(with("true")).exit() == 0, "no pid namespace is permitted here");
        product.run("--version").succeeds();
        Process unshare = startDaemon();
        try {
            Product.eventually("it answers", () -> Files.exists(product.home().resolve("pm2j.sock")), there -> there);
            assertThat(Outage.daemonPid(product)).isEqualTo(1);
            product.app("leaves-orphans");

            product.run("start", "leaves-orphans/app.py", "--name", "parent").succeeds();

            Product.eventually("the orphans were left", this::printed, printed -> printed.contains("left 20 orphans"));
            ProcessHandle daemon = unshare.children().findFirst().orElseThrow();
            Product.eventually(
                    "only the app is left, no zombie",
                    () -> daemon.children().map(ProcessHandle::pid).toList(),
                    children -> children.size() == 1);

            daemon.destroy();
            assertThat(unshare.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(product.home().resolve("dump.pm2"))).contains("\"parent\"");
        } finally {
            unshare.destroyForcibly().waitFor();
        }
    }

    private Process startDaemon() throws IOException {
        Path run = Product.ROOT.resolve("target/run");
        String java = Files.readString(run.resolve("jdk")).strip() + "/bin/java";
        File log = product.home().resolve("pm2.log").toFile();
        var builder = new ProcessBuilder(with(java, "@" + run.resolve("daemon.args")))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .redirectError(ProcessBuilder.Redirect.appendTo(log));
        builder.environment().put("PM2J_HOME", product.home().toString());
        return builder.start();
    }

    private String printed() throws IOException {
        Path log = product.home().resolve("logs/parent-out.log");
        return Files.exists(log) ? Files.readString(log) : "";
    }

    private static List<String> with(String... command) {
        var all = new ArrayList<>(UNSHARE);
        all.addAll(List.of(command));
        return all;
    }
}
