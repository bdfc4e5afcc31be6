package io.pm2j.supervisor.durable;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {
    @TempDir
    Path folder;

    private StateFile file;

    @BeforeEach
    void open() {
        file = new StateFile(folder.resolve("sub/state.json"));
    }

    @Test
    void readsWhatWasWritten() throws IOException {
        file.write("1");
        file.write("2");

        assertThat(read()).isEqualTo(new StateFile.Read<>(Optional.of(2), ""));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path())))
                .isEqualTo("rw-------");
        assertThat(folder.resolve("sub")).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void isNothingBeforeItWasWritten() {
        assertThat(read().value()).isEmpty();
        assertThat(read().problem()).isEmpty();
    }

    @Test
    void fallsBackToTheVersionBeforeAndSaysSo() throws IOException {
        file.write("1");
        file.write("2");
        Files.writeString(file.path(), "2 and ha");

        assertThat(read().value()).contains(1);
        assertThat(read().problem()).startsWith(file.path() + " is damaged: ");
    }

    @Test
    void findsTheVersionBeforeWhenTheMachineStoppedBetweenTheRenames() throws IOException {
        file.write("1");
        file.write("2");
        Files.delete(file.path());
        Files.writeString(file.path().resolveSibling("state.json.new"), "hal");

        assertThat(read().value()).contains(1);
        file.write("3");
        assertThat(read().value()).contains(3);
    }

    @Test
    void saysSoWhenNoVersionIsGood() throws IOException {
        file.write("x");
        file.write("y");

        assertThat(read().value()).isEmpty();
        assertThat(read().problem()).contains("state.json is damaged", "state.json.bak is damaged");
    }

    @Test
    void forgetsEveryVersion() throws IOException {
        file.write("1");
        file.write("2");
        file.delete();

        assertThat(read().value()).isEmpty();
        assertThat(folder.resolve("sub")).isEmptyDirectory();
    }

    private StateFile.Read<Integer> read() {
        return file.read(Integer::valueOf);
    }
}
