package io.pm2j.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaemonHomeTest {
    @TempDir
    Path folder;

    @Test
    void isCreatedForItsOwnerOnlyAndNamesThePid() throws IOException {
        try (DaemonHome home = DaemonHome.take(folder.resolve("home"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.root())))
                    .isEqualTo("rwx------");
            assertThat(Files.readString(home.root().resolve("pm2.pid")))
                    .isEqualTo(String.valueOf(ProcessHandle.current().pid()));
        }
    }

    @Test
    void isHeldByOneAtATime() throws IOException {
        try (DaemonHome _ = DaemonHome.take(folder)) {
            assertThatThrownBy(() -> DaemonHome.take(folder))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another pm2j daemon");
        }
    }

    @Test
    void removesTheSocketOfADaemonThatDied() throws IOException {
        Files.createFile(folder.resolve("pm2j.sock"));

        try (DaemonHome home = DaemonHome.take(folder)) {
            assertThat(home.socket()).doesNotExist();
        }
    }

    @Test
    void leavesNothingButTheLockFileBehind() throws IOException {
        DaemonHome.take(folder).close();

        try (var left = Files.list(folder)) {
            assertThat(left.map(p -> p.getFileName().toString())).containsExactly("pm2j.lock");
        }
    }
}
