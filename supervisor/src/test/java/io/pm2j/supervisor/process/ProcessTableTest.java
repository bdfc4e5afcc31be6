package io.pm2j.supervisor.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessTableTest {
    private static final int SELF = 50;

    private final ProcessTable table = table(
            Map.of(70, "a", 80, "a", 90, "b", SELF, "a", 100, "a"),
            process(1, 0, 1),
            process(SELF, 1, SELF),
            // A worker with a child, a grandchild, and one that left its parent but not the session.
            process(61, 60, 60),
            process(60, SELF, 60),
            process(62, 61, 60),
            process(63, 1, 60),
            // Lost to us, and to init, with a child of its own.
            process(70, SELF, 70),
            process(80, 1, 80),
            process(81, 80, 81),
            // Another worker, and a shell's child that nobody lost.
            process(90, SELF, 90),
            process(95, 1, 95),
            process(100, 95, 100),
            zombie(65, 60, 60));

    @Test
    void findsDescendantsAndTheSessionDeepestLast() {
        assertThat(table.tree(60)).containsExactly(60, 61, 63, 62);
    }

    @Test
    void findsWhatCarriesTheToken() {
        assertThat(table.tree(60, "a"))
                .containsExactlyInAnyOrder(60, 61, 63, 70, 80, 62, 81)
                .startsWith(60)
                .containsSubsequence(70, 62)
                .containsSubsequence(80, 81);
    }

    @Test
    void doesNotTakeOtherTokensNorProcessesThatHaveTheirParent() {
        assertThat(table.tree(90, "b")).containsExactly(90);
        assertThat(table.tree(60, "a")).doesNotContain(90, 100);
    }

    @Test
    void neverFindsItselfByToken() {
        assertThat(table.tree(60, "a")).doesNotContain(SELF);
    }

    @Test
    void findsWhatTheRootLeftBehind() {
        assertThat(table.tree(64)).isEmpty();
        assertThat(table.tree(64, "a")).contains(70, 80, 81);
    }

    @Test
    void looksAmongTheChildrenOfWhatItDescendsFrom() {
        ProcessTable nested = table(
                Map.of(30, "a"), process(1, 0, 1), process(20, 1, 20), process(SELF, 20, SELF), process(30, 20, 30));

        assertThat(nested.tree(60, "a")).containsExactly(30);
    }

    @Test
    void worksAsTheFirstProcess() {
        List<ProcessEntry> entries = List.of(process(1, 0, 1), process(60, 1, 60), process(70, 1, 70));
        ProcessTable first = new ProcessTable(0, 1, entries, entry -> entry.pid() == 70 ? "a" : "");

        assertThat(first.tree(60, "a")).containsExactly(60, 70);
    }

    @Test
    void survivesALoopOfParents() {
        ProcessTable torn = table(Map.of(), process(2, 3, 2), process(3, 2, 3), process(SELF, 2, SELF));

        assertThat(torn.tree(2)).containsExactly(2, 3, SELF);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "with blank", "a) S 1 (b", "((", ""})
    void readsAStatLineWhateverTheName(String name) {
        byte[] stat = ("7 (" + name
                        + ") R 3 7 6 0 -1 4194560 1 2 3 4 10 20 5 6 20 0 1 0 12345 1000 77 18446744073709551615 1")
                .getBytes(UTF_8);

        assertThat(ProcessEntry.parse(7, stat, stat.length)).isEqualTo(new ProcessEntry(7, 3, 6, 'R', 30, 12345, 77));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "7", "7 (a", "7 (a)", "7 (a) R", "7 (a) R x 7 6 0 -1 0 0 0 0 0 1 1 0 0 0 0 0 0 1 1 1 1"})
    void refusesWhatIsNoStatLine(String line) {
        byte[] stat = line.getBytes(UTF_8);

        assertThat(ProcessEntry.parse(7, stat, stat.length)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "PM2J_WORKER=t1;A=b, t1",
        "A=b;PM2J_WORKER=t1, t1",
        "A=b;PM2J_WORKER=t1;C=d, t1",
        "XPM2J_WORKER=t1, ''",
        "A=PM2J_WORKER=t1, ''",
        "'', ''",
        "PM2J_WORKER=, ''"
    })
    void findsTheMarkerInAnEnvironment(String environ, String token) {
        assertThat(WorkerMarkers.tokenIn(environ.replace(';', '\0').getBytes(UTF_8)))
                .isEqualTo(token);
    }

    private static ProcessTable table(Map<Integer, String> markers, ProcessEntry... entries) {
        return new ProcessTable(0, SELF, List.of(entries), entry -> markers.getOrDefault(entry.pid(), ""));
    }

    private static ProcessEntry process(int pid, int parent, int session) {
        return new ProcessEntry(pid, parent, session, 'S', 0, pid, 0);
    }

    private static ProcessEntry zombie(int pid, int parent, int session) {
        return new ProcessEntry(pid, parent, session, 'Z', 0, pid, 0);
    }
}
