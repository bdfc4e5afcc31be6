package io.pm2j.supervisor.traffic;

import io.pm2j.config.Address;
import io.pm2j.config.AppName;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/// The supervisor's only view of whoever carries traffic to its workers.
///
/// Desired sets, not add and remove: a crash, a scale and a reload are the same call, and a lost call cannot leave a
/// ghost.
public interface TrafficGate {
    /// Why no connection can be handed to a worker ([Reach.Handed]), as a whole sentence; empty when it can.
    default String noHandover() {
        return "";
    }

    /// Opens `wanted` on the edge for `app`, or finds it open already for the same app. Clients
    /// that connect before a worker is admitted wait.
    ///
    /// @return the address that is open: `wanted`, with a real port in the place of port 0
    /// @throws AddressTaken when somebody else, or another app, has the address
    Address open(AppName app, Address wanted) throws AddressTaken;

    /// Makes `ready` the exact set of endpoints that may be given new requests for `app`, over all its listeners.
    /// Idempotent, the last call wins; once it returns, no new request goes to an endpoint left out.
    void admit(AppName app, Set<Endpoint> ready);

    /// Whether a worker of `app` may be expected soon. While none is there and none is expected, new requests need not
    /// wait. Idempotent; it is as long as nothing else is said.
    default void expect(AppName app, boolean somebody) {}

    /// As [#admit(AppName, Set)], some of them on trial. A gate that cannot tell requests apart treats all alike.
    default void admit(AppName app, Set<Endpoint> ready, Optional<Trial> trial) {
        admit(app, ready);
    }

    /// Requests for `app` wait so long when no worker is ready, and are refused then.
    default void hold(AppName app, Duration limit) {}

    /// Whether `worker`, which is admitted, gets nothing because requests or probes fail there.
    default boolean isUnwell(AppName app, long worker) {
        return false;
    }

    /// Waits until nothing is in flight on `worker` and no connection to it is kept, or until `limit` has passed.
    Drained awaitIdle(AppName app, long worker, Duration limit) throws InterruptedException;

    /// Waits until nothing but streams is in flight on `worker`, or until `limit` has passed.
    Drained awaitAnswered(AppName app, long worker, Duration limit) throws InterruptedException;

    /// Ends the streams of `worker`, each at some moment within `over`.
    void endStreams(AppName app, long worker, Duration over);

    /// Asks a worker that is not admitted yet: `GET path`, at most for `limit`.
    ///
    /// @return the status of its answer; 0 when there was none
    int ask(Endpoint endpoint, String path, Duration limit) throws InterruptedException;

    /// Keeps exactly these listeners of `app` open and closes its others; what is in flight on
    /// them is answered. An empty set closes them all.
    void keep(AppName app, Set<Address> listeners);

    /// The app is gone and its listeners are closed: an app of that name that comes later begins
    /// with what is usual.
    default void forget(AppName app) {}

    /// The address cannot be had; the message is a whole sentence that names the holder where it is known.
    final class AddressTaken extends Exception {
        private static final long serialVersionUID = 1L;

        /// The errno that an app's own bind would have got, such as 98 (EADDRINUSE) or 13 (EACCES).
        private final int errno;

        public AddressTaken(String sentence, int errno) {
            super(sentence);
            this.errno = errno;
        }

        public String sentence() {
            return String.valueOf(getMessage());
        }

        public int errno() {
            return errno;
        }
    }
}
