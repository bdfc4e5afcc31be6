package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RetryTest {
    @ParameterizedTest
    @CsvSource({
        "NOTHING_WRITTEN, false, true, 0, true, AGAIN",
        "NOTHING_WRITTEN, false, true, 2, true, LATER",
        "NOTHING_WRITTEN, false, true, 2, false, BAD_GATEWAY",
        "NOTHING_WRITTEN, true, false, 0, true, BAD_GATEWAY",
        "NO_RESPONSE_BYTE, true, true, 0, true, AGAIN",
        "NO_RESPONSE_BYTE, true, true, 2, true, BAD_GATEWAY",
        "NO_RESPONSE_BYTE, true, false, 0, true, BAD_GATEWAY",
        "NO_RESPONSE_BYTE, false, true, 0, true, BAD_GATEWAY",
        "RESPONSE_BEGUN, true, true, 0, true, ABORT"
    })
    void decides(
            Retry.Reached reached,
            boolean idempotent,
            boolean replayable,
            int tries,
            boolean patient,
            Retry.Decision decision) {
        assertThat(Retry.decide(reached, idempotent, replayable, tries, patient))
                .isEqualTo(decision);
    }
}
