package io.pm2j.supervisor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pm2j.config.spec.ProcessSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class LaunchCommandTest {
    private static final Map<String, String> ENV = Map.of("HOME", "/root", "A", "b");
    private static final FakeHost ROOT = new FakeHost(0, true);
    private static final FakeHost ALICE = new FakeHost(1000, true);

    private record FakeHost(int effectiveUid, boolean hasPrograms) implements LaunchCommand.Host {
        @Override
        public Optional<Account> user(String name) {
            return name.equals("alice") || name.equals("1000")
                    ? Optional.of(new Account("alice", 1000, 100, "/home/alice"))
                    : Optional.empty();
        }

        @Override
        public OptionalInt group(String name) {
            return name.equals("web") ? OptionalInt.of(33) : OptionalInt.empty();
        }

        @Override
        public Optional<Path> program(String name) {
            return hasPrograms ? Optional.of(Path.of("/bin", name)) : Optional.empty();
        }

        @Override
        public int mostOpenFiles() {
            return 4096;
        }
    }

    @Test
    void leavesACommandAloneThatAsksForNothing() throws Exception {
        assertThat(LaunchCommand.of(plan(ProcessSpec.DEFAULT), ALICE))
                .isEqualTo(new LaunchCommand(List.of("/bin/sh", "x"), ENV, OptionalInt.empty()));
    }

    @Test
    void setsTheUmaskAndTheLimitInAShell() throws Exception {
        assertThat(LaunchCommand.of(plan(spec(null, null, 0027, 4096)), ALICE).command())
                .containsExactly("/bin/sh", "-c", "umask 0027 && ulimit -n 4096 && exec \"$@\"", "sh", "/bin/sh", "x");
        assertThat(LaunchCommand.of(plan(spec(null, null, 0, -1)), ALICE).command())
                .containsExactly("/bin/sh", "-c", "umask 0000 && exec \"$@\"", "sh", "/bin/sh", "x");
    }

    @Test
    void becomesTheUserWithItsGroupsAndHome() throws Exception {
        LaunchCommand command = LaunchCommand.of(plan(spec("alice", null, -1, -1)), ROOT);

        assertThat(command.command())
                .containsExactly(
                        "/bin/setpriv", "--reuid", "1000", "--regid", "100", "--init-groups", "--", "/bin/sh", "x");
        assertThat(command.env())
                .isEqualTo(Map.of("HOME", "/home/alice", "USER", "alice", "LOGNAME", "alice", "A", "b"));
        assertThat(command.owner()).hasValue(1000);
    }

    @Test
    void takesAnotherGroupThanTheUsers() throws Exception {
        assertThat(LaunchCommand.of(plan(spec("1000", "web", -1, -1)), ROOT).command())
                .containsSequence("--reuid", "1000", "--regid", "33", "--init-groups", "--");
    }

    @Test
    void takesAGroupAlone() throws Exception {
        LaunchCommand command = LaunchCommand.of(plan(spec(null, "web", -1, -1)), ROOT);

        assertThat(command.command()).containsSequence("/bin/setpriv", "--regid", "33", "--clear-groups", "--");
        assertThat(command.env()).isEqualTo(ENV);
        assertThat(command.owner()).isEmpty();
    }

    @Test
    void limitsFirstAndGivesUpItsRightsThen() throws Exception {
        assertThat(LaunchCommand.of(plan(spec("alice", null, -1, 100_000)), ROOT)
                        .command())
                .startsWith("/bin/sh", "-c", "ulimit -n 100000 && exec \"$@\"", "sh", "/bin/setpriv");
    }

    @Test
    void staysTheUserThatItIs() throws Exception {
        assertThat(LaunchCommand.of(plan(spec("alice", null, -1, -1)), ALICE).command())
                .containsExactly("/bin/sh", "x");
    }

    @Test
    void saysWhyItRefuses() {
        refuses(spec("bob", null, -1, -1), ROOT, "there is no user bob");
        refuses(spec("alice", "none", -1, -1), ROOT, "there is no group none");
        refuses(
                spec("alice", null, -1, -1),
                new FakeHost(7, true),
                "cannot run as user alice, group (the user's): only a daemon of root may change them");
        refuses(
                spec(null, "web", -1, -1),
                ALICE,
                "cannot run as user (the daemon's), group web: only a daemon of root may change them");
        refuses(
                spec("alice", null, -1, -1),
                new FakeHost(0, false),
                "another user or group needs the program setpriv (of util-linux), which was not found");
        refuses(
                spec(null, null, -1, 5000),
                ALICE,
                "open_files 5000 is more than the 4096 that this daemon may give, as it is not root");
    }

    @Test
    void takesTheShellThatKeepsTheEnvironment() throws Exception {
        LaunchPlan plan = new LaunchPlan(
                List.of("/bin/sh", "x"), Map.of("a.b", "c"), Path.of("/"), false, spec(null, null, 0022, -1));

        assertThat(LaunchCommand.of(plan, ALICE).command())
                .startsWith("/bin/bash", "-p", "-c", "umask 0022 && exec \"$@\"");
        assertThatThrownBy(() -> LaunchCommand.of(plan, new FakeHost(7, false)))
                .hasMessage("umask and open_files need the program bash, which was not found, "
                        + "beside an environment variable like a.b");
    }

    @Test
    void seesThatTheProgramIsMissingBeforeAShellDoes() {
        LaunchPlan plan =
                new LaunchPlan(List.of("/no/such/program"), ENV, Path.of("/"), false, spec(null, null, 0022, -1));

        assertThatThrownBy(() -> LaunchCommand.of(plan, ALICE))
                .hasMessage("/no/such/program: no such file or directory");
    }

    private static void refuses(ProcessSpec spec, LaunchCommand.Host host, String sentence) {
        assertThatThrownBy(() -> LaunchCommand.of(plan(spec), host))
                .isInstanceOf(IOException.class)
                .hasMessage(sentence);
    }

    private static LaunchPlan plan(ProcessSpec process) {
        return new LaunchPlan(List.of("/bin/sh", "x"), ENV, Path.of("/"), false, process);
    }

    private static ProcessSpec spec(
            @org.jspecify.annotations.Nullable String user,
            @org.jspecify.annotations.Nullable String group,
            int umask,
            int openFiles) {
        return new ProcessSpec(
                Optional.ofNullable(user),
                Optional.ofNullable(group),
                umask < 0 ? OptionalInt.empty() : OptionalInt.of(umask),
                openFiles < 0 ? OptionalInt.empty() : OptionalInt.of(openFiles));
    }
}
