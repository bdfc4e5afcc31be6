package io.pm2j.daemon.traffic;

import io.pm2j.proxy.Proxy;
import io.pm2j.proxy.upstream.Upstream;
import io.pm2j.supervisor.traffic.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// Upstreams to which nothing leads any more, until what met them before is over.
///
/// A request may have met its route and still be asked who it is, so each stays for a while even if nothing is under
/// way, and is told which workers there are. Any thread.
public final class Leaving {
    /// Longer than anybody is asked whether a request may come in.
    private static final Duration LEAST = Duration.ofMinutes(1);

    private final Proxy proxy;
    private final Duration least;
    private final List<One> all = new ArrayList<>();
    private boolean looking;

    private record One(Upstream upstream, Consumer<Set<Endpoint>> part, long sinceNanos) {}

    public Leaving(Proxy proxy) {
        this(proxy, LEAST);
    }

    Leaving(Proxy proxy, Duration least) {
        this.proxy = proxy;
        this.least = least;
    }

    /// Nothing new is led to `upstream`; nobody asks about its endpoints' health any more.
    public void add(Upstream upstream) {
        add(upstream, _ -> {});
    }

    /// The same, and `part` tells it which workers there are as long as it stays.
    synchronized void add(Upstream upstream, Consumer<Set<Endpoint>> part) {
        proxy.retire(upstream);
        upstream.describe(upstream.spec().withHealth(Optional.empty()));
        all.add(new One(upstream, part, System.nanoTime()));
        if (!looking) {
            looking = true;
            Thread.ofVirtual().name("leaving upstreams").start(this::look);
        }
    }

    /// Nothing counted on `upstream` ever: it is gone at once, unless somebody was quick.
    public void drop(Upstream upstream) {
        proxy.retire(upstream);
        if (upstream.end()) {
            proxy.forget(upstream);
        } else {
            add(upstream);
        }
    }

    synchronized void admit(Set<Endpoint> ready) {
        all.forEach(one -> one.part.accept(ready));
    }

    synchronized List<Upstream> upstreams() {
        return all.stream().map(One::upstream).toList();
    }

    private void look() {
        try {
            do {
                Thread.sleep(least);
            } while (someStay());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean someStay() {
        long now = System.nanoTime();
        for (One one : List.copyOf(all)) {
            if (now - one.sinceNanos >= least.toNanos() && one.upstream.quiet() && one.upstream.end()) {
                all.remove(one);
                proxy.forget(one.upstream);
            }
        }
        looking = !all.isEmpty();
        return looking;
    }
}
