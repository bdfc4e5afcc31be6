package io.pm2j.proxy.health;

import static io.pm2j.proxy.health.Ejection.Event.FAILURE;
import static io.pm2j.proxy.health.Ejection.Event.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.edge.HealthSpec;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EjectionTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    /// The clock may begin anywhere.
    private static final long START = Long.MAX_VALUE - 30 * SECOND;

    private static Ejection failures(Ejection before, int count, long now) {
        Ejection after = before;
        for (int i = 0; i < count; i++) {
            after = after.step(FAILURE, now, 0.5);
        }
        return after;
    }

    @Test
    void fiveInARowEject() {
        assertThat(failures(Ejection.NOTHING, 4, START).out(START)).isFalse();
        Ejection out = failures(Ejection.NOTHING, 5, START);
        assertThat(out.out(START)).isTrue();
        assertThat(out.out(START + SECOND - 1)).isTrue();
        assertThat(out.out(START + SECOND)).isFalse();
    }

    @Test
    void oneSuccessBetweenForgivesWhatWasInARow() {
        Ejection four = failures(Ejection.NOTHING, 4, START).step(SUCCESS, START, 0.5);
        assertThat(failures(four, 4, START).out(START)).isFalse();
        assertThat(failures(four, 5, START).out(START)).isTrue();
    }

    @Test
    void successesThatChangeNothingMakeNothing() {
        assertThat(Ejection.NOTHING.step(SUCCESS, START, 0.5)).isSameAs(Ejection.NOTHING);
        Ejection out = failures(Ejection.NOTHING, 5, START);
        assertThat(out.step(SUCCESS, START, 0.5)).isSameAs(out);
        assertThat(out.step(FAILURE, START, 0.5)).isSameAs(out);
    }

    @Test
    void onProbationOneFailureEjectsForTwiceAsLong() {
        long now = START;
        Ejection held = failures(Ejection.NOTHING, 5, now);
        for (int expected = 2; expected <= 64; expected *= 2) {
            now = held.untilNanos();
            held = held.step(FAILURE, now, 0.5);
            assertThat(held.lengthNanos()).isEqualTo(Math.min(expected, 60) * SECOND);
        }
    }

    @Test
    void afterProbationAllIsForgotten() {
        Ejection held = failures(Ejection.NOTHING, 5, START);
        long later = held.untilNanos() + held.lengthNanos();
        assertThat(failures(held, 4, later).out(later)).isFalse();
        Ejection again = failures(held, 5, later);
        assertThat(again.lengthNanos()).isEqualTo(SECOND);
    }

    @ParameterizedTest
    @CsvSource({"0, 0.8", "0.5, 1", "1, 1.2"})
    void theLengthVaries(double chance, double seconds) {
        Ejection out = failures(Ejection.NOTHING, 4, START).step(FAILURE, START, chance);
        assertThat(out.lengthNanos() / (double) SECOND)
                .isEqualTo(seconds, org.assertj.core.api.Assertions.within(1e-6));
    }

    @Test
    void verdictsTakeTheirThresholds() {
        HealthSpec spec = HealthSpec.at("/");
        Verdict verdict = Verdict.WELL.after(false, spec).after(false, spec);
        assertThat(verdict.well()).isTrue();
        assertThat(verdict.after(true, spec)
                        .after(false, spec)
                        .after(false, spec)
                        .well())
                .isTrue();
        Verdict bad = verdict.after(false, spec);
        assertThat(bad.well()).isFalse();
        assertThat(bad.after(true, spec).well()).isFalse();
        assertThat(bad.after(true, spec).after(true, spec)).isEqualTo(Verdict.WELL);
        assertThat(Verdict.WELL.after(true, spec)).isSameAs(Verdict.WELL);
    }

    @ParameterizedTest
    @CsvSource({"199, false", "200, true", "399, true", "400, false", "503, false"})
    void statusesAreGoodInTheirRange(int status, boolean good) {
        ProbeResult answer = new ProbeResult.Answered(status, Duration.ZERO);
        assertThat(Verdict.good(answer, HealthSpec.at("/"))).isEqualTo(good);
        assertThat(Verdict.good(new ProbeResult.Failed("why", Duration.ZERO), HealthSpec.at("/")))
                .isFalse();
    }
}
