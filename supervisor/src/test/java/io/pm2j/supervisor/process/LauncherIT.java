package io.pm2j.supervisor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.supervisor.Eventually;
import io.pm2j.supervisor.NoChildrenLeft;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoChildrenLeft.class)
class LauncherIT {
    private static final Map<String, String> ENV = Map.of("PATH", "/usr/local/bin:/usr/bin:/bin", "WORD", "é");

    @TempDir
    Path folder;

    private Poller poller;
    private Launcher launcher;

    @BeforeEach
    void open() {
        poller = new Poller("test");
        launcher = new Launcher(poller);
    }

    @AfterEach
    void close() {
        poller.close();
    }

    @Test
    void knowsTheExitCode() throws Exception {
        assertThat(run("exit 7").status).isEqualTo(new ExitStatus.Exited(7));
    }

    @Test
    void knowsTheSignal() throws Exception {
        Ran ran = run("kill -TERM $$");

        assertThat(ran.status).isEqualTo(new ExitStatus.Killed(15));
        assertThat(ran.status.shellCode()).isEqualTo(143);
        assertThat(ran.status.text()).isEqualTo("signal SIGTERM");
    }

    @Test
    void givesTheChildItsStreamsItsFolderAndItsEnvironmentAlone() throws Exception {
        Ran ran = run("pwd; echo $WORD; env | wc -l; echo oops >&2; cat");

        assertThat(ran.output).startsWith(folder.toRealPath() + "\né\n");
        assertThat(ran.errors).isEqualTo("oops\n");
    }

    @Test
    void leaksNoDescriptor() throws Exception {
        try (ServerSocket _ = new ServerSocket(0)) {
            Ran ran = run("ls /proc/self/fd | wc -w");

            // 0, 1, 2, and the one that ls reads the folder with.
            assertThat(ran.output.strip()).isEqualTo("4");
        }
    }

    @Test
    void makesTheChildTheLeaderOfItsOwnSession() throws Exception {
        Ran ran = run("ps -o sid= -p $$ | tr -d ' '; echo $$");

        String[] lines = ran.output.strip().split("\n");
        assertThat(lines[0]).isEqualTo(lines[1]);
    }

    @Test
    void restoresSignalsThatTheDaemonIgnores() throws Exception {
        assertThat(run("kill -PIPE $$; echo survived").output).isEmpty();
    }

    @Test
    void saysWhyAProgramCannotBeRunAndLeavesNothing() {
        long before = openDescriptors();

        assertThatThrownBy(
                        () -> launcher.launch(new LaunchPlan(List.of("/no/such/program"), ENV, folder, true), _ -> {}))
                .isInstanceOf(IOException.class)
                .hasMessage("/no/such/program: no such file or directory");
        // Fewer when what an earlier test dropped was closed meanwhile.
        assertThat(openDescriptors()).isLessThanOrEqualTo(before);
    }

    @Test
    void endsAWholeTreeAndWhatLeftItsParent() throws Exception {
        CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
        Path pids = folder.resolve("pids");
        Child child = launcher.launch(
                shell("(sleep 60 & echo $! >> pids; sleep 60 & echo $! >> pids); sleep 60"), exit::complete);
        Eventually.holds(
                "both are born",
                () -> Files.exists(pids) && Files.readAllLines(pids).size() == 2);

        ProcessTree.signal(child.pid(), Signal.SIGKILL);

        assertThat(exit.get(60, TimeUnit.SECONDS)).isEqualTo(new ExitStatus.Killed(9));
        Eventually.holds("nobody is left", () -> ProcessTree.of(child.pid()).isEmpty());
        Posix.close(child.output());
        Posix.close(child.errors());
    }

    @Test
    void findsWhereADescendantListens() throws Exception {
        CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
        Child child = launcher.launch(
                shell("python3 -c 'import socket,time; s=socket.socket(); s.bind((\"127.0.0.1\",0)); s.listen();"
                        + " time.sleep(60)'; :"),
                exit::complete);
        try {
            Eventually.holds(
                    "it listens", () -> !ListenDetector.listensOf(child.pid()).isEmpty());
            var address = ListenDetector.listensOf(child.pid()).getFirst();

            assertThat(address.host()).isEqualTo("127.0.0.1");
            assertThat(ProcessTree.of(child.pid())).contains(ListenDetector.holderOf(address.port()));
        } finally {
            ProcessTree.signal(child.pid(), Signal.SIGKILL);
            exit.get(60, TimeUnit.SECONDS);
            Eventually.holds("nobody is left", () -> ProcessTree.of(child.pid()).isEmpty());
            Posix.close(child.output());
            Posix.close(child.errors());
        }
    }

    private record Ran(ExitStatus status, String output, String errors) {}

    private Ran run(String script) throws Exception {
        CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
        Child child = launcher.launch(shell(script), exit::complete);
        String output = drain(child.output());
        String errors = drain(child.errors());
        return new Ran(exit.get(60, TimeUnit.SECONDS), output, errors);
    }

    private LaunchPlan shell(String script) {
        return new LaunchPlan(List.of("/bin/sh", "-c", script), ENV, folder, false);
    }

    private static String drain(int fd) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] bytes = Posix.receive(fd); bytes == null || bytes.length > 0; bytes = Posix.receive(fd)) {
            if (bytes != null) {
                all.write(bytes);
            }
        }
        Posix.close(fd);
        return all.toString(StandardCharsets.UTF_8);
    }

    private static long openDescriptors() {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
