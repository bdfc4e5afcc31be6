package io.pm2j.supervisor.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.supervisor.Eventually;
import io.pm2j.supervisor.NoChildrenLeft;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoChildrenLeft.class)
class ProcessTreeIT {
    private static final int SELF = (int) ProcessHandle.current().pid();
    /// Forks, leaves the session, forks again, leaves that one too, and has a child of its own.
    private static final String DAEMONIZE = """
            exec python3 -c '
            import os, subprocess, time
            if os.fork() == 0:
                os.setsid()
                leader = os.getpid()
                if os.fork() == 0:
                    os.setsid()
                    while os.getppid() == leader: time.sleep(0.01)
                    child = subprocess.Popen(["sleep", "60"])
                    with open("pids.new", "w") as f:
                        f.write(f"{os.getpid()} {child.pid}")
                    os.rename("pids.new", "pids")
                    time.sleep(60)
                os._exit(0)
            os.wait()
            time.sleep(60)
            '""";

    @TempDir
    Path folder;

    private Children children;

    @BeforeEach
    void open() {
        children = new Children(folder);
    }

    @AfterEach
    void close() throws Exception {
        children.close();
    }

    @Test
    void endsADaemonThatLeftItsWorkerForInit() throws Exception {
        endsTheDaemonOf(children.shell("token-init", DAEMONIZE), "token-init");
    }

    @Test
    void endsADaemonThatLeftItsWorkerForUs() throws Exception {
        Subreaper.become();
        try {
            endsTheDaemonOf(children.shell("token-us", DAEMONIZE), "token-us");
            Strangers strangers = new Strangers(children.launcher()::owns);
            Eventually.holds("the orphans are reaped", () -> {
                strangers.reap(ProcessTable.read());
                return ProcessTable.read().childrenOf(SELF).isEmpty();
            });
        } finally {
            PosixProcess.subreaper(false);
        }
    }

    private void endsTheDaemonOf(Children.Started worker, String token) throws Exception {
        List<Integer> lost = lost();
        assertThat(ProcessTree.of(worker.pid())).doesNotContainAnyElementsOf(lost);
        assertThat(ProcessTree.of(worker.pid(), token)).startsWith(worker.pid()).containsAll(lost);
        assertThat(ProcessTree.of(worker.pid(), "another")).doesNotContainAnyElementsOf(lost);

        ProcessTree.signal(worker.pid(), token, Signal.SIGKILL);

        assertThat(worker.ended()).isEqualTo(new ExitStatus.Killed(9));
        Eventually.holds(
                "nobody is left", () -> ProcessTree.of(worker.pid(), token).isEmpty());
        assertThat(lost).noneMatch(ProcessTreeIT::lives);
    }

    @Test
    void endsWhatAnEndedWorkerLeft() throws Exception {
        Children.Started worker = children.shell("token-left", DAEMONIZE);
        List<Integer> lost = lost();
        ProcessTree.signalOne(worker.pid(), Signal.SIGTERM);
        assertThat(worker.ended()).isEqualTo(new ExitStatus.Killed(15));
        assertThat(lost).allMatch(ProcessTreeIT::lives);

        ProcessTree.killLeftovers(worker.pid(), "token-left");

        Eventually.holds("nobody is left", () -> lost.stream().noneMatch(ProcessTreeIT::lives));
    }

    @Test
    void sparesTheSessionOfWhoeverHasTheNumberAgain() throws Exception {
        Children.Started living = children.shell("token-new", "sleep 60 & sleep 60");
        Eventually.holds(
                "its children are born", () -> ProcessTree.of(living.pid()).size() == 3);

        ProcessTree.killLeftovers(living.pid(), "token-old");

        assertThat(ProcessTree.of(living.pid())).hasSize(3);
    }

    @Test
    void endsATreeThatGrowsFasterThanItIsLookedAt() throws Exception {
        Children.Started worker = children.shell(
                "token-grow", "trap '' INT TERM; while :; do (sleep 60 & sleep 60 & sleep 0.01) & sleep 0.005; done");
        Eventually.holds(
                "it has grown", () -> ProcessTree.of(worker.pid(), "token-grow").size() > 20);

        ProcessTree.signal(worker.pid(), "token-grow", Signal.SIGKILL);
        worker.ended();
        ProcessTree.killLeftovers(worker.pid(), "token-grow");

        Eventually.holds(
                "nobody is left",
                () -> ProcessTree.of(worker.pid(), "token-grow").isEmpty());
    }

    @Test
    void refusesInitAndItself() {
        ProcessTree.signal(SELF, Signal.SIGKILL);
        ProcessTree.signal(1, Signal.SIGKILL);
        ProcessTree.signal(0, Signal.SIGKILL);
        ProcessTree.signal(-1, Signal.SIGKILL);
        ProcessTree.signalOne(SELF, Signal.SIGKILL);
        ProcessTree.killLeftovers(SELF, "");
        ProcessTree.killLeftovers(1, "");

        assertThat(lives(SELF)).isTrue();
    }

    @Test
    void refusesATreeThatItIsIn() {
        int parent = (int) ProcessHandle.current().parent().orElseThrow().pid();

        ProcessTree.signal(parent, Signal.SIGCONT);

        assertThat(ProcessTree.of(parent)).contains(SELF);
    }

    @Test
    void looksAtTwoHundredWorkersCheaply() throws Exception {
        Map<Integer, String> tokens = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            tokens.put(children.shell("many-" + i, "exec sleep 60").pid(), "many-" + i);
        }
        Vitals vitals = new Vitals();

        long tableMicros =
                medianMicros(() -> assertThat(ProcessTable.read().size()).isGreaterThan(200));
        long vitalsMicros = medianMicros(() -> assertThat(vitals.look(tokens)).hasSize(200));
        Map.Entry<Integer, String> one = tokens.entrySet().iterator().next();
        long treeMicros = medianMicros(
                () -> assertThat(ProcessTree.of(one.getKey(), one.getValue())).hasSize(1));

        // The aim is 10 ms each, and 3 are what it takes; the rest is for a slow machine.
        assertThat(List.of(tableMicros, vitalsMicros, treeMicros))
                .as("median microseconds")
                .allMatch(micros -> micros < 50_000);
    }

    private static long medianMicros(Runnable look) {
        long[] micros = new long[51];
        // What it costs, not how long it waits for a core that others have.
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        for (int i = 0; i < micros.length; i++) {
            long start = threads.getCurrentThreadCpuTime();
            look.run();
            micros[i] = (threads.getCurrentThreadCpuTime() - start) / 1_000;
        }
        Arrays.sort(micros);
        return micros[micros.length / 2];
    }

    private List<Integer> lost() throws Exception {
        Path pids = folder.resolve("pids");
        Eventually.holds("the daemon is on its own", () -> Files.exists(pids));
        return Arrays.stream(Files.readString(pids).split(" "))
                .map(Integer::parseInt)
                .toList();
    }

    private static boolean lives(int pid) {
        return ProcessTable.read().entry(pid).filter(e -> !e.zombie()).isPresent();
    }
}
