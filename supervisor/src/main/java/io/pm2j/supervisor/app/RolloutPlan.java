package io.pm2j.supervisor.app;

import io.pm2j.config.spec.RolloutSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// In which order workers are replaced, and how long the new ones must serve before the last old ones go. Pure.
record RolloutPlan<T>(List<Batch<T>> batches, Duration bake) {
    /// Replaced at the same time: `inPlace` end before their successors start, `beside` once theirs are ready.
    record Batch<T>(List<T> inPlace, List<T> beside) {
        Batch {
            inPlace = List.copyOf(inPlace);
            beside = List.copyOf(beside);
        }
    }

    RolloutPlan {
        batches = List.copyOf(batches);
    }

    static <T> RolloutPlan<T> of(List<T> chosen, RolloutSpec spec, Duration minUptime, ReloadTerms terms) {
        int beside = terms.parallel().orElse(spec.surge());
        int inPlace = terms.parallel().isPresent() ? 0 : spec.maxUnavailable();
        List<Batch<T>> batches = new ArrayList<>();
        for (int from = 0; from < chosen.size(); from += beside + inPlace) {
            List<T> some = chosen.subList(from, Math.min(chosen.size(), from + beside + inPlace));
            int first = Math.min(inPlace, some.size());
            batches.add(new Batch<>(some.subList(0, first), some.subList(first, some.size())));
        }
        boolean proves = terms.rollback() && !terms.force();
        return new RolloutPlan<>(batches, proves ? spec.bake().orElse(minUptime) : Duration.ZERO);
    }
}
