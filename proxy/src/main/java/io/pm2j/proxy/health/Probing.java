package io.pm2j.proxy.health;

import io.pm2j.config.spec.edge.HealthSpec;
import io.pm2j.proxy.upstream.Endpoint;
import io.pm2j.proxy.upstream.Upstream;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// Asks one endpoint again and again, the next time only after it has answered.
final class Probing {
    /// So much to either side, so that not all are asked at once.
    private static final double JITTER = 0.1;
    private static final long FIRST_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Upstream upstream;
    private final Endpoint endpoint;
    private final Prober prober;
    private final HealthSpec spec;
    private Verdict verdict = Verdict.WELL;
    private volatile boolean stopped;

    Probing(Upstream upstream, Endpoint endpoint, Prober prober, HealthSpec spec) {
        this.upstream = upstream;
        this.endpoint = endpoint;
        this.prober = prober;
        this.spec = spec;
    }

    void start() {
        long within = Math.min(TimeUnit.NANOSECONDS.convert(spec.interval()), FIRST_WITHIN_NANOS);
        prober.after((long) (within * ThreadLocalRandom.current().nextDouble()), this::ask);
    }

    void stop() {
        stopped = true;
    }

    private void ask() {
        if (!stopped) {
            prober.ask(endpoint.spec().origin(), spec.path(), spec.timeout()).thenAccept(this::judge);
        }
    }

    private void judge(ProbeResult result) {
        if (stopped) {
            return;
        }
        Verdict before = verdict;
        verdict = before.after(Verdict.good(result, spec), spec);
        if (verdict.well() != before.well()) {
            upstream.well(endpoint, verdict.well());
            Prober.LOG.info(
                    "{}: endpoint {} is {}: {}",
                    upstream.name(),
                    endpoint.spec().id(),
                    verdict.well() ? "well again" : "not well",
                    result);
        }
        double part = 1 - JITTER + 2 * JITTER * ThreadLocalRandom.current().nextDouble();
        prober.after((long) (TimeUnit.NANOSECONDS.convert(spec.interval()) * part), this::ask);
    }
}
