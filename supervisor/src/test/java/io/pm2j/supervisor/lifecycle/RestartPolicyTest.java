package io.pm2j.supervisor.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.RestartSpec;
import io.pm2j.supervisor.lifecycle.RestartPolicy.Decision;
import io.pm2j.supervisor.lifecycle.RestartPolicy.History;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RestartPolicyTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @Test
    void restartsAtOnceWithoutADelay() {
        assertThat(RestartPolicy.afterExit(rules(0, 0), History.NONE, 1, LONG, 0))
                .isEqualTo(new Decision.Again(Duration.ZERO, History.NONE));
    }

    @Test
    void givesUpAtTheLastUnstableExitOfTheWindow() {
        Decision decision = new Decision.Again(Duration.ZERO, History.NONE);
        for (int i = 0; i < 3; i++) {
            assertThat(decision).isInstanceOf(Decision.Again.class);
            decision = RestartPolicy.afterExit(rules(0, 0), decision.history(), 1, Duration.ofMillis(999), i * 900L);
        }
        assertThat(decision).isInstanceOf(Decision.GiveUp.class);
    }

    @Test
    void countsALoopThatBeginsLate() {
        // PM2 counts in the first 16 s after the start only.
        long weekLater = Duration.ofDays(7).toMillis();
        History history = RestartPolicy.afterExit(rules(0, 0), History.NONE, 1, Duration.ofDays(7), weekLater)
                .history();
        for (int i = 1; i < 3; i++) {
            history = RestartPolicy.afterExit(rules(0, 0), history, 1, Duration.ZERO, weekLater + i)
                    .history();
        }
        assertThat(RestartPolicy.afterExit(rules(0, 0), history, 1, Duration.ZERO, weekLater + 3))
                .isInstanceOf(Decision.GiveUp.class);
    }

    @Test
    void forgetsWhatIsOlderThanTheWindow() {
        History old = new History(List.of(0L, 1L), Duration.ZERO);
        assertThat(RestartPolicy.afterExit(rules(0, 0), old, 1, Duration.ZERO, 3_002))
                .isEqualTo(new Decision.Again(Duration.ZERO, new History(List.of(3_002L), Duration.ZERO)));
    }

    @Test
    void widensTheWindowByTheDelay() {
        History old = new History(List.of(0L, 1_000L), Duration.ZERO);
        assertThat(RestartPolicy.afterExit(rules(2_000, 0), old, 1, Duration.ZERO, 8_999))
                .isInstanceOf(Decision.GiveUp.class);
    }

    @Test
    void growsTheBackOffByHalfUpToFifteenSeconds() {
        List<Long> delays = new ArrayList<>();
        History history = History.NONE;
        for (int i = 0; i < 16; i++) {
            Decision decision = RestartPolicy.afterExit(rules(0, 100), history, 1, Duration.ofSeconds(2), i);
            delays.add(((Decision.Again) decision).after().toMillis());
            history = decision.history();
        }
        assertThat(delays).startsWith(100L, 150L, 225L, 337L, 505L, 757L).endsWith(12_921L, 15_000L, 15_000L, 15_000L);
        Decision stable = RestartPolicy.afterExit(rules(0, 100), history, 1, Duration.ofSeconds(31), 99);
        assertThat(stable.history().backoff()).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void staysDownAfterAFinalExitCodeAndWithoutAutorestart() {
        assertThat(RestartPolicy.afterExit(rules(0, 0), History.NONE, 42, LONG, 0))
                .isEqualTo(new Decision.Enough(History.NONE));
        RestartSpec r = rules(0, 0);
        RestartSpec once = new RestartSpec(
                false, r.minUptime(), 3, r.delay(), r.backoff(), Set.of(), r.maxMemoryBytes(), r.cron(), r.watchdog());
        assertThat(RestartPolicy.afterExit(once, History.NONE, 1, LONG, 0))
                .isEqualTo(new Decision.Enough(History.NONE));
    }

    private static RestartSpec rules(long delayMillis, long backoffMillis) {
        return new RestartSpec(
                true,
                Duration.ofSeconds(1),
                3,
                Duration.ofMillis(delayMillis),
                Duration.ofMillis(backoffMillis),
                Set.of(42),
                OptionalLong.empty(),
                Optional.empty(),
                Duration.ZERO);
    }
}
