package io.pm2j.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.AppName;
import io.pm2j.config.spec.AppSpec;
import io.pm2j.config.spec.Dependency;
import io.pm2j.config.spec.Dependency.Condition;
import io.pm2j.config.spec.ReadySpec;
import io.pm2j.supervisor.app.AppJournal;
import io.pm2j.supervisor.app.AppRecord;
import io.pm2j.supervisor.app.AppRecord.InstanceRecord;
import io.pm2j.supervisor.app.AppRecord.WorkerRecord;
import io.pm2j.supervisor.app.ProcessView;
import io.pm2j.supervisor.app.Progress;
import io.pm2j.supervisor.app.SupervisorHome;
import io.pm2j.supervisor.lifecycle.Phase;
import io.pm2j.supervisor.lifecycle.Wanted;
import io.pm2j.supervisor.process.ProcessIdentity;
import io.pm2j.supervisor.traffic.FakeTrafficGate;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a later daemon makes of what is remembered, and what is remembered of names that change.
@ExtendWith(NoChildrenLeft.class)
@Timeout(180)
class RevivalIT {
    private static final AppName DB = new AppName("db");
    private static final AppName WEB = new AppName("web");
    private static final AppName SHOP = new AppName("shop");

    @TempDir
    Path folder;

    private final List<String> journaled = new CopyOnWriteArrayList<>();
    private final FakeTrafficGate gate = new FakeTrafficGate();
    private final AtomicInteger ids = new AtomicInteger();
    private Supervisor supervisor;

    @BeforeEach
    void open() throws IOException {
        Path home = Files.createDirectory(folder.resolve("home"));
        supervisor = new Supervisor(new SupervisorHome(home), gate, journal(), ids::getAndIncrement);
    }

    private AppJournal journal() {
        return new AppJournal() {
            @Override
            public boolean keep(AppRecord record) {
                journaled.add("keep " + record.spec().name());
                return true;
            }

            @Override
            public void forget(AppName name) {
                journaled.add("forget " + name);
            }
        };
    }

    @AfterEach
    void close() {
        supervisor.close();
    }

    @Test
    void whatRanBeforeRunsAgainThoughWhatItNeedsWasStoppedByHand() throws Exception {
        supervisor.add(db());
        Process former = deaf();
        try {
            assertThat(revived(List.of(worker(former, OptionalInt.empty())))).isTrue();

            assertThat(former.waitFor(60, TimeUnit.SECONDS))
                    .as("the former ends first")
                    .isTrue();
            assertThat(web().status()).isEqualTo("online");
        } finally {
            former.destroyForcibly();
        }
    }

    @Test
    void whatNeverRanWaitsInVainForWhatItNeeds() throws Exception {
        supervisor.add(db());

        assertThat(revived(List.of())).isFalse();

        assertThat(web().status()).isEqualTo("stopped");
    }

    /// What has waited at the edge meanwhile is led to it at once; a datagram would be dropped.
    @ParameterizedTest
    @ValueSource(strings = {"STREAM", "DGRAM"})
    void aServerThatIsKeptHasItsTrafficWhenItIsTakenUp(String kind) throws Exception {
        Process kept = server(kind);
        try (BufferedReader out = kept.inputReader()) {
            int port = Integer.parseInt(out.readLine());
            AppSpec spec = Specs.withPort(Specs.python(Specs.cluster("web", script(), 1)), 8000);

            Optional<CompletableFuture<Boolean>> started =
                    supervisor.revive(remembered(spec, List.of(worker(kept, OptionalInt.of(port)))), Progress.SILENT);

            assertThat(gate.workers()).hasSize(1);
            assertThat(started.orElseThrow().get(90, TimeUnit.SECONDS)).isTrue();
            assertThat(web().pid()).isEqualTo((int) kept.pid());
        } finally {
            supervisor.delete(WEB, Set.of(), Progress.SILENT);
            kept.destroyForcibly();
        }
    }

    /// A worker that says at which port it serves.
    private static Process server(String kind) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("python3", "-u", "-c", """
                import socket, time
                server = socket.socket(socket.AF_INET, socket.SOCK_%s)
                server.bind(("127.0.0.1", 0))
                if server.type == socket.SOCK_STREAM: server.listen()
                print(server.getsockname()[1])
                time.sleep(60)
                """.formatted(kind));
        builder.environment().put("PM2J_WORKER", "7e57");
        return builder.start();
    }

    @Test
    void anAppIsRememberedByItsNewNameBeforeTheOldOneIsForgotten() throws Exception {
        AppSpec web = Specs.fork("web", script());
        supervisor.add(web);
        supervisor.start(WEB, Progress.SILENT);

        assertThat(supervisor.rename(WEB, Specs.fork("shop", script()), Progress.SILENT))
                .isTrue();

        assertThat(journaled).containsSubsequence("keep shop", "forget web");
        assertThat(supervisor.names()).containsExactly(SHOP);
    }

    @Test
    void anAppWhoseNewNameIsTakenMeanwhileRunsOnUnderItsOldOne() throws Exception {
        Path mayEnd = folder.resolve("may-end");
        AppSpec web = slowToStop("web", mayEnd);
        supervisor.add(web);
        supervisor.start(WEB, Progress.SILENT);
        Eventually.holds(
                "its handler is there",
                () -> Files.readString(Path.of(web().outLogPath())).contains("up"));
        CompletableFuture<Boolean> renamed = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                renamed.complete(supervisor.rename(WEB, slowToStop("shop", mayEnd), Progress.SILENT));
            } catch (InterruptedException | IOException | RuntimeException e) {
                renamed.completeExceptionally(e);
            }
        });
        Eventually.holds("it stops", () -> web().status().equals("stopping"));
        supervisor.add(Specs.fork("shop", script()));
        Files.createFile(mayEnd);

        assertThat(renamed.get(60, TimeUnit.SECONDS)).isFalse();

        assertThat(web().status()).isEqualTo("online");
    }

    @Test
    void theGateForgetsAnAppThatIsGone() throws Exception {
        supervisor.add(Specs.fork("web", script()));
        supervisor.start(WEB, Progress.SILENT);
        supervisor.stop(WEB, Set.of(), Progress.SILENT);
        assertThat(gate.asked).doesNotContain("forget web");

        supervisor.delete(WEB, Set.of(), Progress.SILENT);

        assertThat(gate.asked).containsOnlyOnce("forget web");
    }

    /// A Node cluster app that needs `db`, with what its last daemon left of its workers.
    private boolean revived(List<WorkerRecord> workers) throws Exception {
        AppSpec spec = Specs.cluster("web", script(), 1)
                .draft()
                .dependsOn(List.of(new Dependency(DB, Condition.READY)))
                .spec();
        return supervisor
                .revive(remembered(spec, workers), Progress.SILENT)
                .orElseThrow()
                .get(90, TimeUnit.SECONDS);
    }

    /// An app with one instance, which had these workers.
    private AppRecord remembered(AppSpec spec, List<WorkerRecord> workers) {
        InstanceRecord instance = new InstanceRecord(
                ids.getAndIncrement(),
                0,
                Wanted.UP,
                Phase.STOPPED,
                0,
                List.of(),
                System.currentTimeMillis(),
                "",
                workers);
        return new AppRecord(spec, 0, List.of(instance));
    }

    /// One that was ready and in charge.
    private static WorkerRecord worker(Process process, OptionalInt privatePort) {
        return new WorkerRecord(
                ProcessIdentity.of((int) process.pid()).orElseThrow().toString(),
                "7e57",
                0,
                privatePort,
                System.currentTimeMillis(),
                true,
                true);
    }

    /// In the list, and not started.
    private AppSpec db() throws IOException {
        return Specs.fork("db", script())
                .draft()
                .ready(new ReadySpec(false, Duration.ofMillis(200)))
                .spec();
    }

    private ProcessView web() {
        return supervisor.processes().stream()
                .filter(view -> view.name().equals("web"))
                .findFirst()
                .orElseThrow();
    }

    /// A process that does not end when it is asked to.
    private static Process deaf() throws IOException {
        Process process = new ProcessBuilder("sh", "-c", "trap '' INT; echo up; exec sleep 60").start();
        BufferedReader out = process.inputReader();
        assertThat(out.readLine()).isEqualTo("up");
        return process;
    }

    private String script() throws IOException {
        return Files.writeString(folder.resolve("app.js"), "require('http').createServer(() => {}).listen(0);")
                .toString();
    }

    /// Ends when it is asked to, and may.
    private AppSpec slowToStop(String name, Path mayEnd) throws IOException {
        String source = "process.on('SIGINT', () => setInterval(() => {"
                + " if (require('fs').existsSync('" + mayEnd + "')) process.exit(0); }, 20));"
                + " setInterval(() => {}, 99); console.log('up');";
        String script = Files.writeString(folder.resolve("slow.js"), source).toString();
        return Specs.stopWithin(Specs.fork(name, script), Duration.ofSeconds(60));
    }
}
