package io.pm2j.supervisor.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.supervisor.process.ProcStat.Usage;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class VitalsTest {
    private static final int ROOT = 60;
    private static final Map<Integer, String> ROOTS = Map.of(ROOT, "");

    private final Vitals vitals = new Vitals();
    private final long page = PosixProcess.pageBytes();

    @Test
    void countsFromTheStartAtTheFirstLook() {
        assertThat(look(10.0, process(ROOT, 800, 100, 3))).isEqualTo(new Usage(50, 3 * page));
    }

    @Test
    void countsFromTheLastLookThen() {
        look(10.0, process(ROOT, 800, 100, 3));

        assertThat(look(12.0, process(ROOT, 800, 300, 4))).isEqualTo(new Usage(100, 4 * page));
    }

    @Test
    void addsUpTheTree() {
        look(10.0, process(ROOT, 0, 0, 1), process(61, 0, 50, 2));

        assertThat(look(12.0, process(ROOT, 0, 10, 1), process(61, 0, 60, 2), process(62, 1100, 20, 5)))
                .isEqualTo(new Usage(20, 8 * page));
    }

    @Test
    void doesNotCountWhatAMemberUsedBeforeTheLastLook() {
        look(10.0, process(ROOT, 0, 0, 1));

        assertThat(look(11.0, process(ROOT, 0, 0, 1), process(61, 500, 400, 0)).cpuPercent())
                .isZero();
    }

    @Test
    void forgetsAMemberThatEnded() {
        look(10.0, process(ROOT, 0, 0, 1), process(61, 0, 900, 2));

        assertThat(look(11.0, process(ROOT, 0, 10, 1)).cpuPercent()).isEqualTo(10);
    }

    @Test
    void startsAnewWithAnotherProcessOfTheSameNumber() {
        look(10.0, process(ROOT, 0, 900, 1));

        assertThat(look(12.0, process(ROOT, 1100, 50, 1)).cpuPercent()).isEqualTo(50);
    }

    @Test
    void tellsTheShareOfBeforeWithinAMoment() {
        look(10.0, process(ROOT, 800, 100, 3));

        assertThat(look(10.1, process(ROOT, 800, 110, 4))).isEqualTo(new Usage(50, 4 * page));
    }

    @Test
    void goesOnWithATreeThatLostItsRoot() {
        look(10.0, process(ROOT, 0, 0, 1), process(61, 0, 100, 2));

        assertThat(look(11.0, process(61, 0, 150, 2))).isEqualTo(new Usage(50, 2 * page));
    }

    @Test
    void keepsWhatOthersLookAt() {
        ProcessEntry other = process(90, 0, 0, 1);
        vitals.look(table(10.0, process(ROOT, 0, 0, 1), other), Map.of(ROOT, "", 90, ""));
        vitals.look(table(11.0, process(ROOT, 0, 50, 1), other), Map.of(90, ""));

        assertThat(look(12.0, process(ROOT, 0, 50, 1), other).cpuPercent()).isEqualTo(25);
    }

    @Test
    void leavesOutWhatIsGone() {
        assertThat(vitals.look(table(10.0), ROOTS)).isEmpty();
    }

    private Usage look(double seconds, ProcessEntry... entries) {
        return Objects.requireNonNull(
                vitals.look(table(seconds, entries), ROOTS).get(ROOT));
    }

    private static ProcessTable table(double seconds, ProcessEntry... entries) {
        return new ProcessTable(Math.round(seconds * 1e9), 1, List.of(entries), _ -> "");
    }

    private static ProcessEntry process(int pid, long startTicks, long ticks, long pages) {
        return new ProcessEntry(pid, 1, pid < 90 ? ROOT : pid, 'R', ticks, startTicks, pages);
    }
}
