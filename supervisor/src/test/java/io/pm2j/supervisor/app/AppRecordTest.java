package io.pm2j.supervisor.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.supervisor.Specs;
import io.pm2j.supervisor.app.AppRecord.InstanceRecord;
import io.pm2j.supervisor.app.AppRecord.WorkerRecord;
import io.pm2j.supervisor.lifecycle.Phase;
import io.pm2j.supervisor.lifecycle.Wanted;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class AppRecordTest {
    private static final WorkerRecord WORKER = new WorkerRecord("", "7e57", 0, OptionalInt.empty(), 0, true, true);

    private static AppRecord record(
            Wanted wanted, Phase phase, int restarts, String token, List<WorkerRecord> workers) {
        return new AppRecord(
                Specs.fork("app", "/app.js"),
                0,
                List.of(new InstanceRecord(0, 0, wanted, phase, restarts, List.of(), 0, token, workers)));
    }

    @Test
    void ranWhenItHadAWorkerOrWasToHaveAnother() {
        assertThat(record(Wanted.UP, Phase.STOPPED, 0, "a1", List.of(WORKER)).ran())
                .isTrue();
        assertThat(record(Wanted.UP, Phase.STOPPED, 1, "a1", List.of()).ran()).isTrue();
    }

    @Test
    void didNotRunWhenItNeverWasStartedOrWasStoppedOrHadGivenUp() {
        assertThat(AppRecord.fresh(Specs.fork("app", "/app.js"), () -> 0).ran()).isFalse();
        assertThat(record(Wanted.UP, Phase.STOPPED, 0, "a1", List.of()).ran()).isFalse();
        assertThat(record(Wanted.DOWN, Phase.STOPPED, 3, "a1", List.of(WORKER)).ran())
                .isFalse();
        assertThat(record(Wanted.UP, Phase.ERRORED, 15, "a1", List.of()).ran()).isFalse();
    }

    @Test
    void whatWasSavedRanInAnotherLife() {
        AppRecord saved = record(Wanted.UP, Phase.STOPPED, 4, "a1", List.of(WORKER));

        assertThat(saved.afresh(() -> 7).ran()).isFalse();
    }
}
