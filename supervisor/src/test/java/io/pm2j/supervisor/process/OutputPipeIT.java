package io.pm2j.supervisor.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.ProcessSpec;
import io.pm2j.supervisor.Eventually;
import io.pm2j.supervisor.NoChildrenLeft;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a child writes while nobody reads is there for the next who does.
@ExtendWith(NoChildrenLeft.class)
class OutputPipeIT {
    private static final int LINES = 200;

    enum Program {
        SHELL(
                "/bin/sh",
                "-c",
                "for i in $(seq 100); do echo $i; done; touch half; while [ ! -e go ]; do sleep 0.01; done;"
                        + " for i in $(seq 101 200); do echo $i; done; touch full;"
                        + " while [ ! -e end ]; do sleep 0.01; done"),
        PYTHON("/usr/bin/env", "python3", "-u", "-c", """
                import os, time
                for i in range(1, 101): print(i)
                open("half", "w")
                while not os.path.exists("go"): time.sleep(0.01)
                for i in range(101, 201): print(i)
                open("full", "w")
                while not os.path.exists("end"): time.sleep(0.01)
                """),
        NODE("/usr/bin/env", "node", "-e", """
                const fs = require('fs');
                const until = (name, then) => fs.existsSync(name) ? then() : setTimeout(until, 10, name, then);
                for (let i = 1; i <= 100; i++) console.log(i);
                fs.writeFileSync('half', '');
                until('go', () => {
                  for (let i = 101; i <= 200; i++) console.log(i);
                  fs.writeFileSync('full', '');
                  until('end', () => {});
                });
                """);

        final List<String> command;

        Program(String... command) {
            this.command = List.of(command);
        }
    }

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

    @ParameterizedTest
    @EnumSource
    void losesNothingWhenTheReaderIsReplaced(Program program) throws Exception {
        Children.Started child = children.start(program.command, Children.ENV, ProcessSpec.DEFAULT);
        awaitFile("half");
        StringBuilder seen = new StringBuilder();
        byte[] some = Posix.receive(child.child().output());
        seen.append(some == null ? "" : new String(some, StandardCharsets.UTF_8));

        replaceByNothing(child.child().output());
        Files.createFile(folder.resolve("go"));
        awaitFile("full");
        int reader = Posix.openForReading(Path.of("/proc", String.valueOf(child.pid()), "fd", "1"));
        try {
            for (byte[] more = Posix.receive(reader); more != null; more = Posix.receive(reader)) {
                assertThat(more).as("no end while the child lives").isNotEmpty();
                seen.append(new String(more, StandardCharsets.UTF_8));
            }
            assertThat(child.exit()).isNotDone();

            Files.createFile(folder.resolve("end"));
            assertThat(child.ended()).isEqualTo(new ExitStatus.Exited(0));
            seen.append(Children.drain(reader));
        } finally {
            Posix.close(reader);
        }
        assertThat(seen)
                .hasToString(
                        IntStream.rangeClosed(1, LINES).mapToObj(i -> i + "\n").collect(Collectors.joining()));
    }

    /// Ends our reading of a pipe; the number stays taken, so that closing it later closes
    /// nothing else.
    private void replaceByNothing(int fd) throws Exception {
        Posix.close(fd);
        int nothing = Posix.openForReading(Path.of("/dev/null"));
        assertThat(nothing).isEqualTo(fd);
    }

    private void awaitFile(String name) throws Exception {
        Eventually.holds(name, () -> Files.exists(folder.resolve(name)));
    }
}
