package io.pm2j.supervisor.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.supervisor.Eventually;
import io.pm2j.supervisor.NoChildrenLeft;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoChildrenLeft.class)
class StrangersIT {
    private static final int SELF = (int) ProcessHandle.current().pid();

    @TempDir
    Path folder;

    private Children children;
    private Strangers strangers;

    @BeforeEach
    void open() {
        Subreaper.become();
        children = new Children(folder);
        strangers = new Strangers(children.launcher()::owns);
    }

    @AfterEach
    void close() throws Exception {
        children.close();
        PosixProcess.subreaper(false);
    }

    @Test
    void reapsAnOrphanThatWasAZombieTwice() throws Exception {
        int orphan = orphan();
        ProcessTable first = ProcessTable.read();

        assertThat(strangers.reap(first)).isZero();
        assertThat(strangers.reap(first)).as("the same table again").isZero();
        assertThat(ProcessTable.read().entry(orphan)).isPresent();

        assertThat(strangers.reap(ProcessTable.read())).isOne();
        assertThat(ProcessTable.read().entry(orphan)).isEmpty();
        assertThat(strangers.reap(ProcessTable.read())).isZero();
    }

    @Test
    void leavesWhatHasAnOwner() throws Exception {
        int orphan = orphan();
        Strangers careful = new Strangers(pid -> pid == orphan);

        assertThat(careful.reap(ProcessTable.read())).isZero();
        assertThat(careful.reap(ProcessTable.read())).isZero();
        assertThat(ProcessTable.read().entry(orphan)).isPresent();

        strangers.reap(ProcessTable.read());
        strangers.reap(ProcessTable.read());
    }

    @Test
    void neverStealsTheStatusOfAWorker() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Thread reaper = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                strangers.reap(ProcessTable.read());
            }
        });
        try {
            for (int round = 0; round < 40; round++) {
                List<Children.Started> quick = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    // Each leaves an orphan as well.
                    quick.add(children.shell("", "(sleep 0 & ) ; exit " + (round + i)));
                }
                for (int i = 0; i < 5; i++) {
                    assertThat(quick.get(i).ended()).isEqualTo(new ExitStatus.Exited(round + i));
                }
            }
        } finally {
            done.set(true);
            reaper.join();
        }
        Eventually.holds("all strangers are reaped", () -> {
            strangers.reap(ProcessTable.read());
            return ProcessTable.read().childrenOf(SELF).isEmpty();
        });
        assertThat(children.launcher().unreaped()).isEmpty();
    }

    /// A zombie that was given to us.
    private int orphan() throws Exception {
        Path born = folder.resolve("orphan");
        children.shell("", "(sh -c 'echo $$ > orphan.new; mv orphan.new orphan; sleep 0.05' &); exit 0")
                .ended();
        Eventually.holds("it is born", () -> Files.exists(born));
        int orphan = Integer.parseInt(Files.readString(born).strip());
        Eventually.holds(
                "it is a zombie of ours",
                () -> ProcessTable.read()
                        .entry(orphan)
                        .filter(e -> e.zombie() && e.parent() == SELF)
                        .isPresent());
        return orphan;
    }
}
