package io.pm2j.supervisor.traffic;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import java.time.Duration;
import java.util.Set;

/// The gate of a supervisor without an edge: nothing can be opened, and every worker is idle.
public final class NoTraffic implements TrafficGate {
    @Override
    public Address open(AppName app, Address wanted) throws AddressTaken {
        throw new AddressTaken("there is no edge to open " + wanted + " on", 95);
    }

    @Override
    public void admit(AppName app, Set<Endpoint> ready) {}

    @Override
    public Drained awaitIdle(AppName app, long worker, Duration limit) {
        return new Drained.Idle(Duration.ZERO);
    }

    @Override
    public Drained awaitAnswered(AppName app, long worker, Duration limit) {
        return new Drained.Idle(Duration.ZERO);
    }

    @Override
    public void endStreams(AppName app, long worker, Duration over) {}

    @Override
    public int ask(Endpoint endpoint, String path, Duration limit) {
        return 0;
    }

    @Override
    public void keep(AppName app, Set<Address> listeners) {}
}
