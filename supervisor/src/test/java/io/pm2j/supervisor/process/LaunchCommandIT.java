package io.pm2j.supervisor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pm2j.config.spec.ProcessSpec;
import io.pm2j.supervisor.NoChildrenLeft;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoChildrenLeft.class)
class LaunchCommandIT {
    @TempDir
    Path folder;

    private Children children;

    @BeforeEach
    void open() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        children = new Children(folder);
    }

    @AfterEach
    void close() throws Exception {
        children.close();
    }

    @Test
    void givesTheUmaskAndTheLimit() throws Exception {
        ProcessSpec spec =
                new ProcessSpec(Optional.empty(), Optional.empty(), OptionalInt.of(0027), OptionalInt.of(512));

        assertThat(output("umask; ulimit -n", spec)).isEqualTo("0027\n512\n");
    }

    @Test
    void staysOneProcess() throws Exception {
        ProcessSpec spec =
                new ProcessSpec(Optional.empty(), Optional.empty(), OptionalInt.of(0027), OptionalInt.empty());
        Children.Started child = children.start(List.of("/bin/sh", "-c", "echo $$"), Children.ENV, spec);

        assertThat(Children.output(child)).isEqualTo(child.pid() + "\n");
    }

    @Test
    void keepsVariablesThatAShellCannotSet() throws Exception {
        assumeTrue(new SystemHost().program("bash").isPresent(), "there is no bash");
        ProcessSpec spec =
                new ProcessSpec(Optional.empty(), Optional.empty(), OptionalInt.of(0027), OptionalInt.empty());
        Map<String, String> env = Map.of("spring.profiles", "test", "PATH", "/usr/bin:/bin", "BASH_ENV", "/no/such");
        Children.Started child = children.start(
                List.of(
                        "/usr/bin/env",
                        "python3",
                        "-c",
                        "import os; print(os.environ['spring.profiles'], os.environ['BASH_ENV'])"),
                env,
                spec);

        assertThat(Children.output(child)).isEqualTo("test /no/such\n");
    }

    @Test
    void becomesAnotherUser() throws Exception {
        Account nobody = nobody();

        String said = output("id -u; id -g; id -G; echo $HOME $USER $LOGNAME", user("nobody"));

        assertThat(said)
                .isEqualTo("%d\n%d\n%d\n%s nobody nobody\n"
                        .formatted(nobody.uid(), nobody.gid(), nobody.gid(), nobody.home()));
    }

    @Test
    void givesUpTheRightsOfRoot() throws Exception {
        nobody();

        assertThat(output("grep CapEff /proc/self/status; cat /etc/shadow 2>&1", user("nobody")))
                .contains("CapEff:\t0000000000000000")
                .contains("Permission denied");
    }

    @Test
    void letsAnotherUserOpenItsOutputByName() throws Exception {
        nobody();

        assertThat(output("echo by name > /dev/stdout", user("nobody"))).isEqualTo("by name\n");
    }

    @Test
    void looksUpTheSystemsUsers() {
        Account root = Account.find("root").orElseThrow();

        assertThat(root).isEqualTo(Account.find("0").orElseThrow());
        assertThat(root.uid()).isZero();
        assertThat(root.home()).startsWith("/");
        assertThat(Account.find("no-such-user")).isEmpty();
        assertThat(Account.find("")).isEmpty();
        assertThat(Account.findGroup("root")).hasValue(0);
        assertThat(Account.findGroup("4711")).hasValue(4711);
        assertThat(Account.findGroup("no-such-group")).isEmpty();
    }

    private static Account nobody() {
        assumeTrue(PosixProcess.effectiveUid() == 0, "only root becomes another user");
        assumeTrue(new SystemHost().program("setpriv").isPresent(), "there is no setpriv");
        Optional<Account> nobody = Account.find("nobody");
        assumeTrue(nobody.isPresent(), "there is no user nobody");
        return nobody.get();
    }

    private static ProcessSpec user(String name) {
        return new ProcessSpec(Optional.of(name), Optional.empty(), OptionalInt.empty(), OptionalInt.empty());
    }

    private String output(String script, ProcessSpec spec) throws Exception {
        Children.Started child = children.start(List.of("/bin/sh", "-c", script), Children.ENV, spec);
        return Children.output(child);
    }
}
