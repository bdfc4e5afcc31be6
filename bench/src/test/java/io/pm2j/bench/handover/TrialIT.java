package io.pm2j.bench.handover;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The prototype of ADR 10 in short: what stays and what is lost with each way, so that it does not rot.
class TrialIT {
    private static final int CONNECTIONS = 4;
    private static final int WORKERS = 2;

    @ParameterizedTest
    @EnumSource
    void handsOverWithoutAFailedRequest(Way way) throws Exception {
        Measured measured = new Trial(way, CONNECTIONS, WORKERS, 100, 100).run();

        assertThat(measured.load().failures()).isEmpty();
        assertThat(measured.load().sent()).isGreaterThanOrEqualTo(100);
        assertThat(measured.answered()).isEqualTo(CONNECTIONS);
        assertThat(measured.checked("channels")).isEqualTo(WORKERS);
        boolean stays = way != Way.SUCCESSOR;
        assertThat(measured.samePid()).isEqualTo(stays);
        assertThat(measured.checked("children")).isEqualTo(stays ? WORKERS : 0);
        assertThat(measured.checked("codes")).isEqualTo(stays ? WORKERS : 0);
        assertThat(measured.checked("unseen")).isEqualTo(stays ? 0 : WORKERS);
        assertThat(measured.ready()).containsEntry("lock", stays ? "held" : "refused");
        assertThat(measured.checked()).as("the former one is gone by then").containsEntry("lock", "held");
    }
}
