package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class MinRateTest {
    private final MinRate rate = new MinRate();

    private MinRate.Verdict judge(long nowMs, long readingSinceMs) {
        return rate.judge(nowMs, readingSinceMs, 500, 10_000);
    }

    @Test
    void waitsUntilTheGraceIsOver() {
        rate.start(1_000);
        assertThat(judge(10_999, 0)).isEqualTo(MinRate.Verdict.WAIT);
        assertThat(rate.endMs()).isEqualTo(11_000);
        assertThat(judge(11_000, 0)).isEqualTo(MinRate.Verdict.TOO_SLOW);
    }

    @Test
    void asksForTheRateInEachGraceAnew() {
        rate.start(0);
        rate.received(1_000_000);
        assertThat(judge(10_000, 0)).isEqualTo(MinRate.Verdict.FAST_ENOUGH);
        rate.received(4_999);
        assertThat(judge(20_000, 0)).isEqualTo(MinRate.Verdict.TOO_SLOW);
    }

    @Test
    void isContentWithExactlyTheRate() {
        rate.start(0);
        rate.received(5_000);
        assertThat(judge(10_000, 0)).isEqualTo(MinRate.Verdict.FAST_ENOUGH);
        assertThat(rate.endMs()).isEqualTo(20_000);
    }

    @Test
    void startsOverWhenReadingWasHeldBack() {
        rate.start(0);
        assertThat(judge(10_000, 9_000)).isEqualTo(MinRate.Verdict.WAIT);
        assertThat(rate.endMs()).isEqualTo(19_000);
        assertThat(judge(19_000, 9_000)).isEqualTo(MinRate.Verdict.TOO_SLOW);
    }
}
