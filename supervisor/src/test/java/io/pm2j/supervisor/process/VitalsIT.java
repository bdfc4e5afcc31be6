package io.pm2j.supervisor.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.supervisor.Eventually;
import io.pm2j.supervisor.NoChildrenLeft;
import io.pm2j.supervisor.process.ProcStat.Usage;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoChildrenLeft.class)
class VitalsIT {
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
    void seesABusyChildOfAnIdleWorker() throws Exception {
        Children.Started busy = children.shell("busy", "python3 -c 'while True: pass' & wait");
        Children.Started idle = children.shell("idle", "sleep 60");
        Map<Integer, String> tokens = Map.of(busy.pid(), "busy", idle.pid(), "idle");
        Vitals vitals = new Vitals();

        vitals.look(tokens);
        long start = PosixProcess.bootNanos();
        // The machine has others to serve: how much a busy process gets is not ours to say, only that it is more than
        // an idle one.
        Eventually.holds("the share of a busy process", () -> {
            if (PosixProcess.bootNanos() - start < 300_000_000) {
                return false;
            }
            Map<Integer, Usage> usages = vitals.look(tokens);
            assertThat(of(usages, idle).cpuPercent()).isLessThan(20);
            double percent = of(usages, busy).cpuPercent();
            assertThat(percent).isLessThan(115);
            return percent > 20;
        });
        Usage busyUsage = of(vitals.look(tokens), busy);
        Usage idleUsage = of(vitals.look(tokens), idle);
        assertThat(busyUsage.memoryBytes()).isGreaterThan(4 << 20);
        assertThat(idleUsage.memoryBytes()).isBetween(1L, busyUsage.memoryBytes());
    }

    private static Usage of(Map<Integer, Usage> usages, Children.Started child) {
        return Objects.requireNonNull(usages.get(child.pid()));
    }
}
