package io.pm2j.supervisor.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenFileTest {
    @TempDir
    Path folder;

    @Test
    void isForItsOwnerAloneAndHasItsFoldersMade() throws IOException {
        Path path = folder.resolve("deep/down/a.log");

        OpenFile.at(path).close();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
    }

    @Test
    void leavesNoPartOfALineOnAFullDisk() throws IOException {
        Path path = Files.writeString(folder.resolve("a.log"), "zero\n");
        FakeSmallDisk disk = new FakeSmallDisk(FileChannel.open(path, StandardOpenOption.APPEND), 12);
        ByteBuffer lines = ByteBuffer.wrap("one\ntwo\nthree\n".getBytes(UTF_8));

        try (OpenFile file = new OpenFile(disk, Files.readAttributes(path, BasicFileAttributes.class))) {
            assertThatThrownBy(() -> file.append(lines)).isInstanceOf(IOException.class);

            assertThat(path).hasContent("zero\none\n");
            assertThat(file.size()).isEqualTo(9);
            assertThat(Lines.count(lines)).isEqualTo(2);

            disk.room(100);
            file.append(lines);

            assertThat(path).hasContent("zero\none\ntwo\nthree\n");
        }
    }

    @Test
    void doesNotWaitForTheReaderOfANamedPipe() throws Exception {
        Path pipe = folder.resolve("pipe");
        Process mkfifo = new ProcessBuilder("mkfifo", pipe.toString()).start();
        assertThat(mkfifo.waitFor(60, TimeUnit.SECONDS)).isTrue();

        assertThatThrownBy(() -> OpenFile.at(pipe)).hasMessageContaining("named pipe");
    }
}
