package io.pm2j.proxy;

import io.pm2j.proxy.forward.Count;
import io.pm2j.proxy.forward.Loop;
import io.pm2j.proxy.forward.Tally;
import io.pm2j.proxy.http.Violation;
import java.util.List;
import java.util.function.ToLongFunction;

/// What the data path has counted since its start, summed over the event loops; any thread.
public final class ProxyCounters {
    private final List<Loop> loops;

    ProxyCounters(List<Loop> loops) {
        this.loops = loops;
    }

    public long of(Count what) {
        return sum(tally -> tally.of(what));
    }

    public long refused(Violation why) {
        return sum(tally -> tally.of(why));
    }

    /// Connections of clients that are open now.
    public long openConnections() {
        return of(Count.CONNECTIONS_ACCEPTED) - of(Count.CONNECTIONS_CLOSED);
    }

    /// Clients whose datagrams are passed on now.
    public long openDatagramSessions() {
        return of(Count.DATAGRAM_SESSIONS_OPENED) - of(Count.DATAGRAM_SESSIONS_CLOSED);
    }

    private long sum(ToLongFunction<Tally> one) {
        return loops.stream().map(Loop::tally).mapToLong(one).sum();
    }
}
