package io.pm2j.bench.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The fates counted so far. Confined to the load loop.
final class Tally {
    private final long startNanos = System.nanoTime();
    private final Latencies latencies = new Latencies();
    private final List<Failure> failures = new ArrayList<>();
    private final Set<String> acknowledged = new HashSet<>();
    private long ok;
    private long posts;
    private long sent;
    private long lastAnswerNanos = startNanos;
    private long longestGapNanos;

    void answered(Call call) {
        settled(call);
        ok++;
        long nowNanos = System.nanoTime();
        longestGapNanos = Math.max(longestGapNanos, nowNanos - lastAnswerNanos);
        lastAnswerNanos = nowNanos;
        if (call.post()) {
            acknowledged.add(call.id());
        }
    }

    void failed(Call call, Failure.Kind kind, int status, String detail) {
        settled(call);
        long atMillis = (System.nanoTime() - startNanos) / 1_000_000;
        failures.add(new Failure(kind, call.post(), call.id(), status, detail, atMillis));
    }

    /// Bytes on a connection without a request: somebody got an answer that was not theirs.
    void unasked(int count) {
        long atMillis = (System.nanoTime() - startNanos) / 1_000_000;
        failures.add(
                new Failure(Failure.Kind.MALFORMED, false, "none", 0, count + " bytes nobody asked for", atMillis));
    }

    long settled() {
        return sent;
    }

    LoadReport report(SlowReaders slow) {
        failures.addAll(slow.failures());
        return new LoadReport(
                sent,
                ok,
                posts,
                failures,
                acknowledged,
                slow.answers(),
                latencies.micros(0.5),
                latencies.micros(0.99),
                latencies.micros(0.999),
                Duration.ofNanos(longestGapNanos),
                Duration.ofNanos(System.nanoTime() - startNanos));
    }

    private void settled(Call call) {
        sent++;
        if (call.post()) {
            posts++;
        }
        latencies.add(System.nanoTime() - call.dueNanos());
    }
}
