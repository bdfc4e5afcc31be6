package io.pm2j.supervisor.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.pm2j.config.spec.RolloutSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class RolloutPlanTest {
    private static final Duration MIN_UPTIME = Duration.ofSeconds(1);
    private static final List<Integer> FIVE = List.of(1, 2, 3, 4, 5);

    @Test
    void replacesOneBesideTheOthersByDefault() {
        RolloutPlan<Integer> plan = plan(RolloutSpec.DEFAULT, ReloadTerms.USUAL);

        assertThat(plan.batches())
                .extracting(RolloutPlan.Batch::beside)
                .containsExactly(List.of(1), List.of(2), List.of(3), List.of(4), List.of(5));
        assertThat(plan.batches()).allMatch(batch -> batch.inPlace().isEmpty());
        assertThat(plan.bake()).isEqualTo(MIN_UPTIME);
    }

    @Test
    void letsAsManyBeMissingAsMayBe() {
        RolloutSpec spec = new RolloutSpec(2, 1, Optional.of(Duration.ofSeconds(9)));

        RolloutPlan<Integer> plan = plan(spec, ReloadTerms.USUAL);

        assertThat(plan.batches())
                .containsExactly(
                        new RolloutPlan.Batch<>(List.of(1), List.of(2, 3)),
                        new RolloutPlan.Batch<>(List.of(4), List.of(5)));
        assertThat(plan.bake()).isEqualTo(Duration.ofSeconds(9));
    }

    @Test
    void doesWhatWasTypedRatherThanWhatTheSpecSays() {
        RolloutSpec spec = new RolloutSpec(0, 1, Optional.empty());

        RolloutPlan<Integer> plan = plan(spec, new ReloadTerms(OptionalInt.of(5), true, true));

        assertThat(plan.batches()).containsExactly(new RolloutPlan.Batch<>(List.of(), FIVE));
        assertThat(plan.bake()).isZero();
    }

    private static RolloutPlan<Integer> plan(RolloutSpec spec, ReloadTerms terms) {
        return RolloutPlan.of(FIVE, spec, MIN_UPTIME, terms);
    }
}
