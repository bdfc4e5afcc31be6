package io.pm2j.supervisor.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.supervisor.lifecycle.RestartPolicy.Decision;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestartPolicyTest {
    private static final Duration DELAY = Duration.ofMillis(50);
    private final RestartPolicy policy = new RestartPolicy(true, Duration.ofSeconds(1), 3, DELAY);

    @ParameterizedTest
    @CsvSource({"1000, 0, 0", "1000, 2, 0", "86400000, 2, 0", "999, 0, 1", "0, 1, 2"})
    void restartsAfterTheDelayAndCountsUnstableExitsInARow(long uptimeMillis, int before, int after) {
        assertThat(policy.afterExit(Duration.ofMillis(uptimeMillis), before))
                .isEqualTo(new Decision.Restart(DELAY, after));
    }

    @Test
    void givesUpAtTheLastUnstableExitInARow() {
        assertThat(policy.afterExit(Duration.ofMillis(5), 2)).isEqualTo(new Decision.GiveUp(3));
    }

    @Test
    void staysDownWithoutAutorestart() {
        RestartPolicy once = new RestartPolicy(false, Duration.ofSeconds(1), 3, DELAY);

        assertThat(once.afterExit(Duration.ZERO, 0)).isEqualTo(new Decision.Stay());
        assertThat(once.afterExit(Duration.ofHours(1), 0)).isEqualTo(new Decision.Stay());
    }

    @Test
    void givesUpWheneverTheLoopBegins() {
        int unstable = 0;
        assertThat(policy.afterExit(Duration.ofDays(1), unstable)).isInstanceOf(Decision.Restart.class);
        for (int i = 0; i < 2; i++) {
            unstable = ((Decision.Restart) policy.afterExit(Duration.ofMillis(1), unstable)).unstable();
        }

        assertThat(policy.afterExit(Duration.ofMillis(1), unstable)).isInstanceOf(Decision.GiveUp.class);
    }
}
