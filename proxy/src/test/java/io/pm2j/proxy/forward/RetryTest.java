package io.pm2j.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.edge.RetrySpec;
import io.pm2j.config.spec.edge.RetrySpec.Cause;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RetryTest {
    private static final RetrySpec ALL = new RetrySpec(2, EnumSet.allOf(Cause.class), false);

    @ParameterizedTest
    @CsvSource({
        "NOTHING_WRITTEN, false, true, 0, false, true, AGAIN",
        "NOTHING_WRITTEN, false, true, 2, true, true, LATER",
        "NOTHING_WRITTEN, false, true, 2, true, false, BAD_GATEWAY",
        "NOTHING_WRITTEN, true, false, 0, true, true, BAD_GATEWAY",
        "NO_RESPONSE_BYTE, true, true, 0, true, true, AGAIN",
        "NO_RESPONSE_BYTE, true, true, 0, false, true, BAD_GATEWAY",
        "NO_RESPONSE_BYTE, true, true, 2, true, true, BAD_GATEWAY",
        "NO_RESPONSE_BYTE, true, false, 0, true, true, BAD_GATEWAY",
        "NO_RESPONSE_BYTE, false, true, 0, true, true, BAD_GATEWAY",
        "ANSWERED_UNAVAILABLE, true, true, 0, true, true, AGAIN",
        "ANSWERED_UNAVAILABLE, true, true, 0, false, true, PASS_ON",
        "ANSWERED_UNAVAILABLE, true, true, 2, true, true, PASS_ON",
        "ANSWERED_UNAVAILABLE, true, false, 0, true, true, PASS_ON",
        "ANSWERED_UNAVAILABLE, false, true, 0, true, true, PASS_ON",
        "RESPONSE_BEGUN, true, true, 0, true, true, ABORT"
    })
    void decides(
            Retry.Reached reached,
            boolean repeatable,
            boolean replayable,
            int tries,
            boolean budget,
            boolean patient,
            Retry.Decision decision) {
        assertThat(Retry.decide(reached, ALL, repeatable, replayable, tries, budget, patient))
                .isEqualTo(decision);
    }

    @ParameterizedTest
    @CsvSource({"NOTHING_WRITTEN, BAD_GATEWAY", "NO_RESPONSE_BYTE, BAD_GATEWAY", "ANSWERED_UNAVAILABLE, PASS_ON"})
    void doesNothingAgainForACauseThatIsNotWished(Retry.Reached reached, Retry.Decision decision) {
        RetrySpec none = new RetrySpec(2, Set.of(), true);
        assertThat(Retry.decide(reached, none, true, true, 0, true, true)).isEqualTo(decision);
    }

    @Test
    void withoutTriesOnlyWaitsForAConnection() {
        RetrySpec once = new RetrySpec(0, EnumSet.allOf(Cause.class), false);
        assertThat(Retry.decide(Retry.Reached.NO_RESPONSE_BYTE, once, true, true, 0, true, true))
                .isEqualTo(Retry.Decision.BAD_GATEWAY);
        assertThat(Retry.decide(Retry.Reached.NOTHING_WRITTEN, once, true, true, 0, true, true))
                .isEqualTo(Retry.Decision.LATER);
    }

    @Test
    void repeatsWhatMethodClientOrRouteSays() {
        RetrySpec unsafe = new RetrySpec(2, EnumSet.allOf(Cause.class), true);
        assertThat(Retry.repeatable(false, false, ALL)).isFalse();
        assertThat(Retry.repeatable(true, false, ALL)).isTrue();
        assertThat(Retry.repeatable(false, true, ALL)).isTrue();
        assertThat(Retry.repeatable(false, false, unsafe)).isTrue();
    }

    @Test
    void theBudgetIsAFifthOfTheRequests() {
        RetryBudget budget = new RetryBudget(0);
        int again = 0;
        for (int i = 0; i < 10_000; i++) {
            budget.request();
            if (budget.has(0)) {
                budget.take();
                again++;
            }
        }
        assertThat(again).as("and the hundred saved up").isBetween(2_095, 2_100);
    }

    @Test
    void theBudgetHasAFloorAndACeiling() {
        RetryBudget budget = new RetryBudget(0);
        int again = 0;
        for (long ms = 0; ms < 10_000; ms++) {
            if (budget.has(ms)) {
                budget.take();
                again++;
            }
        }
        assertThat(again).as("a hundred at once, ten a second").isEqualTo(190);
        for (int i = 0; i < 1_000_000; i++) {
            budget.request();
        }
        int burst = 0;
        for (; budget.has(9_999); burst++) {
            budget.take();
        }
        assertThat(burst).isEqualTo(100);
    }
}
