package io.pm2j.proxy.health;

import io.pm2j.proxy.upstream.Endpoint;
import io.pm2j.proxy.upstream.Upstream;
import io.pm2j.proxy.upstream.UpstreamSpec;
import io.pm2j.proxy.upstream.Watch;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Looks after one endpoint: ejects it when requests fail there, and has it asked whether it is well.
public final class HealthWatch implements Watch {
    private final Upstream upstream;
    private final Endpoint endpoint;
    private final Prober prober;
    private final AtomicReference<Ejection> ejection = new AtomicReference<>(Ejection.NOTHING);
    private @Nullable Probing probing;

    private HealthWatch(Upstream upstream, Endpoint endpoint, Prober prober) {
        this.upstream = upstream;
        this.endpoint = endpoint;
        this.prober = prober;
    }

    /// Endpoints are shared out among `probers`, one for each event loop.
    public static Watch.Maker among(List<Prober> probers) {
        return (upstream, endpoint) -> new HealthWatch(
                upstream, endpoint, probers.get(Math.floorMod(endpoint.spec().id(), probers.size())));
    }

    @Override
    public void admitted(UpstreamSpec spec) {
        leftOut();
        spec.health().ifPresent(health -> {
            Probing next = new Probing(upstream, endpoint, prober, health);
            probing = next;
            next.start();
        });
    }

    @Override
    public void leftOut() {
        Probing running = probing;
        probing = null;
        if (running != null) {
            running.stop();
        }
    }

    @Override
    public void failed() {
        step(Ejection.Event.FAILURE);
    }

    @Override
    public void succeeded() {
        step(Ejection.Event.SUCCESS);
    }

    private void step(Ejection.Event event) {
        long now = System.nanoTime();
        double chance = ThreadLocalRandom.current().nextDouble();
        for (; ; ) {
            Ejection before = ejection.get();
            Ejection after = before.step(event, now, chance);
            if (after.equals(before)) {
                return;
            }
            if (ejection.compareAndSet(before, after)) {
                if (after.out(now)) {
                    upstream.eject(endpoint, after.lengthNanos());
                }
                return;
            }
        }
    }
}
