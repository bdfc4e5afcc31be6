package io.pm2j.bench.load;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What happened to every request of a [LoadPlan].
///
/// @param sent requests whose fate is known
/// @param ok answered with a whole 2xx, and with their id when the plan asks for it
/// @param posts how many of `sent` were POSTs
/// @param failures all that were not `ok`
/// @param acknowledged ids of the POSTs answered with a 2xx
/// @param slowAnswers large answers read to the end by slow readers
/// @param p50Micros median latency, from the moment the request was due
/// @param p99Micros the same, 99 of 100
/// @param p999Micros the same, 999 of 1000
/// @param longestGap the longest time in which nothing was answered
/// @param took from the first request to the last answer
public record LoadReport(
        long sent,
        long ok,
        long posts,
        List<Failure> failures,
        Set<String> acknowledged,
        long slowAnswers,
        long p50Micros,
        long p99Micros,
        long p999Micros,
        Duration longestGap,
        Duration took) {

    private static final int EXAMPLES = 5;

    public LoadReport {
        failures = List.copyOf(failures);
        acknowledged = Set.copyOf(acknowledged);
    }

    /// How many requests failed, by kind.
    public Map<Failure.Kind, Long> failed() {
        var byKind = new EnumMap<Failure.Kind, Long>(Failure.Kind.class);
        failures.forEach(failure -> byKind.merge(failure.kind(), 1L, Long::sum));
        return byKind;
    }

    /// Ids of the POSTs that were refused with a 502: sent to a worker that died, and not tried again.
    public List<String> postsAnswered502() {
        return failures.stream()
                .filter(failure -> failure.post() && failure.status() == 502)
                .map(Failure::id)
                .toList();
    }

    /// Answered requests per second.
    public long perSecond() {
        return took.toMillis() == 0 ? 0 : sent * 1000 / took.toMillis();
    }

    /// A few lines for a person.
    public String summary() {
        var text = new StringBuilder("%,d requests in %.1f s (%,d/s), %,d of them POSTs: %,d answered, %,d failed%s%n"
                .formatted(
                        sent,
                        took.toMillis() / 1000.0,
                        perSecond(),
                        posts,
                        ok,
                        failures.size(),
                        failures.isEmpty() ? "" : " " + failed()));
        text.append("latency p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms%n"
                .formatted(p50Micros / 1000.0, p99Micros / 1000.0, p999Micros / 1000.0));
        failures.stream()
                .limit(EXAMPLES)
                .forEach(failure -> text.append("  ").append(failure).append('\n'));
        return text.toString();
    }

    /// One line for a program: `load key=value …`.
    public String machineLine() {
        return "load sent=%d ok=%d failed=%d posts=%d posts502=%d p50us=%d p99us=%d p999us=%d seconds=%.3f slow=%d"
                .formatted(
                        sent,
                        ok,
                        failures.size(),
                        posts,
                        postsAnswered502().size(),
                        p50Micros,
                        p99Micros,
                        p999Micros,
                        took.toMillis() / 1000.0,
                        slowAnswers);
    }
}
