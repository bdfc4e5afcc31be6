package io.pm2j.supervisor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pm2j.supervisor.Eventually;
import io.pm2j.supervisor.NoChildrenLeft;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoChildrenLeft.class)
class AdoptionIT {
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
    void noticesTheExitOfAProcessThatIsNotOurChild() throws Exception {
        children.shell("", "sleep 60 & echo $! > pid.new; mv pid.new pid; wait");
        Eventually.holds("it is born", () -> Files.exists(folder.resolve("pid")));
        int pid = Integer.parseInt(Files.readString(folder.resolve("pid")).strip());
        ProcessIdentity identity = ProcessIdentity.of(pid).orElseThrow();
        CompletableFuture<ExitStatus> exit = new CompletableFuture<>();

        assertThat(children.launcher().adopt(identity, exit::complete)).isTrue();
        assertThat(identity.alive()).isTrue();
        assertThat(children.launcher().unreaped()).contains(pid);
        ProcessTree.signalOne(pid, Signal.SIGTERM);

        ExitStatus status = exit.get(60, TimeUnit.SECONDS);
        assertThat(status).isEqualTo(new ExitStatus.Unseen());
        assertThat(status.shellCode()).isNegative();
        assertThat(status.text()).isEqualTo("ended; its exit code was not seen");
        assertThat(identity.alive()).isFalse();
        assertThat(children.launcher().unreaped()).doesNotContain(pid);
    }

    @Test
    void readsTheStatusOfAnOrphanThatWasGivenToUs() throws Exception {
        Subreaper.become();
        try {
            children.shell("", "(sh -c 'echo $$ > pid.new; mv pid.new pid; exec sleep 60' &); exit 0")
                    .ended();
            Eventually.holds("it is born", () -> Files.exists(folder.resolve("pid")));
            int pid = Integer.parseInt(Files.readString(folder.resolve("pid")).strip());
            CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
            assertThat(children.launcher().adopt(ProcessIdentity.of(pid).orElseThrow(), exit::complete))
                    .isTrue();
            assertThat(children.launcher().owns(pid)).isTrue();

            ProcessTree.signal(pid, Signal.SIGTERM);
            assertThat(exit.get(60, TimeUnit.SECONDS)).isEqualTo(new ExitStatus.Killed(15));
            assertThat(ProcessTable.read()
                            .childrenOf((int) ProcessHandle.current().pid()))
                    .isEmpty();
        } finally {
            PosixProcess.subreaper(false);
        }
    }

    @Test
    void refusesANumberThatIsAnothersNow() throws Exception {
        Children.Started child = children.shell("", "sleep 60");
        ProcessIdentity now = ProcessIdentity.of(child.pid()).orElseThrow();
        ProcessIdentity before = new ProcessIdentity(now.pid(), now.startTicks() - 1, now.bootId());
        ProcessIdentity otherBoot = new ProcessIdentity(now.pid(), now.startTicks(), "0-0");

        assertThat(now.alive()).isTrue();
        assertThat(before.alive()).isFalse();
        assertThat(otherBoot.alive()).isFalse();
        assertThat(children.launcher().adopt(before, _ -> {})).isFalse();
        assertThat(children.launcher().adopt(otherBoot, _ -> {})).isFalse();
    }

    @Test
    void refusesAProcessThatIsGone() throws Exception {
        Children.Started child = children.shell("", "sleep 60");
        ProcessIdentity identity = ProcessIdentity.of(child.pid()).orElseThrow();
        ProcessTree.signal(child.pid(), Signal.SIGKILL);
        child.ended();

        assertThat(identity.alive()).isFalse();
        assertThat(ProcessIdentity.of(child.pid())).isEmpty();
        assertThat(children.launcher().adopt(identity, _ -> {})).isFalse();
    }

    @Test
    void refusesTheSameNumberInAnotherProcess() throws Exception {
        Path lastPid = Path.of("/proc/sys/kernel/ns_last_pid");
        assumeTrue(Files.isWritable(lastPid), "only root chooses numbers");
        Children.Started first = children.shell("", "exit 0");
        int pid = first.pid();
        ProcessIdentity identity = new ProcessIdentity(
                pid,
                ProcessTable.read().bootNanos() / 10_000_000 - 100,
                ProcessIdentity.of(1).orElseThrow().bootId());
        first.ended();
        Children.Started second = null;
        for (int i = 0; i < 20 && (second == null || second.pid() != pid); i++) {
            Files.writeString(lastPid, String.valueOf(pid - 1));
            second = children.shell("", "sleep 60");
        }
        assumeTrue(second != null && second.pid() == pid, "others were quicker each time");

        assertThat(identity.alive()).isFalse();
        assertThat(children.launcher().adopt(identity, _ -> {})).isFalse();
    }

    @Test
    void survivesItsTextForm() throws Exception {
        ProcessIdentity self =
                ProcessIdentity.of((int) ProcessHandle.current().pid()).orElseThrow();

        assertThat(ProcessIdentity.parse(self.toString())).contains(self);
        assertThat(self.alive()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1:2", "0:2:a", "1:x:a", "1:2:", "1:2:a b", "-1:2:a", "1:2:a:b", "9999999999:2:a"})
    void refusesOtherTexts(String text) {
        assertThat(ProcessIdentity.parse(text)).isEmpty();
    }
}
