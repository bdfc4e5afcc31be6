package io.pm2j.supervisor.traffic;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/// A gate without an edge: opens anything but what it was told is taken, and writes down what it was asked, in order.
public final class FakeTrafficGate implements TrafficGate {
    /// What was asked: `open [::]:3000`, `admit [1, 2]`, `idle 1`, `keep []`.
    public final List<String> asked = new CopyOnWriteArrayList<>();

    public volatile Set<Endpoint> admitted = Set.of();
    public volatile boolean taken;
    /// While it is up, nobody becomes idle.
    public volatile CountDownLatch busy = new CountDownLatch(0);

    @Override
    public Address open(AppName app, Address wanted) throws AddressTaken {
        asked.add("open " + wanted);
        if (taken) {
            throw new AddressTaken(wanted + " is in use by pid 1", 98);
        }
        return wanted instanceof Address.Tcp(String host, int port) && port == 0
                ? new Address.Tcp(host, 40_000)
                : wanted;
    }

    @Override
    public void admit(AppName app, Set<Endpoint> ready) {
        asked.add("admit "
                + ready.stream().map(Endpoint::worker).distinct().sorted().toList());
        admitted = ready;
    }

    /// Whether nobody becomes idle who has streams.
    public volatile boolean keepsStreams;

    @Override
    public Drained awaitIdle(AppName app, long worker, Duration limit) throws InterruptedException {
        busy.await();
        while (keepsStreams && streams > 0) {
            Thread.sleep(10);
        }
        asked.add("idle " + worker);
        return new Drained.Idle(Duration.ZERO);
    }

    /// So many streams has every worker until they are ended.
    public volatile int streams;
    /// What a worker that is asked answers with.
    public volatile int status = 200;

    @Override
    public Drained awaitAnswered(AppName app, long worker, Duration limit) throws InterruptedException {
        busy.await();
        asked.add((streams > 0 ? "answered " : "idle ") + worker);
        return streams > 0 ? new Drained.Streaming(streams) : new Drained.Idle(Duration.ZERO);
    }

    @Override
    public void endStreams(AppName app, long worker, Duration over) {
        asked.add("end streams " + worker);
        streams = 0;
    }

    @Override
    public int ask(Endpoint endpoint, String path, Duration limit) {
        asked.add("ask " + endpoint.worker() + " " + path);
        return status;
    }

    @Override
    public void keep(AppName app, Set<Address> listeners) {
        asked.add("keep " + listeners);
    }

    @Override
    public void forget(AppName app) {
        asked.add("forget " + app);
    }

    /// The workers that may get requests.
    public Set<Long> workers() {
        return admitted.stream().map(Endpoint::worker).collect(java.util.stream.Collectors.toSet());
    }
}
