package io.pm2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// How apps are asked to end, and what is left of them then: nothing.
class StoppingIT {
    @RegisterExtension
    final Product product = new Product();

    @Test
    void theProgramGetsTheSignalOrTheMessageThatItWants() throws Exception {
        product.app("names-its-signal");
        String script = "script: 'names-its-signal/app.js', kill_timeout: 30000";
        product.ecosystem(
                "name: 'usual', " + script,
                "name: 'term', kill_signal: 'SIGTERM', " + script,
                "name: 'message', shutdown_with_message: true, " + script,
                "name: 'both', shutdown_with_message: true, instances: 1, exec_mode: 'cluster', " + script);
        product.run("start", "ecosystem.config.js").succeeds();
        for (String name : List.of("usual", "term", "message", "both")) {
            Product.eventually(name, () -> log(name), log -> log.contains("waiting"));
        }

        product.run("stop", "all").succeeds();

        awaitLast("usual", "got SIGINT\n");
        awaitLast("term", "got SIGTERM\n");
        awaitLast("message", "got message shutdown\n");
        awaitLast("both", "got message shutdown\n");
    }

    @Test
    void whoeverIgnoresTheSignalIsKilledAfterTheTimeoutAndNotBefore() throws Exception {
        product.bothAnswer(product.start("ignores-sigint", "--kill-timeout", "1200"));
        List<Long> pids = product.pids("ignores-sigint");

        long beginNanos = System.nanoTime();
        product.run("stop", "ignores-sigint").succeeds();
        Duration took = Duration.ofNanos(System.nanoTime() - beginNanos);

        assertThat(took).isBetween(Duration.ofMillis(1_200), Duration.ofSeconds(30));
        assertThat(pids).noneMatch(StoppingIT::lives);
        Product.eventually(
                "it has said no", () -> product.log("ignores-sigint-out-0.log"), log -> log.contains("no, thank you"));
    }

    @Test
    void childrenAndDaemonsOfAnAppEndWithIt() throws Exception {
        int port = product.freePort();
        product.app("forks-a-child");
        product.app("double-forks");
        product.ecosystem(
                "name: 'family', script: 'forks-a-child/app.js', env: { PORT: %d }".formatted(port),
                "name: 'hidden', script: 'double-forks/app.py', env: { PORT: %d }, kill_timeout: 500"
                        .formatted(product.freePort()));
        product.run("start", "ecosystem.config.js").succeeds();

        List<Long> first = descendants(port, 1);
        product.run("stop", "all").succeeds();
        assertThat(first).as("after stop").noneMatch(StoppingIT::lives);

        product.run("restart", "all").succeeds();
        List<Long> second = descendants(port, 2);
        product.run("restart", "all").succeeds();
        assertThat(second).as("after restart").noneMatch(StoppingIT::lives);

        List<Long> third = descendants(port, 3);
        product.run("delete", "all").succeeds();
        assertThat(third).as("after delete").noneMatch(StoppingIT::lives);

        product.run("start", "ecosystem.config.js").succeeds();
        List<Long> fourth = descendants(port, 4);
        product.run("kill").succeeds();
        assertThat(fourth).as("after kill").noneMatch(StoppingIT::lives);
    }

    @Test
    void withoutTreekillOnlyTheWorkerIsSignalled() throws Exception {
        int port = product.start("forks-a-child", "-i", "1", "-x", "--no-treekill");
        long child = product.json(port).path("child").asLong();
        long worker = product.pids("forks-a-child").getFirst();

        product.run("stop", "forks-a-child").succeeds();

        assertThat(lives(worker)).isFalse();
        assertThat(lives(child)).isTrue();
        ProcessHandle.of(child).orElseThrow().destroyForcibly();
        Product.eventually("the child has ended", () -> lives(child), alive -> !alive);
    }

    @Test
    void aCrashLeavesNoChildBehind() throws Exception {
        int port = product.start("forks-a-child", "-i", "1", "-x");
        long worker = product.pids("forks-a-child").getFirst();
        long child = product.json(port).path("child").asLong();

        product.status(port, "/crash");

        Product.eventually(
                "a new worker", () -> product.pids("forks-a-child"), pids -> !pids.isEmpty() && !pids.contains(worker));
        Product.eventually("the child has ended", () -> lives(child), alive -> !alive);
        product.answers(port);
    }

    /// The child of `family`, and the newest of the daemons of `hidden`, which has made `daemons` of them until now.
    private List<Long> descendants(int port, int daemons) throws Exception {
        product.answers(port);
        Path file = product.work().resolve("double-forks/daemons");
        List<String> lines =
                Product.eventually("daemon " + daemons, () -> lines(file), found -> found.size() == daemons);
        List<Long> pids = new ArrayList<>();
        pids.add(product.json(port).path("child").asLong());
        pids.add(Long.valueOf(lines.getLast()));
        assertThat(pids).allMatch(StoppingIT::lives);
        return pids;
    }

    private void awaitLast(String name, String words) throws Exception {
        Product.eventually(name + " says it", () -> log(name), log -> log.endsWith(words));
    }

    private String log(String name) throws IOException {
        return product.log(name.equals("both") ? "both-out-3.log" : name + "-out.log");
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    /// A process that has ended and was not waited for yet has no command line any more.
    private static boolean lives(long pid) {
        return !Processes.commandLine(pid).isEmpty();
    }
}
