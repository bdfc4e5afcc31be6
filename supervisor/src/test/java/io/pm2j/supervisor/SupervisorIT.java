package io.pm2j.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.LogRotation;
import io.pm2j.config.spec.LogSpec;
import io.pm2j.config.spec.StopSpec;
import io.pm2j.config.spec.WatchSpec;
import io.pm2j.supervisor.app.AppJournal;
import io.pm2j.supervisor.app.Feed;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.ProgramMessage;
import io.pm2j.supervisor.app.Progress;
import io.pm2j.supervisor.app.ReloadTerms;
import io.pm2j.supervisor.app.SupervisorHome;
import io.pm2j.supervisor.process.Posix;
import io.pm2j.supervisor.traffic.Endpoint;
import io.pm2j.supervisor.traffic.FakeTrafficGate;
import io.pm2j.supervisor.traffic.Reach;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The supervisor with real Node and Python workers, and a gate that only writes down what it is asked.
@ExtendWith(NoChildrenLeft.class)
class SupervisorIT {
    private static final String HELLO = """
            require('http').createServer((q, s) => s.end(JSON.stringify({
              pid: process.pid, from: q.socket.remoteAddress, instance: process.env.NODE_APP_INSTANCE
            }))).listen(process.env.PORT || 3000);
            """;

    @TempDir
    Path folder;

    private final FakeTrafficGate gate = new FakeTrafficGate();
    private final AtomicInteger ids = new AtomicInteger();
    private final Heard heard = new Heard();
    private Supervisor supervisor;

    @BeforeEach
    void open() throws IOException {
        Path home = Files.createDirectory(folder.resolve("home"));
        supervisor = new Supervisor(new SupervisorHome(home), gate, AppJournal.NONE, ids::getAndIncrement);
    }

    @AfterEach
    void close() {
        supervisor.close();
    }

    @Test
    void r12StartsUnmodifiedNodeWorkersBehindOneListener() throws Exception {
        assertThat(start(cluster(HELLO, 2), heard)).isTrue();

        // On a busy machine a worker may have lived for min_uptime before it listens.
        Eventually.holds("both are admitted", () -> gate.workers().size() == 2);
        assertThat(gate.asked.getFirst()).isEqualTo("open [::]:3000");
        assertThat(gate.asked).filteredOn(a -> a.startsWith("open")).hasSize(1);
        assertThat(views()).extracting(ProcessView::status).containsExactly("online", "online");
        assertThat(views()).extracting(ProcessView::instanceNumber).containsExactly(0, 1);
    }

    @Test
    void showsTheAppItsClientsAddress() throws Exception {
        start(cluster(HELLO, 1), heard);
        admitted(1);

        assertThat(request("10.1.2.3")).contains("\"from\":\"::ffff:10.1.2.3\"");
    }

    @Test
    void programsAndTheDaemonTalkBothWays() throws Exception {
        String program = """
                process.on('message', m => process.send({ echo: m, pid: process.pid }));
                process.send({ type: 'hello' });
                setInterval(() => {}, 1000);
                """;
        try (Feed.Follower<ProgramMessage> follower = supervisor.messages().follow()) {
            start(Specs.fork("app", script("app", program)), heard);
            assertThat(follower.next().json()).isEqualTo("{\"type\":\"hello\"}");

            assertThat(supervisor.tell(new AppName("app"), Set.of(), "{\"a\":[1,\"ä\"]}"))
                    .isOne();

            ProgramMessage answer = follower.next();
            assertThat(answer.json())
                    .contains("{\"echo\":{\"a\":[1,\"ä\"]}")
                    .contains("\"pid\":" + views().getFirst().pid());
            assertThat(answer.app()).isEqualTo("app");
        }
    }

    /// The home of these tests lies in the watched folder, and so does a log that is not called one.
    @Test
    void restartsOnceForAChangeAndNeverForWhatItWritesItself() throws Exception {
        AppSpec plain = Specs.fork("app", script("app", "console.log('up'); setInterval(() => {}, 1000)"));
        LogSpec out = new LogSpec(
                Optional.of(folder.resolve("output.txt")),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                false,
                LogRotation.NEVER);
        AppSpec watched = plain.draft()
                .watch(new WatchSpec(List.of(folder), List.of(), Duration.ZERO))
                .logs(out)
                .spec();
        start(watched, heard);
        Eventually.holds(
                "up", () -> Files.readString(folder.resolve("output.txt")).equals("up\n"));
        // Created and no more: one that is written too may change twice, where the machine pauses in between.
        Files.createFile(folder.resolve("data.json"));
        Eventually.holds("restarted", () -> views().getFirst().restarts() == 1);
        Eventually.holds(
                "up again", () -> Files.readString(folder.resolve("output.txt")).equals("up\nup\n"));

        Files.createFile(folder.resolve("second.json"));
        Eventually.holds(
                "restarted again, and said why",
                () -> views().getFirst().lastReason().equals("second.json changed"));

        assertThat(views().getFirst().restarts()).isEqualTo(2);
    }

    @Test
    void leavesAWorkerOutBeforeItLooksWhetherAnythingIsInFlight() throws Exception {
        start(cluster(HELLO, 1), heard);
        admitted(1);
        gate.asked.clear();

        assertThat(reloading(Optional.empty()).get(60, TimeUnit.SECONDS)).isTrue();

        List<String> order = gate.asked.stream()
                .filter(asked -> !asked.startsWith("open") && !asked.startsWith("keep"))
                .toList();
        assertThat(order).containsExactly("admit [2]", "idle 1");
    }

    @Test
    void letsTheChildrenOfAStoppedWorkerEndInTheirTime() throws Exception {
        Path flushed = folder.resolve("flushed");
        String child = "process.on('SIGINT', () => setTimeout(() => { require('fs').writeFileSync('" + flushed
                + "', 'x'); process.exit(0); }, 400)); setInterval(() => {}, 1000); console.log('child up');";
        AppSpec spec = Specs.fork(
                        "app",
                        script(
                                "app",
                                "require('child_process').spawn(process.execPath, ['" + script("child", child)
                                        + "'], { stdio: 'inherit' }); setInterval(() => {}, 1000)"))
                .draft()
                .stop(new StopSpec("SIGINT", false, Duration.ofSeconds(60), true))
                .spec();
        start(spec, heard);
        Eventually.holds(
                "the child is up",
                () -> Files.readString(Path.of(views().getFirst().outLogPath())).contains("child up"));

        supervisor.stop(spec.name(), Set.of(), heard);

        assertThat(flushed).exists();
    }

    @Test
    void anInterruptedDeleteLeavesTheNameFree() throws Exception {
        Path mayEnd = folder.resolve("may-end");
        AppSpec spec = Specs.stopWithin(
                fork("process.on('SIGINT', () => setInterval(() => {"
                        + " if (require('fs').existsSync('" + mayEnd + "')) process.exit(0); }, 20));"
                        + " setInterval(() => {}, 99); console.log('up');"),
                Duration.ofSeconds(60));
        start(spec, heard);
        Eventually.holds(
                "it is up",
                () -> Files.readString(Path.of(views().getFirst().outLogPath())).contains("up"));
        Thread deleting = Thread.ofVirtual().start(() -> {
            try {
                supervisor.delete(spec.name(), Set.of(), heard);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Eventually.holds("it stops", () -> views().getFirst().status().equals("stopping"));
        deleting.interrupt();
        assertThat(deleting.join(Duration.ofSeconds(30))).isTrue();
        Files.createFile(mayEnd);

        Eventually.holds("it is gone", () -> !supervisor.knows(spec.name()));
        assertThat(start(spec, heard)).isTrue();
    }

    @Test
    void changesFromClusterToForkAndBackWithTheSamePort() throws Exception {
        AppSpec cluster = cluster(HELLO, 1);
        // Any port: in fork mode it listens by itself, and other tests run on this machine.
        AppSpec fork = Specs.withEnv(Specs.fork("app", cluster.program().script()), Map.of("PORT", "0"));
        start(cluster, heard);

        assertThat(reloading(Optional.of(fork)).get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(gate.asked.getLast()).isEqualTo("keep []");
        assertThat(views()).extracting(ProcessView::execMode).containsExactly("fork");

        assertThat(reloading(Optional.of(cluster)).get(60, TimeUnit.SECONDS)).isTrue();
        Eventually.holds("admitted", () -> gate.workers().size() == 1);
    }

    @Test
    void r7NoSignalWhileTheEdgeOwnsWork() throws Exception {
        start(cluster(HELLO, 1), heard);
        admitted(1);
        int old = views().getFirst().pid();
        gate.asked.clear();
        gate.busy = new CountDownLatch(1);

        CompletableFuture<Boolean> reload = reloading(Optional.empty());
        Eventually.holds("the new one alone is admitted", () -> gate.asked.contains("admit [2]"));

        assertThat(ProcessHandle.of(old).orElseThrow().isAlive())
                .as("the old one lives while it is busy")
                .isTrue();
        gate.busy.countDown();
        assertThat(reload.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(gate.asked).startsWith("admit [2]", "idle 1");
        assertThat(ProcessHandle.of(old).filter(ProcessHandle::isAlive)).isEmpty();
        assertThat(views().getFirst().restarts()).isOne();
    }

    @Test
    void keepsTheOldWorkerWhenTheNewOneNeverGetsReady() throws Exception {
        AppSpec good =
                Specs.waitReady(cluster("console.log('up'); process.send('ready');" + HELLO, 1), Duration.ofSeconds(8));
        start(good, heard);
        admitted(1);
        int old = views().getFirst().pid();
        // Long enough for Node to get as far as its first line on a busy machine.
        AppSpec bad = Specs.withScript(good, script("bad", "console.log('booting for ever');" + HELLO));

        boolean reloaded = reloading(Optional.of(bad)).get(60, TimeUnit.SECONDS);

        assertThat(reloaded).isFalse();
        assertThat(views()).extracting(ProcessView::pid).containsExactly(old);
        assertThat(gate.workers()).containsExactly(1L);
        assertThat(heard.errors).anyMatch(e -> e.contains("was not ready within 8000 ms"));
        assertThat(heard.errors).anyMatch(e -> e.contains("booting for ever"));
    }

    /// A start is over when the workers listen, which may be a moment before all of them have traffic.
    private Set<Long> admitted(int workers) throws Exception {
        Eventually.holds("all have traffic", () -> gate.workers().size() == workers);
        return gate.workers();
    }

    @Test
    void keepsTheOldWorkerWhenTheNewOneCrashesAtBoot() throws Exception {
        AppSpec good = cluster(HELLO, 2);
        start(good, heard);
        Set<Long> before = admitted(2);
        AppSpec bad = Specs.withScript(good, script("bad", "throw new Error('no database');"));

        assertThat(reloading(Optional.of(bad)).get(60, TimeUnit.SECONDS)).isFalse();

        assertThat(gate.workers()).isEqualTo(before);
        assertThat(heard.errors).anyMatch(e -> e.contains("exit code 1"));
        assertThat(heard.errors).anyMatch(e -> e.contains("no database"));
        assertThat(reloading(Optional.empty()).get(60, TimeUnit.SECONDS))
                .as("the good version again")
                .isTrue();
    }

    @Test
    void takesAKilledWorkerOutAndReplacesIt() throws Exception {
        start(cluster(HELLO, 2), heard);
        Set<Long> before = admitted(2);
        gate.asked.clear();

        ProcessHandle.of(views().getFirst().pid()).orElseThrow().destroyForcibly();

        Eventually.holds(
                "two are admitted again, one of them new",
                () -> gate.workers().size() == 2 && !gate.workers().equals(before));
        assertThat(gate.asked.getFirst()).as("first it is taken out").matches("admit \\[\\d\\]");
        assertThat(views()).extracting(ProcessView::restarts).containsExactly(1, 0);
    }

    @Test
    void r3TheListenerStaysWhileNobodyIsThere() throws Exception {
        start(cluster(HELLO, 1), heard);
        Set<Long> before = admitted(1);
        gate.asked.clear();

        ProcessHandle.of(views().getFirst().pid()).orElseThrow().destroyForcibly();

        Eventually.holds(
                "another is admitted",
                () -> gate.workers().size() == 1 && !gate.workers().equals(before));
        assertThat(gate.asked).contains("admit []").doesNotContain("keep []");
    }

    @Test
    void givesUpOnACrashLoop() throws Exception {
        start(fork("process.exit(3)"), heard);

        Eventually.holds("it is errored", () -> views().getFirst().status().equals("errored"));
        assertThat(views().getFirst().unstableRestarts()).isEqualTo(5);
        assertThat(views().getFirst().exitCode()).hasValue(3);
    }

    @Test
    void leavesAnAppThatEndsAloneWithoutAutorestart() throws Exception {
        assertThat(start(Specs.once(fork("console.log('once')")), heard)).isTrue();

        Eventually.holds("it is stopped", () -> views().getFirst().status().equals("stopped"));
        assertThat(views().getFirst().restarts()).isZero();
    }

    @Test
    void leavesNothingOfAnAppWhosePortIsTaken() throws Exception {
        gate.taken = true;

        assertThat(start(cluster(HELLO, 2), heard)).isFalse();

        assertThat(views()).isEmpty();
        assertThat(heard.errors).containsExactly("[::]:3000 is in use by pid 1");
        assertThat(supervisor.knows(new AppName("app"))).isFalse();
    }

    @Test
    void endsAnAppThatIgnoresTheSignal() throws Exception {
        start(fork("process.on('SIGINT', () => {}); console.log('deaf'); setInterval(() => {}, 1000);"), heard);
        Path log = folder.resolve("home/logs/app-out.log");
        Eventually.holds("the handler is there", () -> Files.readString(log).contains("deaf"));

        assertThat(supervisor.stop(new AppName("app"), Set.of(), heard)).isTrue();

        assertThat(views().getFirst().status()).isEqualTo("stopped");
        assertThat(views().getFirst().lastExit()).isEqualTo("signal SIGKILL");
    }

    @Test
    void scalesUpAndDownAndNumbersInstancesFromZero() throws Exception {
        start(cluster(HELLO, 1), heard);
        admitted(1);
        AppName app = new AppName("app");

        assertThat(supervisor.scale(app, 3, heard)).isTrue();
        assertThat(views()).extracting(ProcessView::instanceNumber).containsExactly(0, 1, 2);
        admitted(3);
        assertThat(supervisor.scale(app, 1, heard)).isTrue();

        assertThat(views()).extracting(ProcessView::instanceNumber).containsExactly(0);
        admitted(1);
    }

    @Test
    void actsOnSingleInstances() throws Exception {
        start(cluster(HELLO, 2), heard);
        admitted(2);
        AppName app = new AppName("app");

        supervisor.stop(app, Set.of(1), heard);
        assertThat(views()).extracting(ProcessView::status).containsExactly("online", "stopped");
        supervisor.restart(app, Set.of(1), Optional.empty(), heard);
        assertThat(views()).extracting(ProcessView::status).containsExactly("online", "online");
        supervisor.delete(app, Set.of(0), heard);

        assertThat(views()).extracting(ProcessView::pmId).containsExactly(1);
    }

    @Test
    void abandonsAReloadForAStop() throws Exception {
        AppSpec good = Specs.waitReady(cluster("process.send('ready');" + HELLO, 1), Duration.ofSeconds(60));
        start(good, heard);
        admitted(1);
        AppSpec slow = Specs.withScript(good, script("slow", HELLO));

        CompletableFuture<Boolean> reload = reloading(Optional.of(slow));
        Eventually.holds(
                "both run",
                () -> ProcessHandle.current()
                                .children()
                                .filter(ProcessHandle::isAlive)
                                .count()
                        == 2);
        supervisor.stop(new AppName("app"), Set.of(), heard);

        assertThat(reload.get(60, TimeUnit.SECONDS)).isFalse();
        assertThat(views()).extracting(ProcessView::status).containsExactly("stopped");
    }

    @Test
    void givesPythonWorkersPrivatePortsAndFindsThemListening() throws Exception {
        String server = """
                import os, http.server
                http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])),
                    http.server.SimpleHTTPRequestHandler).serve_forever()
                """;
        AppSpec spec = Specs.withPort(Specs.python(Specs.cluster("app", script("server.py", server), 2)), 8000);

        assertThat(start(spec, heard)).isTrue();

        admitted(2);
        assertThat(gate.asked.getFirst()).isEqualTo("open [::]:8000");
        assertThat(gate.admitted)
                .extracting(Endpoint::reach)
                .hasOnlyElementsOfType(Reach.At.class)
                .doesNotHaveDuplicates();
    }

    @Test
    void followsAServerThatIsClosedAndOpenedAgain() throws Exception {
        start(cluster("""
                const server = require('http').createServer((q, s) => s.end('again'));
                server.listen(3000, () => server.close(() => server.listen(3000)));
                """, 1), heard);

        Eventually.holds("the second server answers", () -> request("1.1.1.1").contains("again"));
    }

    @Test
    void letsSeveralPortsOfOneAppOpen() throws Exception {
        start(cluster("""
                const http = require('http');
                http.createServer((q, s) => s.end('a')).listen(3000);
                http.createServer((q, s) => s.end('b')).listen({ port: 3001, host: '127.0.0.1' });
                """, 2), heard);

        Eventually.holds("four doors are admitted", () -> gate.admitted.size() == 4);
        assertThat(gate.asked).contains("open [::]:3000", "open 127.0.0.1:3001");
    }

    @Test
    void writesPidsAndLogsWherePm2Does() throws Exception {
        start(fork("console.log('to out'); console.error('to err'); setInterval(() => {}, 1000)"), heard);
        Path home = folder.resolve("home");

        Eventually.holds(
                "the lines are written",
                () -> Files.readString(home.resolve("logs/app-out.log")).equals("to out\n")
                        && Files.readString(home.resolve("logs/app-error.log")).equals("to err\n"));
        assertThat(Files.readString(home.resolve("pids/app-0.pid")))
                .isEqualTo(String.valueOf(views().getFirst().pid()));
        supervisor.stop(new AppName("app"), Set.of(), heard);
        assertThat(home.resolve("pids/app-0.pid")).doesNotExist();
    }

    @Test
    void losesNoLineOfAnAppThatPrintsAndExits() throws Exception {
        start(Specs.once(fork("for (let i = 0; i < 20000; i++) console.log('line ' + i);")), heard);
        Path log = folder.resolve("home/logs/app-out.log");

        Eventually.holds("it is stopped", () -> views().getFirst().status().equals("stopped"));
        Eventually.holds("all is written", () -> Files.readAllLines(log).size() == 20_000);
        List<String> lines = Files.readAllLines(log);
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i)).isEqualTo("line " + i);
        }
    }

    @Test
    void saysThatAnInterpreterIsMissing() throws Exception {
        AppSpec spec = Specs.withEnv(fork("1"), Map.of("PATH", "/nowhere"));

        assertThat(start(spec, heard)).isFalse();

        assertThat(views()).isEmpty();
        assertThat(heard.errors).anyMatch(e -> e.contains("node is not to be found"));
    }

    private boolean start(AppSpec spec, Progress progress) throws InterruptedException {
        return supervisor.add(spec) && supervisor.start(spec.name(), progress);
    }

    private List<ProcessView> views() {
        return supervisor.processes();
    }

    private CompletableFuture<Boolean> reloading(Optional<AppSpec> newSpec) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                answer.complete(supervisor.reload(new AppName("app"), Set.of(), newSpec, ReloadTerms.USUAL, heard));
            } catch (InterruptedException | RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    /// Sends one request over a handed connection and gives the whole answer.
    private String request(String client) throws IOException {
        var endpoint = gate.admitted.stream().findFirst();
        if (endpoint.isEmpty() || !(endpoint.get().reach() instanceof Reach.Handed(Reach.Handover handover))) {
            return "";
        }
        int fd = handover.connect(client + " 5000");
        Posix.send(
                fd,
                ("GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: " + client + "\r\nConnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII),
                0,
                -1);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] bytes = Posix.receive(fd); bytes == null || bytes.length > 0; bytes = Posix.receive(fd)) {
            if (bytes != null) {
                all.write(bytes);
            }
        }
        Posix.close(fd);
        return all.toString(StandardCharsets.UTF_8);
    }

    private AppSpec cluster(String source, int instances) throws IOException {
        return Specs.cluster("app", script("app.js", source), instances);
    }

    private AppSpec fork(String source) throws IOException {
        return Specs.fork("app", script("app.js", source));
    }

    private String script(String name, String source) throws IOException {
        return Files.writeString(folder.resolve(name), source).toString();
    }

    private static final class Heard implements Progress {
        private final List<String> errors = new CopyOnWriteArrayList<>();

        @Override
        public void info(String sentence) {}

        @Override
        public void warn(String sentence) {}

        @Override
        public void error(String sentence) {
            errors.add(sentence);
        }
    }
}
